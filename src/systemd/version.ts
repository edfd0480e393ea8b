// What the systemd of this machine is and knows: its version and its sets of system calls. Null where it is not installed.

import { UsageError } from '../errors.ts';
import type { SyscallSets } from '../policy/effects.ts';
import { setsIn, syscallSets } from '../policy/sets.ts';
import { SYSCALL_SETS_VERSION } from '../policy/syscall-sets.ts';
import { programOutput } from '../program-output.ts';

/** What a command prints; null where it cannot be run. */
async function output(file: string, ...args: string[]): Promise<string | null> {
  const { stdout, failed } = await programOutput(file, args);
  return failed ? null : stdout;
}

/** The answer to a question that is asked only once. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

const versionText = once(() => output('systemctl', '--version'));

/** `systemd 252 (252.38-1~deb12u1)` → 252. */
export async function systemdVersion(): Promise<number | null> {
  const version = /^systemd (\d+)/.exec((await versionText()) ?? '')?.[1];
  return version === undefined ? null : Number(version);
}

/** Parts this machine's systemd was built without: the `-NAME` of `systemctl --version`; null where it is not installed. */
export async function missingFeatures(): Promise<ReadonlySet<string> | null> {
  const stdout = await versionText();
  return stdout === null ? null : new Set([...stdout.matchAll(/(?:^|\s)-([A-Z0-9_]+)/g)].map(([, name = '']) => name));
}

/** The newest release whose rules are known; the next ones are taken for it. */
const NEWEST_KNOWN = 262;
/** There are three releases a year: beyond that it is no version, but a slip. */
const LAST_CONCEIVABLE = NEWEST_KNOWN + 30;

/** What a version that is newer than this allowtrace means; null for one whose rules are known. */
export const releaseDoubt = (systemd: number): string | null =>
  systemd > NEWEST_KNOWN
    ? `systemd ${systemd} is newer than the newest release whose rules are known (${NEWEST_KNOWN}): those are taken`
    : null;

/** The version asked for with --systemd, else this machine's, else the one the shipped table is of. */
export async function targetVersion(asked: string | undefined): Promise<number> {
  if (asked === undefined) return (await systemdVersion()) ?? SYSCALL_SETS_VERSION;
  const version = /^\d+$/.test(asked) ? Number(asked) : 0;
  if (version < 1 || version > LAST_CONCEIVABLE)
    throw new UsageError('bad-version', `--systemd ${asked}: no release of systemd`, 'such as --systemd 252');
  return version;
}

/** The named sets, as `systemd-analyze syscall-filter` prints them. */
export function printedSyscallSets(text: string): SyscallSets {
  const table: Record<string, string> = {};
  let current = '';
  for (const line of text.split('\n')) {
    if (/^@[a-z0-9-]+$/.test(line)) current = line;
    else if (/^ {4}[@a-z_]/.test(line)) table[current] = `${table[current] ?? ''} ${line.trim()}`.trim();
  }
  return setsIn(table);
}

/** The named sets as this machine's systemd has them. */
const localSyscallSets: () => Promise<SyscallSets> = once(async () => {
  const stdout = await output('systemd-analyze', '--no-pager', 'syscall-filter');
  return stdout === null ? syscallSets() : printedSyscallSets(stdout);
});

/** The sets of the version asked for with --systemd, whatever this machine's are; else this machine's. */
export const targetSyscallSets = async (asked: string | undefined): Promise<SyscallSets> =>
  asked === undefined ? localSyscallSets() : syscallSets(await targetVersion(asked));

/** Asks systemd all that a proposal has to know of it, for whoever has something else to do meanwhile. */
export function askAhead(): void {
  void versionText();
  void localSyscallSets();
}
