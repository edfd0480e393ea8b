// What this machine says of itself and of its users, as specifiers in unit files ask for it.
// Sources: machine-id(5), machine-info(5), os-release(5), passwd(5), group(5); systemd.unit(5), «Specifiers».

import { readFileSync } from 'node:fs';
import { arch, hostname, release } from 'node:os';
import type { KernelFeature } from '../policy/directives/row.ts';
import { programOutput } from '../program-output.ts';
import type { Account, Machine } from '../systemd/specifiers.ts';

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** systemd's names of architectures (ConditionArchitecture=). */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86-64', ia32: 'x86', ppc64: 'ppc64-le' };

/** The assignments of a file such as os-release(5). */
function assignmentsIn(file: string | null): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of (file ?? '').split('\n')) {
    const [, key, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) found[key] = value.replace(/^(["'])(.*)\1$/, '$2');
  }
  return found;
}

/** This machine. */
export function thisMachine(): Machine {
  return {
    hostname: hostname(),
    prettyHostname: assignmentsIn(text('/etc/machine-info')).PRETTY_HOSTNAME || hostname(),
    machineId: text('/etc/machine-id')?.trim() ?? null,
    bootId: text('/proc/sys/kernel/random/boot_id')?.trim().replaceAll('-', '') ?? null,
    kernel: release(),
    architecture: ARCHITECTURES[arch()] ?? arch(),
    osRelease: assignmentsIn(text('/etc/os-release') ?? text('/usr/lib/os-release')),
  };
}

/** What the kernel grants on this machine: found out by making one, since sysctls, chroots and containers all have a say. */
export async function kernelFeatures(): Promise<ReadonlySet<KernelFeature>> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const [users, pids] = await Promise.all([
    programOutput('unshare', ['--user', 'true']),
    programOutput('unshare', [...asRoot, '--pid', '--fork', '--mount-proc', 'true']),
  ]);
  return new Set([
    ...(users.failed ? [] : (['user-namespaces'] as const)),
    ...(pids.failed ? [] : (['PID-namespaces'] as const)),
  ]);
}

const rows = (path: string): string[][] => (text(path) ?? '').split('\n').map(line => line.split(':'));

/** The number of a group of this machine, by name or number; null when there is none. */
export function groupNamed(asked: string): number | null {
  const row = rows('/etc/group').find(([name, , gid]) => name === asked || gid === asked);
  return row === undefined ? null : Number(row[2]);
}

/** The numbers of the groups that list a user as a member: group(5). */
export const groupsOf = (user: string): number[] =>
  rows('/etc/group').flatMap(([, , gid, members = '']) => (members.split(',').includes(user) ? [Number(gid)] : []));

/** A user of this machine by name or number; null when there is none. */
export function accountNamed(asked: string): Account | null {
  const row = rows('/etc/passwd').find(([name, , uid]) => name === asked || uid === asked);
  if (row === undefined) return null;
  const [name = '', , uid = '', gid = '', , home = '/', shell = '/bin/sh'] = row;
  const group = rows('/etc/group').find(([, , number]) => number === gid)?.[0] ?? gid;
  return { name, uid: Number(uid), group, gid: Number(gid), home, shell };
}
