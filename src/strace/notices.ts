// The lines that are no calls: ends of split calls, signals, exits, strace's messages about itself. Patterns only, nothing is kept.
// Source: strace's print_event_exit(), print_stopped(), droptcb() and error_msg().

import { GREATER, QUESTION } from './characters.ts';

/** `<... name resumed>` and what follows it. */
export interface Resumption {
  name: string;
  rest: string;
}

const RESUMED = /^<\.\.\. ([a-z_][a-zA-Z0-9_]*(?:#64)?) resumed> ?/;

export function readResumption(body: string): Resumption | null {
  const found = RESUMED.exec(body);
  return found === null ? null : { name: found[1] ?? '', rest: body.slice(found[0].length) };
}

/** Something that happened to a process. */
export type Notice =
  | { kind: 'exit'; status: number }
  | { kind: 'killed'; signal: string }
  | { kind: 'superseded'; oldPid: number }
  | { kind: 'signal'; signal: string }
  | { kind: 'personality'; text: string };

const SIGNAL = /^--- (?:stopped by )?(SIG[A-Z0-9+_]+|[0-9]+)(?: \{.*\})? ---$/;
const EXITED = /^\+\+\+ exited with (\d+) \+\+\+$/;
const KILLED = /^\+\+\+ killed by ([A-Z0-9+_]+) (?:\(core dumped\) )?\+\+\+$/;
const SUPERSEDED = /^\+\+\+ superseded by execve in pid (\d+) \+\+\+$/;
const PERSONALITY = /^(?:strace: )?\[ Process PID=\d+ runs in [^\]]* mode\. \]$/;

/** Until strace 5.5 these were messages: no prefix stood before them. They name the process themselves. */
export const isPersonality = (line: string): boolean => PERSONALITY.test(line);

export function readNotice(body: string): Notice | null {
  const exited = EXITED.exec(body);
  if (exited !== null) return { kind: 'exit', status: Number(exited[1]) };
  const killed = KILLED.exec(body);
  if (killed !== null) return { kind: 'killed', signal: killed[1] ?? '' };
  const superseded = SUPERSEDED.exec(body);
  if (superseded !== null) return { kind: 'superseded', oldPid: Number(superseded[1]) };
  const signal = SIGNAL.exec(body);
  if (signal !== null) return { kind: 'signal', signal: signal[1] ?? '' };
  return isPersonality(body) ? { kind: 'personality', text: body } : null;
}

const SUMMARY = /^(?:% time |------ |System call usage summary|\s*\d+\.\d\d +\d+\.\d{6} )/;

/** What strace prints beside the calls: stack frames (-k), dumps (-e read=), the table of -c. */
export function sideline(text: string): 'stack' | 'dump' | 'summary' | null {
  if (/^ > /.test(text)) return 'stack';
  if (/^ (?:\| | ?\* |= \d+ buffers in vector )/.test(text)) return 'dump';
  return text === '' || SUMMARY.test(text) ? 'summary' : null;
}

const NAMELESS = /^(?:\?\?\?\(|<\.\.\. \?\?\? resumed>)/;

/** A call whose name strace could not ask for: its process was being killed. */
export const isNameless = (body: string): boolean => NAMELESS.test(body);

/** A message of strace's own; `attached`: the process it says it has attached to. */
export interface Message {
  at: number;
  attached: number | undefined;
}

const MESSAGE = /^(?:(?:[^ "(]*\/)?strace: |Try '[^']*strace -h' for more information\.$)/;
const MESSAGE_AT_END = /(?:\.{0,2}\/(?:[\w.+-]+\/)*)?strace: [^"]*$/;
const ATTACHED = /Process (\d+) attached/;

function attached(message: string): number | undefined {
  const found = ATTACHED.exec(message);
  return found === null ? undefined : Number(found[1]);
}

/** A line that is a message. */
export const readMessage = (line: string): Message | null =>
  MESSAGE.test(line) ? { at: 0, attached: attached(line) } : null;

/** A message that landed in the middle of a line (stderr logs); the rest of the line comes behind it. */
export function findMessage(body: string): Message | null {
  const found = MESSAGE_AT_END.exec(body);
  return found === null ? null : { at: found.index, attached: attached(found[0]) };
}

const COLOUR = /\x1b\[[0-9;]*m/g;

/** A line without the colours of strace 7. */
export const withoutColour = (line: string): string => line.replace(COLOUR, '');

const PID_CHANGED = / <pid changed to (\d+) \.\.\.>$/;
const NEVER_RETURNED = / ?<unfinished \.\.\.>(\) += \?(?: <[^>]*>)?)$/;

/** The first half of a thread's execve, and the leader's pid, under which its result will come. */
export function readPidChange(body: string): { head: string; pid: number } | null {
  const found = PID_CHANGED.exec(body);
  return found === null ? null : { head: body.slice(0, found.index), pid: Number(found[1]) };
}

/** A call that will never return is printed with the mark of an unfinished one inside: `exit_group(0 <unfinished ...>) = ?`. */
export function withoutMark(call: string): string {
  const last = call.charCodeAt(call.length - 1);
  const may = (last === QUESTION || last === GREATER) && call.includes('<unfinished ...>)');
  return may ? call.replace(NEVER_RETURNED, '$1') : call;
}
