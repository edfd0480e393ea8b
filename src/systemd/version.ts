// What the systemd of this machine is and knows: its version and its sets of system calls. Null where it is not installed.

import { UsageError } from '../errors.ts';
import type { SyscallSets } from '../policy/effects.ts';
import { syscallSets } from '../policy/sets.ts';
import { SYSCALL_SETS_VERSION } from '../policy/syscall-sets.ts';

/** What a command prints; null where it cannot be run. execa is loaded only for that. */
async function output(file: string, ...args: string[]): Promise<string | null> {
  const { execa } = await import('execa');
  const { stdout, failed } = await execa(file, args, { reject: false, stdin: 'ignore' });
  return failed ? null : stdout;
}

/** `systemd 252 (252.38-1~deb12u1)` → 252. */
export async function systemdVersion(): Promise<number | null> {
  const version = /^systemd (\d+)/.exec((await output('systemctl', '--version')) ?? '')?.[1];
  return version === undefined ? null : Number(version);
}

/** Parts this machine's systemd was built without: the `-NAME` of `systemctl --version`; null where it is not installed. */
export async function missingFeatures(): Promise<ReadonlySet<string> | null> {
  const stdout = await output('systemctl', '--version');
  return stdout === null ? null : new Set([...stdout.matchAll(/(?:^|\s)-([A-Z0-9_]+)/g)].map(([, name = '']) => name));
}

/** The version asked for with --systemd, else this machine's, else the one the shipped table is of. */
export async function targetVersion(asked: string | undefined): Promise<number> {
  if (asked === undefined) return (await systemdVersion()) ?? SYSCALL_SETS_VERSION;
  if (!/^\d+$/.test(asked))
    throw new UsageError('bad-version', `--systemd ${asked}: not a version of systemd`, 'such as --systemd 252');
  return Number(asked);
}

let sets: Promise<SyscallSets> | undefined;

/** The named sets as this machine's systemd has them. It is asked once: early, by whoever has something else to do meanwhile. */
export function localSyscallSets(): Promise<SyscallSets> {
  sets ??= askSyscallSets();
  return sets;
}

async function askSyscallSets(): Promise<SyscallSets> {
  const stdout = await output('systemd-analyze', '--no-pager', 'syscall-filter');
  if (stdout === null) return syscallSets();
  const table: Record<string, string> = {};
  let current = '';
  for (const line of stdout.split('\n')) {
    if (/^@[a-z0-9-]+$/.test(line)) current = line;
    else if (/^ {4}[@a-z_]/.test(line)) table[current] = `${table[current] ?? ''} ${line.trim()}`.trim();
  }
  return syscallSets(table);
}
