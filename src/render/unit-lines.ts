// Lines of a unit file: comments, and directives of which long lists take several lines. Names are made printable, so that no file name can end a
// comment or a value and become a directive.

import { rawWords } from '../policy/check/edits.ts';
import { DIRECTIVE_ROWS } from '../policy/directives/table.ts';
import type { Directive } from '../policy/policy.ts';
import { printable } from './printable.ts';

/** Columns of a line of words. */
export const WIDTH = 80;

/** systemd reads a backslash at the end of a comment line as no continuation since 239; none is written anyway. */
export const comment = (text: string): string => `# ${printable(text).replace(/\\+$/, '')}`;

/** A sentence in as many lines of comment as it needs. */
export function paragraph(text: string): string[] {
  const lines: string[] = [];
  for (const word of printable(text).split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 3 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((one, index) => comment(index === 0 ? one : `  ${one}`));
}

/** Lists of words that systemd adds up over several lines; so it does with those of paths. */
const ADDS_UP: ReadonlySet<string> = new Set(['SystemCallFilter', 'CapabilityBoundingSet', 'RestrictAddressFamilies']);

const addsUp = (name: string): boolean => {
  const row = DIRECTIVE_ROWS.get(name);
  return ADDS_UP.has(name) || (row?.kind === 'paths' && row.list !== undefined);
};

/** A long list as several lines. A `~` in front of it stands in front of each. */
function wrap(value: string, name: string): string {
  const start = value.startsWith('~') ? `${name}=~` : `${name}=`;
  const lines: string[] = [];
  let line = '';
  for (const word of rawWords(value.slice(start.length - name.length - 1))) {
    if (line !== '' && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? `${start}${word}` : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** A profile may be forged: no name in it becomes a line. */
export const oneLine = (value: string): string => value.replace(/\p{Cc}/gu, char => printable(char));

/** The lines of a directive. */
export function lines({ name, value: asked }: Directive): string {
  const value = oneLine(asked);
  return addsUp(name) && value !== '' ? wrap(value, name) : `${name}=${value}`;
}

/**
 * The lines of a directive in a drop-in; `first`: of its name. What the unit itself allows is dropped first, so that this list is the whole list;
 * one that denies narrows what the unit allows.
 */
export function assignment(directive: Directive, first: boolean): string {
  const { name, value } = directive;
  const reset = first && value !== '' && !value.startsWith('~') && DIRECTIVE_ROWS.get(name)?.list === 'narrows';
  return reset ? `${name}=\n${lines(directive)}` : lines(directive);
}
