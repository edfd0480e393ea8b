// What systemd itself says of a proposal: does it take every line (`systemd-analyze verify`), and how exposed is the service before and
// after (`systemd-analyze security --offline=true`). Needs no running manager. Null where the tool is missing.

import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ProgramOutput, programOutput } from '../program-output.ts';

export interface Exposure {
  /** 0 (nothing can be done) to 10. */
  score: number;
  /** systemd's own word for it: UNSAFE, EXPOSED, MEDIUM, OK … */
  level: string;
}

export interface Assessment {
  before: Exposure | null;
  after: Exposure | null;
  /** Lines of the drop-in that systemd does not take: number from 1, and its words. */
  problems: { line: number; text: string }[];
}

/** The unit the drop-in is for. */
export interface Subject {
  /** With its suffix. */
  name: string;
  /** The unit's file and drop-ins; empty: a bare unit that runs a program is looked at. */
  files: readonly string[];
}

const LIMIT_MS = 20_000;
const DROPIN = 'zzz-allowtrace.conf';

const analyze = (...args: string[]): Promise<ProgramOutput> =>
  programOutput('systemd-analyze', ['--no-pager', ...args], {
    timeout: LIMIT_MS,
    env: { SYSTEMD_COLORS: '0', LC_ALL: 'C' },
  });

/** `→ Overall exposure level for x.service: 2.7 OK :-)`. */
function exposure(stdout: string): Exposure | null {
  const found = /exposure level for .*: ([\d.]+) ([A-Z]+)/.exec(stdout);
  return found === null ? null : { score: Number(found[1]), level: found[2] ?? '' };
}

/** Complaints about the drop-in; those about the unit itself are not the proposal's. */
function problems(stderr: string): Assessment['problems'] {
  // systemd says everything twice when it reads a unit twice.
  return [...new Set(stderr.split('\n'))].flatMap(line => {
    const found = new RegExp(`${DROPIN}:(\\d+): (.*)$`).exec(line);
    return found === null ? [] : [{ line: Number(found[1]), text: found[2] ?? '' }];
  });
}

/** A folder that holds the unit, with its drop-ins but not one of ours. */
async function place(folder: string, { name, files }: Subject, dropin: string | null): Promise<string> {
  const unit = join(folder, name);
  await mkdir(`${unit}.d`, { recursive: true });
  const [fragment, ...dropins] = files;
  if (fragment === undefined) await writeFile(unit, '[Service]\nExecStart=/bin/true\n');
  else await copyFile(fragment, unit);
  for (const file of dropins) await copyFile(file, join(`${unit}.d`, basename(file)));
  if (dropin !== null) await writeFile(join(`${unit}.d`, DROPIN), dropin);
  return unit;
}

/** Asks systemd about a drop-in for a unit. */
export async function assess(subject: Subject, dropin: string): Promise<Assessment | null> {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  try {
    const bare = await place(join(folder, 'before'), subject, null);
    const hardened = await place(join(folder, 'after'), subject, dropin);
    const [before, after, verified] = await Promise.all([
      analyze('security', '--offline=true', bare),
      analyze('security', '--offline=true', hardened),
      analyze('--man=no', 'verify', hardened),
    ]);
    if (verified.missing) return null;
    return { before: exposure(before.stdout), after: exposure(after.stdout), problems: problems(verified.stderr) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
