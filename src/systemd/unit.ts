// A unit as it would be loaded: its file and drop-ins found, read and put together, its specifiers resolved, what was reset left out.
// It reads files and asks no manager. Sources: systemd.unit(5); `systemctl cat` for the form of its output.

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileTrouble, UsageError } from '../errors.ts';
import type { SyscallSets } from '../policy/effects.ts';
import type { Assignment, Ignored } from '../policy/findings.ts';
import { heeded } from '../policy/sandbox/heeded.ts';
import { inForce } from '../policy/sandbox/settings.ts';
import { readPolicyText } from './policy-text.ts';
import { type Account, type Machine, resolveSpecifiers } from './specifiers.ts';
import { dropinNames, dropinsOf, hasUnitSuffix, isMask, templateOf, unitOfDropin, unitPaths } from './unit-paths.ts';
import { readUnitText } from './unit-text.ts';

export interface LoadedUnit {
  /** `nginx.service`; null when only a drop-in, a proposal or a text without names was given. */
  name: string | null;
  /** What was read, in the order in which it counts. */
  files: string[];
  /** What is in force. */
  assignments: Assignment[];
  /** What systemd ignores of it, with a warning. */
  ignored: Ignored[];
}

export interface UnitOptions {
  /** The systemd that reads the unit: what that ignores is left out, and listed. */
  reader: { systemd: number; sets: SyscallSets };
  /** The instance of a template that was named without one. */
  instance?: string;
  /** The unit belongs to this user's manager; null: to the system's. */
  user: Account | null;
  machine: Machine;
  /** Where units are looked up by name; the usual directories when left out. */
  paths?: readonly string[];
  /** Reads what was piped in, for the operand `-`. */
  stdin?: () => Uint8Array;
  /** A word without `/` is the name of an installed unit, whatever lies in this directory. */
  installed?: true;
  /** Names of drop-ins that are left out, wherever they lie. */
  without?: readonly string[];
}

interface Part {
  name: string | null;
  /** The unit file, when one was read. */
  fragment: string | null;
  files: string[];
  assignments: Assignment[];
  ignored: Ignored[];
}

const EMPTY: Part = { name: null, fragment: null, files: [], assignments: [], ignored: [] };

function read(path: string): Uint8Array {
  try {
    if (statSync(path).isDirectory())
      throw new UsageError('unreadable-unit', `${path}: a directory`, 'name the unit file or the drop-ins in it');
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError('unreadable-unit', `${path}: ${fileTrouble(error)}`, 'name a unit, a unit file or a drop-in');
  }
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** The lines of these texts, and what systemd ignores of them. */
function readTexts(texts: readonly { bytes: Uint8Array; file: string }[]): Pick<Part, 'assignments' | 'ignored'> {
  const ignored: Ignored[] = [];
  const assignments = texts.flatMap(({ bytes, file }) => readUnitText(bytes, file, what => ignored.push(what)));
  return { assignments, ignored };
}

/** A unit file with the drop-ins found in `paths`. */
function unitAt(path: string, name: string, paths: readonly string[]): Part {
  if (isMask(path))
    throw new UsageError('masked', `${path}: the unit is masked`, 'unmask it, or name the file that is meant');
  const files = [path, ...dropinsOf(dropinNames(name), paths)];
  return { name, fragment: path, files, ...readTexts(files.map(file => ({ bytes: read(file), file }))) };
}

/** The name of the file that a symlink leads to. */
function leadsTo(path: string): string {
  try {
    return basename(realpathSync(path));
  } catch {
    return basename(path);
  }
}

function unitNamed(asked: string, options: UnitOptions): Part {
  const paths = options.paths ?? unitPaths(options.user);
  const full = hasUnitSuffix(asked) ? asked : `${asked}.service`;
  const name = options.instance === undefined ? full : full.replace(/@(?=\.)/, `@${options.instance}`);
  for (const candidate of [name, templateOf(name)]) {
    if (candidate === null) continue;
    const path = paths.map(directory => join(directory, candidate)).find(exists);
    if (path === undefined) continue;
    // An alias: the unit's own name is that of the file it leads to.
    const own = leadsTo(path);
    return unitAt(path, hasUnitSuffix(own) && templateOf(name) === null ? own : name, paths);
  }
  throw new UsageError(
    'no-such-unit',
    `${full}: no such unit file in ${paths.filter(exists).join(', ') || 'any directory'}`,
    'name a file, such as ./deploy/nginx.service',
  );
}

/** What a file is, by its text and its name. */
function partAt(path: string, options: UnitOptions): Part {
  const bytes = read(path);
  if (bytes[0] === 0x7b)
    return { ...EMPTY, files: [path], assignments: readPolicyText(Buffer.from(bytes).toString(), path) };
  const file = basename(path);
  if (file.endsWith('.conf') || !hasUnitSuffix(file))
    return { ...EMPTY, name: unitOfDropin(path), files: [path], ...readTexts([{ bytes, file: path }]) };
  const name = options.instance === undefined ? file : file.replace(/@(?=\.)/, `@${options.instance}`);
  return unitAt(path, name, [dirname(path)]);
}

/** The line with which `systemctl cat` names the file that follows. */
const HEADER =
  /^# (\/.*\/(?:[^/]+\.d\/[^/]+\.conf|[^/]+\.(?:service|socket|mount|automount|swap|timer|path|slice|scope)))$/;

/** The files that `systemctl cat` prints one after the other; null for a text without its headers. */
function catParts(text: string): { file: string; text: string }[] | null {
  const parts: { file: string; lines: string[] }[] = [];
  let blank = true;
  for (const line of text.split('\n')) {
    const header = blank ? HEADER.exec(line)?.[1] : undefined;
    if (header !== undefined) parts.push({ file: header, lines: [] });
    else if (parts.length === 0 && line !== '') return null;
    else parts.at(-1)?.lines.push(line);
    blank = line === '';
  }
  return parts.length === 0 ? null : parts.map(({ file, lines }) => ({ file, text: lines.join('\n') }));
}

function piped(bytes: Uint8Array): Part {
  if (bytes[0] === 0x7b)
    return { ...EMPTY, files: ['-'], assignments: readPolicyText(Buffer.from(bytes).toString(), 'stdin') };
  // One character per byte, so that what is not UTF-8 is found by the reader.
  const parts = catParts(Buffer.from(bytes).toString('latin1'));
  if (parts === null) return { ...EMPTY, files: ['-'], ...readTexts([{ bytes, file: 'stdin' }]) };
  const fragment = parts.find(({ file }) => hasUnitSuffix(file))?.file ?? null;
  const [first] = parts;
  return {
    name: fragment === null ? unitOfDropin(first?.file ?? '') : basename(fragment),
    fragment,
    files: parts.map(({ file }) => file),
    ...readTexts(parts.map(({ file, text }) => ({ bytes: Buffer.from(text, 'latin1'), file }))),
  };
}

function partOf(operand: string, options: UnitOptions): Part {
  if (operand === '-') {
    const bytes = options.stdin?.();
    if (bytes === undefined || bytes.length === 0)
      throw new UsageError(
        'empty-unit',
        '-: nothing was piped in',
        'such as: systemctl cat nginx | allowtrace check - …',
      );
    return piped(bytes);
  }
  return operand.includes('/') || (options.installed !== true && exists(operand))
    ? partAt(operand, options)
    : unitNamed(operand, options);
}

/** What parts make together, in their order. */
function unitOf(parts: readonly Part[], options: UnitOptions): LoadedUnit {
  const name = parts.find(part => part.fragment !== null)?.name ?? parts.find(part => part.name !== null)?.name ?? null;
  const context = {
    unit: name,
    fragment: parts.find(({ fragment }) => fragment !== null)?.fragment ?? null,
    user: options.user,
    machine: options.machine,
    ...(options.instance === undefined ? {} : { instance: options.instance }),
  };
  const isLeftOut = (file: string): boolean => options.without?.includes(basename(file)) === true;
  const written = parts.flatMap(({ assignments }) => assignments).filter(({ at }) => !isLeftOut(at.file));
  const resolve = (assignment: Assignment): Assignment => resolveSpecifiers(assignment, context);
  const { assignments, ignored } = heeded(written, { ...options.reader, resolve });
  return {
    name,
    files: parts.flatMap(({ files }) => files).filter(file => !isLeftOut(file)),
    assignments: inForce(assignments),
    ignored: [...parts.flatMap(part => part.ignored), ...ignored].filter(({ at }) => !isLeftOut(at.file)),
  };
}

/**
 * The unit that the operands make together: a unit (by name or file, with its drop-ins), drop-ins on top of it, the JSON of a proposal,
 * or `-` for what `systemctl cat` printed. Throws UsageError.
 */
export const loadUnit = (operands: readonly string[], options: UnitOptions): LoadedUnit =>
  unitOf(
    operands.map(operand => partOf(operand, options)),
    options,
  );

/** The unit whose text `systemctl cat` printed. Throws UsageError. */
export const unitFromText = (text: string, options: UnitOptions): LoadedUnit =>
  unitOf([piped(Buffer.from(text))], options);
