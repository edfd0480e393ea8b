// What systemd itself says of a proposal: does it take every line (`systemd-analyze verify`), and how exposed is the service before and
// after (`systemd-analyze security --offline=true`). Needs no running manager. Null where the tool is missing.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileTrouble, UsageError } from '../errors.ts';
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

const BARE = '[Service]\nExecStart=/bin/true\n';
/** A bare unit that pulls nothing in: what every other service depends on takes longer to load than the unit itself. */
const ALONE = `[Unit]\nDefaultDependencies=no\n${BARE}`;

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
function place(folder: string, { name, files }: Subject, bare: string, dropin: string | null): string {
  const unit = join(folder, name);
  mkdirSync(`${unit}.d`, { recursive: true });
  const [fragment, ...dropins] = files;
  if (fragment === undefined) writeFileSync(unit, bare);
  else copyFileSync(fragment, unit);
  for (const file of dropins) copyFileSync(file, join(`${unit}.d`, basename(file)));
  if (dropin !== null) writeFileSync(join(`${unit}.d`, DROPIN), dropin);
  return unit;
}

function scratch(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'allowtrace-'));
  } catch (error) {
    throw new UsageError(
      'no-scratch',
      `${tmpdir()}: ${fileTrouble(error)}`,
      'set TMPDIR to a directory that can be written, or leave systemd out of it: --no-verify',
    );
  }
}

/** Asks about the unit as long as it lies in a folder of its own. The program is started before this returns. */
async function ask(
  subject: Subject,
  bare: string,
  dropin: string | null,
  question: readonly string[],
): Promise<ProgramOutput> {
  const folder = scratch();
  try {
    return await analyze(...question, place(folder, subject, bare, dropin));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The score is another one for a unit that depends on nothing: it is asked of a usual one. */
const security = (subject: Subject, dropin: string | null): Promise<ProgramOutput> =>
  ask(subject, BARE, dropin, ['security', '--offline=true']);
const verify = (subject: Subject, dropin: string): Promise<ProgramOutput> =>
  ask(subject, ALONE, dropin, ['--man=no', 'verify']);

/** Asks systemd about a unit, and about a drop-in for it as soon as there is one. */
export function assess(subject: Subject): (dropin: string) => Promise<Assessment | null> {
  const without = security(subject, null);
  // What went wrong is told to who asks about the drop-in.
  without.catch(() => undefined);
  return async dropin => {
    const [before, after, verified] = await Promise.all([without, security(subject, dropin), verify(subject, dropin)]);
    if (verified.missing) return null;
    return { before: exposure(before.stdout), after: exposure(after.stdout), problems: problems(verified.stderr) };
  };
}
