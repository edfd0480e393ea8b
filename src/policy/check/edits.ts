// Edits of a unit's lines, as far as what is in force is concerned: no files here (systemd/unit-edit.ts writes them).

import { strictness } from '../directives/table.ts';
import type { Assignment, Edit } from '../findings.ts';
import { listOf } from '../sandbox/settings.ts';

/** Where lines that do not exist yet stand. */
const NOWHERE = { file: '', line: 0 };

/** The words of a value as they are written, quotes and backslashes left in. */
export function rawWords(value: string): string[] {
  return value.match(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|[^\s"'\\])+/gs) ?? [];
}

const sameLine = (assignment: Assignment, edit: Exclude<Edit, { action: 'add' }>): boolean =>
  assignment.name === edit.name && assignment.at.file === edit.at.file && assignment.at.line === edit.at.line;

/** What would be in force after the edits. In a value that is added `%%` stands for `%`. */
export function edited(assignments: readonly Assignment[], edits: readonly Edit[], section: string): Assignment[] {
  let lines = [...assignments];
  for (const edit of edits) {
    if (edit.action === 'add') {
      const value = edit.value.replace(/%%/g, '%');
      lines.push({ section, name: edit.name, value, at: NOWHERE });
    } else if (edit.action === 'replace')
      lines = lines.map(line => (sameLine(line, edit) ? { ...line, value: edit.value } : line));
    else
      lines = lines.flatMap(line => {
        if (!sameLine(line, edit)) return line;
        const rest = rawWords(line.value).filter(word => word !== edit.value);
        return rest.length === 0 ? [] : { ...line, value: rest.join(' ') };
      });
  }
  return lines;
}

/** Does an empty value of either name reset both? */
const isOneList = (a: string, b: string): boolean => listOf(a) !== null && listOf(a) === listOf(b);

/**
 * The same edits, made in `file` alone, which is read last: values that stand elsewhere are set again, and a list of which a word
 * elsewhere must go is reset and written anew.
 */
export function editsWithin(
  file: string,
  assignments: readonly Assignment[],
  edits: readonly Edit[],
  section: string,
): Edit[] {
  const anew = new Set<string>();
  for (const edit of edits)
    if (edit.action !== 'add' && edit.at.file !== file && strictness(edit.name).length === 0)
      for (const { name } of [edit, ...assignments])
        if (name === edit.name || isOneList(name, edit.name)) anew.add(name);
  const kept = edits
    .filter(({ name }) => !anew.has(name))
    .map(
      (edit): Edit =>
        edit.action === 'replace' && edit.at.file !== file
          ? { action: 'add', name: edit.name, value: edit.value }
          : edit,
    );
  const after = edited(assignments, edits, section);
  for (const name of anew) kept.push({ action: 'add', name, value: '' });
  for (const { name, value } of after)
    if (anew.has(name)) kept.push({ action: 'add', name, value: value.replace(/%/g, '%%') });
  return kept;
}
