// Edits in the text of a unit file: comments, order and everything else stay as they are. Pure: text in, text out.
// Source: systemd.syntax(7): a `\` at the end of a line continues it, comment lines in between are skipped.

import { rawWords } from '../policy/check/edits.ts';
import type { Edit } from '../policy/findings.ts';

/** An edit and why it is made; the reasons become comments, so they must be printable and of one line each. */
export interface ReasonedEdit {
  edit: Edit;
  because: readonly string[];
}

const isComment = (line: string): boolean => /^\s*[#;]/.test(line);

/** The index behind the last physical line of the assignment that begins at `from`. */
function endOf(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && (lines[at]?.endsWith('\\') || (at > from && isComment(lines[at] ?? '')))) at++;
  return Math.min(at + 1, lines.length);
}

/** The value of the assignment that begins at `from`, continuations joined. */
function valueAt(lines: readonly string[], from: number): string {
  const text = lines
    .slice(from, endOf(lines, from))
    .filter((line, i) => i === 0 || !isComment(line))
    .map(line => line.replace(/\\$/, ' '))
    .join('');
  return text.slice(text.indexOf('=') + 1).trim();
}

/** Where a line for the section is inserted: behind its last assignment; null when the section is missing. */
function placeFor(lines: readonly string[], section: string): number | null {
  let place: number | null = null;
  let inside = false;
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]?.trim() ?? '';
    if (line.startsWith('[')) inside = line === `[${section}]`;
    const next = line === '' || isComment(line) || line.startsWith('[') ? i + 1 : endOf(lines, i);
    if (inside && line !== '' && !isComment(line)) place = next;
    i = next;
  }
  return place;
}

const commented = ({ because }: ReasonedEdit): string[] => because.map(text => `# ${text.replace(/\\+$/, '')}`);

/**
 * The text with the edits made. `at.line` of replaced and shortened lines counts in `text`. A word that is not there is left alone:
 * whoever asks checks the result anyway.
 */
export function editUnit(text: string, edits: readonly ReasonedEdit[], section: string): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  /** first line → what stands in place of the assignment there. */
  const changed = new Map<number, { name: string; value: string; reasons: string[] }>();
  const added: string[] = [];
  for (const reasoned of edits) {
    const { edit } = reasoned;
    if (edit.action === 'add') {
      const line = `${edit.name}=${edit.value}`;
      if (!added.includes(line)) added.push(...commented(reasoned), line);
      continue;
    }
    const from = edit.at.line - 1;
    const before = changed.get(from) ?? { name: edit.name, value: valueAt(lines, from), reasons: [] };
    const value =
      edit.action === 'replace'
        ? edit.value
        : rawWords(before.value)
            .filter(word => word !== edit.value)
            .join(' ');
    const reasons = [...before.reasons, ...commented(reasoned).filter(reason => !before.reasons.includes(reason))];
    changed.set(from, { name: edit.name, value, reasons });
  }
  const place = placeFor(lines, section);
  const out: string[] = [];
  for (let i = 0; i < lines.length; ) {
    const change = changed.get(i);
    if (i === place) out.push(...added);
    if (change === undefined) {
      out.push(lines[i] ?? '');
      i++;
      continue;
    }
    if (change.value !== '') out.push(...change.reasons, `${change.name}=${change.value}`);
    i = endOf(lines, i);
  }
  if (place === lines.length) out.push(...added);
  if (place === null && added.length > 0) {
    if (out.length > 0) out.push('');
    out.push(`[${section}]`, ...added);
  }
  return `${out.join('\n')}\n`;
}
