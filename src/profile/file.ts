// Profiles on disk: sorted JSON, one fact a line, so that git shows what changed. Reading checks everything before it is believed;
// writing is atomic: a reader sees the old file or the new one, also after a power cut.
// In the file, the runs of a fact are ranges of indices into `runs` ("0-4,7"), which keeps profiles of thousands of runs small.

import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../errors.ts';
import { type Fact, PROFILE_VERSION, type Profile, type Run } from './profile.ts';

/** Sorted indices → "0-4,7". */
function formatRanges(indices: readonly number[]): string {
  const ranges: string[] = [];
  for (let i = 0; i < indices.length; ) {
    const from = indices[i] ?? 0;
    let to = from;
    while (indices[++i] === to + 1) to++;
    ranges.push(from === to ? `${from}` : `${from}-${to}`);
  }
  return ranges.join(',');
}

function parseRanges(text: string): number[] {
  if (text === '') return [];
  return text.split(',').flatMap(range => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** The text of a profile: equal profiles give equal bytes. */
export function formatProfile(profile: Profile): string {
  const index = new Map(profile.runs.map(({ id }, i) => [id, i]));
  const facts = profile.facts.map(({ evidence, ...access }) => {
    const runs = formatRanges(evidence.runs.map(id => index.get(id) ?? 0).sort((a, b) => a - b));
    const slices = Object.fromEntries(
      Object.entries(evidence.slices ?? {})
        .map(([id, bits]): [number, number] => [index.get(id) ?? 0, bits])
        .sort(([a], [b]) => a - b),
    );
    return JSON.stringify({ ...access, evidence: { ...evidence, runs, slices } });
  });
  const { runs, unrecognised, overflow } = profile;
  return `{"format":"allowtrace-profile","version":${PROFILE_VERSION},
"runs":[
${runs.map(run => JSON.stringify(run)).join(',\n')}
],
"facts":[
${facts.join(',\n')}
],
"unrecognised":${JSON.stringify(unrecognised)},
"overflow":${JSON.stringify(overflow)}}
`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const KINDS: ReadonlySet<string> = new Set([
  'path',
  'move',
  'syscall',
  'socket',
  'address',
  'capability',
  'namespace',
  'memory',
  'feature',
  'process',
  'unresolved',
  'blind',
]);

function bad(name: string, what: string): never {
  throw new UsageError(
    'bad-profile',
    `${name}: ${what}`,
    'a profile is written by `allowtrace replay --profile FILE LOG` or `allowtrace learn`',
  );
}

function isRun(value: unknown): value is Run {
  return isRecord(value) && typeof value.id === 'string' && typeof value.lines === 'number' && isRecord(value.slice);
}

interface StoredFact {
  kind: string;
  evidence: { runs: string; slices?: Record<string, number> };
}

function isStoredFact(value: unknown): value is StoredFact {
  if (!isRecord(value) || typeof value.kind !== 'string' || !KINDS.has(value.kind) || !isRecord(value.evidence))
    return false;
  const { runs, count, origin, by } = value.evidence;
  return typeof runs === 'string' && typeof count === 'number' && isRecord(origin) && Array.isArray(by);
}

const isFact = (value: unknown): value is Fact =>
  isRecord(value) && isRecord(value.evidence) && Array.isArray(value.evidence.runs);

function restoreFact(stored: StoredFact, runs: readonly Run[], name: string): Fact {
  const id = (index: number): string =>
    runs[index]?.id ?? bad(name, `a fact names run ${index}, but there are only ${runs.length}`);
  const slices = Object.fromEntries(
    Object.entries(stored.evidence.slices ?? {}).map(([index, bits]) => [id(Number(index)), bits]),
  );
  const fact: unknown = {
    ...stored,
    evidence: { ...stored.evidence, runs: parseRanges(stored.evidence.runs).map(id).sort(), slices },
  };
  return isFact(fact) ? fact : bad(name, 'a fact is damaged');
}

/** Reads the text of a profile; `name` is used in errors. */
export function parseProfile(text: string, name: string): Profile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    bad(name, `is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isRecord(value) || value.format !== 'allowtrace-profile') bad(name, 'is JSON, but not a profile of allowtrace');
  if (value.version !== PROFILE_VERSION)
    bad(name, `has profile version ${String(value.version)}; this allowtrace reads version ${PROFILE_VERSION}`);
  const { runs, facts, unrecognised, overflow } = value;
  if (!Array.isArray(runs) || !runs.every(isRun)) bad(name, 'its list of runs is damaged');
  if (!Array.isArray(facts) || !facts.every(isStoredFact)) bad(name, 'its list of facts is damaged');
  if (!isRecord(unrecognised) || !Array.isArray(unrecognised.samples) || !Array.isArray(overflow))
    bad(name, 'it ends too early');
  const samples: Profile['unrecognised']['samples'] = unrecognised.samples;
  return {
    format: 'allowtrace-profile',
    version: PROFILE_VERSION,
    runs,
    facts: facts.map(fact => restoreFact(fact, runs, name)),
    unrecognised: { count: Number(unrecognised.count), samples },
    overflow,
  };
}

/** Reads a profile file. */
export async function readProfile(path: string): Promise<Profile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError('unreadable', `${path}: ${error instanceof Error ? error.message : 'cannot be read'}`);
  }
  return parseProfile(text, path);
}

/** What a failed write leaves behind is removed when it is older than this. */
const LEFTOVER_MS = 60_000;
const isLeftover = (name: string, path: string): boolean => {
  const own = `${basename(path)}.`;
  return name.startsWith(own) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(own.length));
};

/** Writes `text` beside `path`, synced; resolves to the name of the new file. */
async function writeBeside(path: string, text: string, mode: number): Promise<string> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text);
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

/** The error of a file that cannot be written. */
export const unwritable = (path: string, error: unknown): UsageError =>
  error instanceof UsageError
    ? error
    : new UsageError('unwritable', `${path}: ${error instanceof Error ? error.message : 'cannot be written'}`);

/** The file behind symbolic links, and its mode; null when there is none yet. */
async function existing(path: string): Promise<{ path: string; mode: number; regular: boolean } | null> {
  try {
    const stats = await stat(path);
    const regular = stats.isFile();
    return { path: regular ? await realpath(path) : path, mode: stats.mode & 0o777, regular };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Writes a file so that it is never seen half-written, also after a power cut: beside it, synced, then renamed over it. Devices and
 * pipes (`-o /dev/stdout`) are written to directly.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  try {
    const old = await existing(path);
    if (old?.regular === false) {
      await writeFile(path, text);
      return;
    }
    const target = old?.path ?? path;
    const temporary = await writeBeside(target, text, old?.mode ?? 0o644);
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

/** Fails as writeAtomically would, and changes nothing. Removes what earlier writers left when they were killed. */
export async function checkWritable(path: string): Promise<void> {
  try {
    const old = await existing(path);
    if (old?.regular === false) return;
    const target = old?.path ?? path;
    await rm(await writeBeside(target, ' '.repeat(4096), 0o600), { force: true });
    for (const name of (await readdir(dirname(target))).filter(name => isLeftover(name, target))) {
      const stale = join(dirname(target), name);
      if (Date.now() - (await stat(stale)).mtimeMs > LEFTOVER_MS) await rm(stale, { force: true });
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Writes a profile file atomically. */
export async function writeProfile(path: string, profile: Profile): Promise<void> {
  await writeAtomically(path, formatProfile(profile));
}
