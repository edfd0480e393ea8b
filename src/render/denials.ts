// Denials that a journal tells, for people: what was denied, the message that told it, the line of the unit, the fix.

import type { LoggedDenial } from '../policy/check/logged-denials.ts';
import type { Fix } from '../policy/findings.ts';
import { describe } from './access-text.ts';
import { counted } from './number.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { assignmentText, fixText, placeText } from './violations.ts';

export interface DenialsOf {
  unit: string;
  /** Messages since then were read: seconds since 1970. */
  since: number;
  denials: (LoggedDenial & { fix: Fix | null })[];
}

const WIDEST = 240;

const timeText = (seconds: number): string =>
  new Date(seconds * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

const cut = (text: string): string => (text.length > WIDEST ? `${text.slice(0, WIDEST)}…` : text);

/** What to do about a denial whose message does not name what was denied. */
const wayOut = (outcome: string): string =>
  outcome === '226/NAMESPACE'
    ? 'create the path before the service starts, or write it with a - in front'
    : 'the message does not name what was denied: allowtrace service diagnose tells it';

function block(
  { outcome, access, message, count, last, by, fix }: DenialsOf['denials'][number],
  style: Style,
): string[] {
  const what = access === null ? '' : `  ${printable(describe(access))}`;
  const often = count === 1 ? timeText(last) : `${count}×, last ${timeText(last)}`;
  const lines = by.map(line => `${placeText(line.at)}: ${assignmentText(line)}`);
  return [
    `${style.red('✗')} ${style.bold(`${outcome}${what}`)}  ${style.dim(often)}`,
    `    ${printable(cut(message))}`,
    ...(lines.length === 0 ? ['    no line of the unit is known to cause it'] : []),
    ...(lines.length > 1 ? ['    one of these lines denies it:'] : []),
    ...lines.map(line => `    ${cut(line)}`),
    `    ${style.green('→')} ${access === null ? wayOut(outcome) : fixText(fix)}`,
  ];
}

export function denialsText({ unit, since, denials }: DenialsOf, style: Style): string {
  const head = `${printable(unit)}: ${denials.length === 0 ? 'no denial' : counted(denials.length, 'denial')} in its journal since ${timeText(since)}`;
  return `${[head, ...denials.flatMap(denial => ['', ...block(denial, style)])].join('\n')}\n`;
}
