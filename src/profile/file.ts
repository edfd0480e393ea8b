// Profiles on disk: sorted JSON, one fact a line and the evidence apart (columns.ts), so that git shows what changed. Reading checks everything
// before it is believed; writing is atomic: a reader sees the old file or the new one, also after a power cut.

import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileTrouble, UsageError } from '../errors.ts';
import { isRecord, toJson } from '../json.ts';
import { columnsText, evidenceOf, PIECE } from './columns.ts';
import { isOverflow, isRun, isSample, isStoredFact } from './forms.ts';
import { byKey } from './key.ts';
import { type Fact, PROFILE_VERSION, type Profile, type Run } from './profile.ts';

/** `0-4,7` → indices; null when it is damaged or names something from `limit` on. */
function parseRanges(text: string, limit: number): number[] | null {
  if (text === '') return [];
  const indices: number[] = [];
  for (const range of text.split(',')) {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to < limit)) return null;
    for (let i = from; i <= to; i++) indices.push(i);
  }
  return indices;
}

/** The earlier form: each fact holds its evidence. */
const WITH_EVIDENCE = 1;

const factText = ({ evidence: { by }, ...access }: Fact): string => toJson({ ...access, by });

/** The text of a profile, piece by piece: equal profiles give equal bytes. */
function* profileText({ runs, facts, unrecognised, overflow }: Profile): Generator<string> {
  yield `{"format":"allowtrace-profile","version":${PROFILE_VERSION},
"runs":[
${runs.map(run => toJson(run)).join(',\n')}
],
"facts":[
`;
  for (let at = 0; at < facts.length; at += PIECE)
    yield `${at === 0 ? '' : ',\n'}${facts
      .slice(at, at + PIECE)
      .map(factText)
      .join(',\n')}`;
  yield '\n],\n"evidence":';
  yield* columnsText(facts, runs);
  yield `,
"unrecognised":${toJson(unrecognised)},
"overflow":${toJson(overflow)}}
`;
}

/** The text of a profile as a whole. */
export const formatProfile = (profile: Profile): string => [...profileText(profile)].join('');

function bad(name: string, what: string): never {
  throw new UsageError(
    'bad-profile',
    `${name}: ${what}`,
    'a profile is written by `allowtrace replay --profile FILE LOG` or `allowtrace learn`',
  );
}

const isFact = (value: unknown): value is Fact =>
  isRecord(value) && isRecord(value.evidence) && Array.isArray(value.evidence.runs);

/** Restores facts one after the other; null for one that is damaged. Facts of the same runs share one list of them. */
function factRestorer(runs: readonly Run[]): (stored: unknown) => Fact | null {
  const sets = new Map<string, string[] | null>();
  const idsOf = (ranges: string): string[] | null => {
    const indices = parseRanges(ranges, runs.length);
    return indices === null ? null : indices.flatMap(index => runs[index]?.id ?? []).sort(byKey);
  };
  return stored => {
    if (!isStoredFact(stored)) return null;
    const { runs: ranges, slices = {} } = stored.evidence;
    const ids = sets.get(ranges) ?? idsOf(ranges);
    sets.set(ranges, ids);
    const slots = Object.entries(slices).map(([index, bits]) => [runs[Number(index)]?.id, bits] as const);
    if (ids === null || slots.some(([id]) => id === undefined)) return null;
    const fact: unknown = { ...stored, evidence: { ...stored.evidence, runs: ids, slices: Object.fromEntries(slots) } };
    return isFact(fact) ? fact : null;
  };
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;

/** `file:line` of what JSON.parse complained about. It names no position in texts that are short, or that end too early. */
function placeOfError(file: string, text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  const atEnd = message.startsWith('Unexpected end') ? text.length : 0;
  return `${file}:${lineAt(text, position === undefined ? atEnd : Number(position))}`;
}

/** `file:line` of an entry of `"facts":[`: as allowtrace writes it, each has a line of its own. */
function placeOfFact(name: string, text: string, index: number): string {
  const start = text.indexOf('\n"facts":[\n');
  return start < 0 ? `${name}: fact ${index + 1}` : `${name}:${lineAt(text, start) + 2 + index}`;
}

/** Reads the text of a profile; `file` is used in errors, and `line` when it is one line of JSON Lines. */
export function parseProfile(text: string, file: string, line?: number): Profile {
  const name = line === undefined ? file : `${file}:${line}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The message quotes the text, which may hold anything.
    const message = (error instanceof Error ? error.message : '').replace(/[^ -~]/g, '?');
    bad(line === undefined ? placeOfError(file, text, message) : name, `is not JSON: ${message}`);
  }
  if (!isRecord(value) || value.format !== 'allowtrace-profile') bad(name, 'is JSON, but not an allowtrace profile');
  if (value.version !== PROFILE_VERSION && value.version !== WITH_EVIDENCE)
    bad(
      name,
      `has profile version ${JSON.stringify(value.version) ?? 'none'}; this allowtrace reads versions ${WITH_EVIDENCE} and ${PROFILE_VERSION}`,
    );
  const { runs, facts, evidence, unrecognised, overflow } = value;
  if (!Array.isArray(runs) || !runs.every(isRun)) bad(name, 'its list of runs is damaged');
  if (!Array.isArray(facts)) bad(name, 'its list of facts is damaged');
  if (!isRecord(unrecognised) || !Array.isArray(unrecognised.samples) || !Array.isArray(overflow))
    bad(name, 'it ends too early');
  const { count, samples } = unrecognised;
  if (typeof count !== 'number' || !samples.every(isSample))
    bad(name, 'its list of lines that could not be parsed is damaged');
  if (!overflow.every(isOverflow)) bad(name, 'its list of limits that were reached is damaged');
  const restore = factRestorer(runs);
  const whole = value.version === WITH_EVIDENCE ? (fact: unknown) => fact : evidenceOf(evidence, facts.length);
  if (whole === null) bad(name, 'its evidence is damaged');
  // One by one in place of what was read: two forms of all facts would take twice the memory.
  for (const [i, fact] of facts.entries())
    facts[i] = restore(whole(fact, i)) ?? bad(placeOfFact(name, text, i), 'this fact is damaged');
  return {
    format: 'allowtrace-profile',
    version: PROFILE_VERSION,
    runs,
    facts,
    unrecognised: { count, samples },
    overflow,
  };
}

/** Reads a profile file. */
export async function readProfile(path: string): Promise<Profile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError('unreadable', `${path}: ${fileTrouble(error)}`);
  }
  return parseProfile(text, path);
}

/** What a failed write leaves behind is removed when it is older than this. */
const LEFTOVER_MS = 60_000;
const isLeftover = (name: string, path: string): boolean => {
  const own = `${basename(path)}.`;
  return name.startsWith(own) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(own.length));
};

/** Writes a text beside `path`, synced; resolves to the name of the new file. */
async function writeBeside(path: string, text: Iterable<string>, mode: number): Promise<string> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      for (const piece of text) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return temporary;
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The error of a file that cannot be written; its code is `no-directory` when the place for it does not exist. */
export function unwritable(path: string, error: unknown): UsageError {
  if (error instanceof UsageError) return error;
  const nowhere = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
  return new UsageError(nowhere ? 'no-directory' : 'unwritable', `${path}: ${fileTrouble(error)}`);
}

/** Makes a directory and those above it. A UsageError says why that cannot be. */
export async function ensureDirectory(path: string): Promise<void> {
  try {
    // Where the way there is read-only, `recursive` answers ENOENT; the plain call tells the reason.
    await mkdir(path, { recursive: true }).catch(() => mkdir(path));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** The file behind symbolic links, also where they lead to none yet, and its mode; null when there is neither. */
async function existing(path: string): Promise<{ path: string; mode: number; regular: boolean } | null> {
  try {
    const stats = await stat(path);
    const regular = stats.isFile();
    return { path: regular ? await realpath(path) : path, mode: stats.mode & 0o777, regular };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const link = await readlink(path).catch(() => null);
    if (link === null) return null;
    const behind = resolve(await realpath(dirname(path)), link);
    return (await existing(behind)) ?? { path: behind, mode: 0o644, regular: true };
  }
}

/**
 * Writes a file so that it is never seen half-written, also after a power cut: beside it, synced, then renamed over it. Devices and
 * pipes (`-o /dev/stdout`) are written to directly. `mode`: of a file that is new; one that is there keeps its own.
 */
export async function writeAtomically(path: string, text: string | Iterable<string>, mode = 0o644): Promise<void> {
  const pieces = typeof text === 'string' ? [text] : text;
  try {
    const old = await existing(path);
    if (old?.regular === false) {
      await writeFile(path, pieces);
      return;
    }
    const target = old?.path ?? path;
    const temporary = await writeBeside(target, pieces, old?.mode ?? mode);
    try {
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await sync(dirname(target));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Removes what writers of `path` left beside it when they were killed, and what nobody has touched for so many milliseconds. */
export async function removeLeftovers(path: string, idle: number): Promise<void> {
  for (const name of (await readdir(dirname(path))).filter(name => isLeftover(name, path))) {
    const stale = join(dirname(path), name);
    if (Date.now() - (await stat(stale)).mtimeMs >= idle) await rm(stale, { force: true });
  }
}

/** Fails as writeAtomically would, and changes nothing. Removes what earlier writers left when they were killed. */
export async function checkWritable(path: string): Promise<void> {
  try {
    const old = await existing(path);
    if (old?.regular === false) return;
    const target = old?.path ?? path;
    await rm(await writeBeside(target, [' '.repeat(4096)], 0o600), { force: true });
    await removeLeftovers(target, LEFTOVER_MS);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Formats of files that are written over again. */
type Format = 'allowtrace-profile' | 'allowtrace-baseline';

/** Fails where a file of that name is no earlier one of this format: a name in the wrong place must not cost a log. */
export async function checkReplaceable(path: string, format: Format): Promise<void> {
  const stats = await stat(path).catch(() => null);
  if (stats === null || !stats.isFile() || stats.size === 0) return;
  const file = await open(path).catch((error: unknown) => {
    throw unwritable(path, error);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
    const start = new RegExp(`^\\s*\\{\\s*"format"\\s*:\\s*"${format}"`);
    if (!start.test(buffer.toString('latin1', 0, bytesRead)))
      throw new UsageError(
        'not-replaced',
        `${path}: not an allowtrace ${format.replace('allowtrace-', '')}; not overwritten`,
        'remove it, or name another file',
      );
  } finally {
    await file.close();
  }
}

/** A profile holds names of files, users and hosts that not everybody has to know. */
export const PROFILE_MODE = 0o600;

/** Writes a profile file atomically. */
export async function writeProfile(path: string, profile: Profile): Promise<void> {
  await writeAtomically(path, profileText(profile), PROFILE_MODE);
}
