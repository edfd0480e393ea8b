// What the systemd of this machine is and knows: its version and its sets of system calls. Null where it is not installed.

import { execa } from 'execa';
import { UsageError } from '../errors.ts';
import type { SyscallSets } from '../policy/effects.ts';
import { syscallSets } from '../policy/sets.ts';
import { SYSCALL_SETS_VERSION } from '../policy/syscall-sets.ts';

/** `systemd 252 (252.38-1~deb12u1)` → 252. */
export async function systemdVersion(): Promise<number | null> {
  const { stdout, failed } = await execa('systemctl', ['--version'], { reject: false, stdin: 'ignore' });
  const version = failed ? undefined : /^systemd (\d+)/.exec(stdout)?.[1];
  return version === undefined ? null : Number(version);
}

/** Parts this machine's systemd was built without: the `-NAME` of `systemctl --version`; null where it is not installed. */
export async function missingFeatures(): Promise<ReadonlySet<string> | null> {
  const { stdout, failed } = await execa('systemctl', ['--version'], { reject: false, stdin: 'ignore' });
  return failed ? null : new Set([...stdout.matchAll(/(?:^|\s)-([A-Z0-9_]+)/g)].map(([, name = '']) => name));
}

/** The version asked for with --systemd, else this machine's, else the one the shipped table is of. */
export async function targetVersion(asked: string | undefined): Promise<number> {
  if (asked === undefined) return (await systemdVersion()) ?? SYSCALL_SETS_VERSION;
  if (!/^\d+$/.test(asked))
    throw new UsageError('bad-version', `--systemd ${asked}: not a version of systemd`, 'such as --systemd 252');
  return Number(asked);
}

/** The named sets as this machine's systemd has them. */
export async function localSyscallSets(): Promise<SyscallSets> {
  const { stdout, failed } = await execa('systemd-analyze', ['--no-pager', 'syscall-filter'], {
    reject: false,
    stdin: 'ignore',
  });
  if (failed) return syscallSets();
  const table: Record<string, string> = {};
  let current = '';
  for (const line of stdout.split('\n')) {
    if (/^@[a-z0-9-]+$/.test(line)) current = line;
    else if (/^ {4}[@a-z_]/.test(line)) table[current] = `${table[current] ?? ''} ${line.trim()}`.trim();
  }
  return syscallSets(table);
}
