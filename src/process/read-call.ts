// The one door through which calls come: parsed, and with their constants in words, however strace was told to print them.

import { type Call, type ParseFailure, parseCall, parseUnended } from '../strace/parse.ts';
import { inWords } from './constants/words.ts';
import { cloneFlags } from './effects.ts';

/** strace names the arguments of clone(2); with -e raw=clone it prints them as the kernel of x86 takes them, the flags first. */
function inUsualOrder(text: string, { name, args }: { name: string; args: string[] }): string[] {
  const [flags, stack] = args;
  if (name === 'clone' && flags !== undefined && stack !== undefined && !text.includes('flags='))
    args.splice(0, 2, stack, flags);
  return args;
}

/** Reads a complete call. */
export function readCall(text: string): Call | ParseFailure {
  const call = parseCall(text);
  if (!('why' in call)) inWords(call.name, inUsualOrder(text, call));
  return call;
}

/** Reads what is certain of a call that has not ended. */
export function readHead(head: string): { name: string; args: string[] } | null {
  const call = parseUnended(head);
  if (call !== null) inWords(call.name, inUsualOrder(head, call));
  return call;
}

/** The flags of a clone(2) that has begun, where it is one. */
export const cloneFlagsOf = (head: string): string | null =>
  /^(?:clone|fork|vfork)/.test(head) ? cloneFlags([...(readHead(head)?.args ?? []), head].join(' ')) : null;
