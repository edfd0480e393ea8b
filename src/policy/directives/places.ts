// Places that several directives speak of: the mounts that systemd makes over them, and the files in them that are not the same everywhere.
// Sources: the tables of src/core/namespace.c of systemd 247, 252, 254 and 257; proc(5), cgroups(7), the namespaces(7) family.

import { type Effect, NODES } from '../effects.ts';
import type { MountMode, MountRow } from './row.ts';

/** These paths, each a mount of its own. */
export const mounts = (mode: MountMode, ...paths: string[]): MountRow[] => paths.map(path => ({ path, mode }));
/** The same for paths that may be missing. */
export const optional = (mode: MountMode, ...paths: string[]): MountRow[] =>
  paths.map(path => ({ path, mode, optional: true }));

/** Left alone by ProtectSystem=strict: ProtectHome= decides about them. */
export const HOMES: readonly string[] = ['/home', '/root', '/run/user'];

/** Directories that many services and the system itself share: to be allowed to make an entry in one is not to be allowed its other entries. */
export const SHARED: readonly string[] = [
  '/',
  '/etc',
  '/run',
  '/var',
  '/var/cache',
  '/var/lib',
  '/var/log',
  '/var/spool',
];

/** Where /usr could be split (NEWS of systemd 255: no longer), the old directories of the root are protected too, be they symlinks. */
export const SYSTEM: readonly MountRow[] = [
  ...mounts('read-only', '/usr'),
  ...optional('read-only', '/boot', '/efi'),
  ...optional('read-only', '/lib', '/lib64', '/bin', '/sbin').map(row => ({ ...row, until: 255 })),
];

export const TUNABLES: readonly MountRow[] = [
  ...optional('read-only', '/proc/acpi', '/proc/apm', '/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq'),
  ...optional('inaccessible', '/proc/kallsyms', '/proc/kcore'),
  ...optional('read-only', '/proc/latency_stats', '/proc/mtrr', '/proc/scsi', '/proc/sys', '/proc/sysrq-trigger'),
  ...optional('read-only', '/proc/timer_stats'),
  ...mounts('read-only', '/sys'),
  ...optional('read-only', '/sys/fs/bpf'),
  ...mounts('read-write-implicit', '/sys/fs/cgroup'),
  ...optional('read-write-implicit', '/sys/fs/selinux'),
  ...optional('read-only', '/sys/kernel/debug', '/sys/kernel/tracing'),
];

/** Not devices, or allowed by every device policy: cgroup_device_policy of systemd, and the private /dev. */
export const HARMLESS: readonly string[] = [
  ...NODES,
  '/dev/pts',
  '/dev/ptmx',
  '/dev/shm',
  '/dev/mqueue',
  '/dev/hugepages',
  '/dev/log',
  '/dev/fd',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
];

/** The file systems in a private /dev that stay as they are; the rest of it is read-only and noexec. */
const IN_DEV: readonly string[] = ['/dev/shm', '/dev/mqueue', '/dev/hugepages', '/dev/pts'];

const PRIVATE_DEV: readonly Effect[] = [
  { deny: 'other-paths', under: '/dev', only: HARMLESS, uses: 'all', outcome: 'ENOENT' },
  { deny: 'paths', under: ['/dev'], except: IN_DEV, uses: 'inodes', outcome: 'EROFS' },
  { deny: 'paths', under: ['/dev'], except: IN_DEV, uses: 'exec', outcome: 'EACCES' },
];

/** What a network namespace has of its own: network_namespaces(7). */
const OF_THE_NETWORK: readonly string[] = [
  '/proc/net',
  '/proc/self/net',
  '/proc/thread-self/net',
  '/proc/[pid]/net',
  '/proc/sys/net',
  '/sys/class/net',
  '/sys/devices/virtual/net',
];
/** What an IPC namespace has of its own: ipc_namespaces(7). */
const OF_IPC: readonly string[] = [
  '/proc/sysvipc',
  '/proc/sys/fs/mqueue',
  ...'auto_msgmni msgmax msgmnb msgmni sem sem_next_id msg_next_id shm_next_id shm_rmid_forced shmall shmmax shmmni'
    .split(' ')
    .map(name => `/proc/sys/kernel/${name}`),
];
/** What a user namespace has of its own: user_namespaces(7). */
const OF_USERS: readonly string[] = ['self', 'thread-self', '[pid]'].flatMap(process =>
  ['uid_map', 'gid_map', 'setgroups', 'projid_map'].map(name => `/proc/${process}/${name}`),
);
/** What a control group namespace has of its own: cgroup_namespaces(7). */
const OF_CONTROL_GROUPS: readonly string[] = [
  '/sys/fs/cgroup',
  '/proc/self/cgroup',
  '/proc/thread-self/cgroup',
  '/proc/[pid]/cgroup',
];

/** These files are there in a namespace of the service's own, and tell of that namespace. */
const apart = (under: readonly string[]): Effect => ({ deny: 'paths', under, uses: 'content', outcome: 'apart' });
export const APART = {
  network: apart(OF_THE_NETWORK),
  ipc: apart(OF_IPC),
  users: apart(OF_USERS),
  controlGroups: apart(OF_CONTROL_GROUPS),
} as const;

/** What mounts deny, in the words of effects: for who asks whether a value may be imposed, before there is a sandbox to ask. */
export function effectsOfMounts(rows: readonly MountRow[]): Effect[] {
  const of = (...modes: MountMode[]): string[] =>
    rows.flatMap(({ path, mode }) => (modes.includes(mode) ? [path] : []));
  const readOnly = of('read-only');
  const hidden = of('inaccessible');
  const own = of('mqueue', 'bpffs', 'private-cgroup');
  const kept = of('read-write-implicit');
  const effects: Effect[] = [];
  if (readOnly.length > 0)
    effects.push({ deny: 'paths', under: readOnly, except: kept, uses: 'write', outcome: 'EROFS' });
  if (hidden.length > 0) effects.push({ deny: 'paths', under: hidden, uses: 'all', outcome: 'EACCES' });
  if (own.length > 0) effects.push({ deny: 'paths', under: own, uses: 'all', outcome: 'apart' });
  if (of('private-dev').length > 0) effects.push(...PRIVATE_DEV);
  return effects;
}

/** Below which directories systemd makes one for a service, and the setting that asks for it: systemd.exec(5), RuntimeDirectory=. */
// biome-ignore format: one setting a line
export const SERVICE_DIRECTORIES = {
  '/run':       'RuntimeDirectory',
  '/var/cache': 'CacheDirectory',
  '/var/lib':   'StateDirectory',
  '/var/log':   'LogsDirectory',
} as const satisfies Record<string, string>;
