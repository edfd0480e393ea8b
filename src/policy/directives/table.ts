// THE TABLE of sandbox directives: one row says everything about one, and everybody who speaks of directives reads it here: what `propose`
// may impose, what `check` and `diagnose` hold a service against, what is stricter than what, how it is taken off, what is not judged.
// Sources: systemd.exec(5), systemd.resource-control(5) and the NEWS file of systemd 262; src/core/namespace.c, load-fragment.c and
// exec-invoke.c of systemd 247, 252, 254 and 257. test/policy/claims.test.ts tries the rows on real ones.
//
//   since     first systemd version that knows it; `until`: the first that no longer does. Values, effects, mounts and implied settings
//             may have their own
//   kind      `choice`: proposed straight from `values` · `paths`, `syscalls`, `capabilities`, `families`, `namespaces`, `addresses`,
//             `devices`: proposed by a logic of their own · `other`: limits no access that strace can see, or is never proposed
//   values    strictest first; the last one is what holds without the line. `denies`: effects · `mounts`: what it mounts, which denies too
//             · `beside`: mounts that are made only where another setting brings a mount namespace · `unproposed`: valid, never proposed
//   spelt     other words for a value: word → value. `argument`: what follows a `:` in the value belongs to it and denies nothing more.
//             `words`: words of a list that came later than the directive
//   list      several lines add up; an empty one drops what the unit said before. `narrows`: what is listed is allowed · `denies`: is denied
//             · `adds`: is made. `shares`: the list is the same as that setting's
//   lists     each listed path becomes such a mount
//   below     it makes directories below this one; `persistent`: that outlive the service, and lie in `private` for a dynamic user
//   implies   settings that come with every value but the last, as systemd.exec(5) says
//   built     the part of systemd, as `systemctl --version` lists it, without which it is read and not enforced
//   plus      commands with `+` meet it too, and what they do is seldom traced: apply_mount_namespace() and exec_child() of systemd 252 ask
//             for no privileges there, and what is set for a control group holds for all in it
//   seccomp   a filter: see FILTERS_BRING_NO_NEW_PRIVILEGES
//   instead   calls that a filter cannot look into are answered with ENOSYS; libc then makes these: call → call, and since when
//   kernel    what the kernel must grant where the service runs; proposed only where that is known
//   always    proposed with this value, whatever was observed
//   never     not proposed, and why
//   unjudged  `check` concludes nothing from it, and why
//   lifted    the value that takes it off, where it is neither the last of `values` nor an empty list; null: it is no sandbox, and stays
//   says      what it protects, for the comment in the drop-in

import { rowOf } from '../../row.ts';
import { type Effect, placesOfEffect } from '../effects.ts';
import { APART, effectsOfMounts, HARMLESS, HOMES, mounts, optional, SYSTEM, TUNABLES } from './places.ts';
import { type DirectiveRow, deniedBy, holds, mountsOf, type Value, type Versions } from './row.ts';

/** Filters bring NoNewPrivileges=yes to a service with User= that has no CAP_SYS_ADMIN: context_has_no_new_privileges(); NEWS of systemd 255. */
export const FILTERS_BRING_NO_NEW_PRIVILEGES: Versions = { until: 255 };

/**
 * PrivateTmp=yes of a unit that may start before there is a /tmp: an empty /tmp that only root can enter, where there is a /tmp at all, and the
 * machine's own /var/tmp. NEWS of systemd 260; tried on 262.
 */
export const EARLY_TMP: Versions = { since: 260 };

/**
 * Directories that a mount needs above it are made with the service's UMask=: without x for others only root enters them. systemd's issue 19899, its
 * pull request 21320; tried on 247 and 252.
 */
export const UMASK_CLOSES_MOUNTS: Versions = { until: 250 };

const calls = (...names: string[]): Effect => ({ deny: 'syscalls', names });
const without = (...names: string[]): Effect => ({ deny: 'capability', names });
const feature = (name: string): Effect => ({ deny: 'feature', name });
/** A boolean whose `yes` does this. */
const yes = (value: Value): { yes: Value; no: Value } => ({ yes: value, no: {} });

/** Other users' processes, however they are named. */
const FOREIGN = ['/proc/[pid]', '/proc/[tracer]'] as const;
const foreign = (uses: 'all' | 'content', outcome: string): Effect => ({
  deny: 'paths',
  under: FOREIGN,
  uses,
  outcome,
});
const RTC = ['/dev/rtc', '/dev/rtc0'] as const;
const MOUNTING = ['mount', 'umount2', 'move_mount', 'pivot_root'] as const;
/**
 * What root can do in a user namespace in which all ids are the same outside: with inodes and processes whose ids are mapped, user_namespaces(7).
 * `identity` also locks setgroups(2), `full` does not.
 */
const KEPT_WITH_ALL_IDS =
  'CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP CAP_SYS_CHROOT'.split(
    ' ',
  );

/** What root of a user namespace may do all the same: these ask for the capability in the namespace of the process. Tried on 252. */
const OF_ITS_OWN: readonly string[] = ['chroot', 'unshare', 'clone'];

// biome-ignore format: one row a directive
export const DIRECTIVES = {
  // privileges
  NoNewPrivileges:        { since: 187, kind: 'choice', values: yes({ denies: [feature('setuid-exec'), feature('file-capabilities')] }), says: 'no program gains privileges through set-id bits or file capabilities' },
  CapabilityBoundingSet:  { since: 21,  kind: 'capabilities', list: 'narrows', lifted: '~', says: 'the only capabilities that the service can ever have' },
  AmbientCapabilities:    { since: 229, kind: 'capabilities', list: 'narrows', lifted: null, says: 'capabilities that a service without root keeps' },
  RestrictSUIDSGID:       { since: 242, kind: 'choice', seccomp: true, values: yes({ denies: [feature('suid-sgid'), { deny: 'syscalls', names: ['openat2'], until: 248 }, { deny: 'syscalls', names: ['openat2'], outcome: 'ENOSYS', since: 248 }] }), says: 'no set-id files are created' },
  User:                   { since: 1,   kind: 'other', lifted: null, never: 'who the service runs as is its owner\'s choice; where another user would do, a hint says so, and --as-user proposes it', says: 'the user the service runs as' },
  Group:                  { since: 1,   kind: 'other', lifted: null, never: 'who the service runs as is its owner\'s choice', says: 'the group the service runs as' },
  DynamicUser:            { since: 232, kind: 'other', lifted: null, values: yes({}), never: 'files that belong to a fixed user would be lost', implies: [{ setting: 'ProtectSystem', value: 'strict' }, { setting: 'ProtectHome', value: 'read-only' }, { setting: 'PrivateTmp', value: 'yes', until: 257 }, { setting: 'PrivateTmp', value: 'disconnected', since: 257 }, { setting: 'NoNewPrivileges', value: 'yes' }, { setting: 'RestrictSUIDSGID', value: 'yes' }, { setting: 'RemoveIPC', value: 'yes' }], says: 'a user of its own, made at start' },
  SupplementaryGroups:    { since: 227, kind: 'other', list: 'adds', lifted: null, never: 'it gives more groups, never fewer', says: 'further groups' },
  SecureBits:             { since: 21,  kind: 'other', list: 'adds', lifted: null, never: 'it matters only to services that juggle capabilities themselves', unjudged: 'capabilities over a change of users are not followed', says: 'secure bits of the process' },
  // paths
  ProtectSystem:          { since: 214, kind: 'paths', values: { strict: { since: 232, mounts: [...mounts('read-only', '/'), ...mounts('read-write-implicit', '/proc', '/sys', '/dev'), ...optional('read-write-implicit', ...HOMES)] }, full: { mounts: [...SYSTEM, ...mounts('read-only', '/etc')] }, yes: { mounts: SYSTEM }, no: {} }, says: 'the system is read-only' },
  // Up to 254 append_static_mounts() loses the read-only flag of `tmpfs` on the way; 257 does not.
  ProtectHome:            { since: 214, kind: 'paths', values: { yes: { mounts: optional('inaccessible', ...HOMES) }, tmpfs: { since: 238, mounts: [...optional('tmpfs', ...HOMES).map(row => ({ ...row, until: 255 })), ...optional('tmpfs', ...HOMES).map(row => ({ ...row, since: 255, readOnly: true as const }))] }, 'read-only': { mounts: optional('read-only', ...HOMES) }, no: {} }, says: 'home directories are out of reach' },
  ReadWritePaths:         { since: 231, kind: 'paths', plus: true, list: 'narrows', lists: 'read-write', says: 'may be written' },
  ReadOnlyPaths:          { since: 231, kind: 'paths', list: 'denies', lists: 'read-only', says: 'may only be read' },
  InaccessiblePaths:      { since: 231, kind: 'paths', list: 'denies', lists: 'inaccessible', says: 'is out of reach' },
  ExecPaths:              { since: 248, kind: 'paths', list: 'narrows', lists: 'exec', says: 'may be executed' },
  NoExecPaths:            { since: 248, kind: 'paths', list: 'denies', lists: 'noexec', says: 'may not be executed' },
  TemporaryFileSystem:    { since: 238, kind: 'paths', plus: true, list: 'denies', lists: 'tmpfs', says: 'is empty but for what is bound below it' },
  BindPaths:              { since: 233, kind: 'paths', plus: true, list: 'denies', lists: 'bind', says: 'is there, and may be written' },
  BindReadOnlyPaths:      { since: 233, kind: 'paths', plus: true, list: 'denies', lists: 'bind', shares: 'BindPaths', says: 'is there, read-only' },
  PrivateTmp:             { since: 21,  kind: 'paths', spelt: { connected: 'yes' }, values: { disconnected: { since: 257, mounts: mounts('private-tmp', '/tmp', '/var/tmp') }, yes: { mounts: mounts('private-tmp', '/tmp', '/var/tmp') }, no: {} }, says: 'its own /tmp and /var/tmp' },
  RuntimeDirectory:       { since: 211, kind: 'paths', list: 'adds', below: '/run', lifted: null, says: 'made below /run, and writable' },
  StateDirectory:         { since: 235, kind: 'paths', list: 'adds', below: '/var/lib', persistent: true, lifted: null, says: 'made below /var/lib, and writable' },
  CacheDirectory:         { since: 235, kind: 'paths', list: 'adds', below: '/var/cache', persistent: true, lifted: null, says: 'made below /var/cache, and writable' },
  LogsDirectory:          { since: 235, kind: 'paths', list: 'adds', below: '/var/log', persistent: true, lifted: null, says: 'made below /var/log, and writable' },
  ConfigurationDirectory: { since: 235, kind: 'paths', list: 'adds', below: '/etc', lifted: null, never: 'a service should not write its own configuration; what it did write is in ReadWritePaths=', says: 'made below /etc' },
  RootDirectory:          { since: 21,  kind: 'paths', lifted: null, never: 'it needs a tree of its own; --paths tmpfs makes one of binds', says: 'another root directory' },
  RootImage:              { since: 233, kind: 'paths', lifted: null, implies: [{ setting: 'DevicePolicy', value: 'closed' }], never: 'it needs a disk image; --paths tmpfs makes a root of binds', unjudged: 'what the image holds is not looked at', says: 'another root file system' },
  RootMStack:             { since: 260, kind: 'paths', lifted: null, never: 'it needs layers of file systems; --paths tmpfs makes a root of binds', unjudged: 'what the layers hold is not looked at', says: 'another root file system, made of layers' },
  // A line in a unit file has had an effect of its own since 248; what other settings imply always had.
  MountAPIVFS:            { since: 233, kind: 'paths', lifted: null, values: yes({}), says: '/proc, /sys and /dev are mounted' },
  BindLogSockets:         { since: 257, kind: 'other', lifted: null, values: yes({ mounts: [] }), never: 'it gives access to the journal, and takes none', says: 'the sockets of the journal are there' },
  PrivateDevices:         { since: 209, kind: 'choice', seccomp: true, implies: [{ setting: 'DevicePolicy', value: 'closed' }], values: yes({ mounts: mounts('private-dev', '/dev'), denies: [calls('@raw-io'), without('CAP_MKNOD', 'CAP_SYS_RAWIO'), feature('mknod-device')] }), says: 'only pseudo-devices such as /dev/null' },
  ProtectProc:            { since: 247, kind: 'choice', implies: [{ setting: 'MountAPIVFS', value: 'yes' }], values: { invisible: { mounts: [], denies: [foreign('all', 'ENOENT')] }, ptraceable: { mounts: [], denies: [foreign('all', 'ENOENT')], unproposed: true }, noaccess: { mounts: [], denies: [foreign('content', 'EPERM')], unproposed: true }, default: {} }, says: 'other users\' processes cannot be seen' },
  ProcSubset:             { since: 247, kind: 'choice', implies: [{ setting: 'MountAPIVFS', value: 'yes' }], values: { pid: { mounts: [], denies: [{ deny: 'other-paths', under: '/proc', only: ['/proc/self', '/proc/thread-self', ...FOREIGN], uses: 'all', outcome: 'ENOENT' }] }, all: {} }, says: 'of /proc, only processes' },
  ProtectKernelTunables:  { since: 232, kind: 'choice', seccomp: true, implies: [{ setting: 'MountAPIVFS', value: 'yes' }], values: yes({ mounts: TUNABLES, denies: [calls('_sysctl')] }), says: 'kernel variables are read-only' },
  ProtectKernelModules:   { since: 232, kind: 'choice', seccomp: true, values: yes({ mounts: optional('inaccessible', '/usr/lib/modules', '/lib/modules'), denies: [calls('@module'), without('CAP_SYS_MODULE')] }), says: 'no kernel modules are loaded' },
  ProtectKernelLogs:      { since: 244, kind: 'choice', seccomp: true, values: yes({ mounts: optional('inaccessible', '/dev/kmsg', '/proc/kmsg'), denies: [calls('syslog'), without('CAP_SYSLOG')] }), says: 'the kernel log is out of reach' },
  ProtectControlGroups:   { since: 232, kind: 'choice', implies: [{ setting: 'MountAPIVFS', value: 'yes' }], values: { strict: { since: 257, mounts: [{ path: '/sys/fs/cgroup', mode: 'private-cgroup', readOnly: true }], denies: [APART.controlGroups] }, private: { since: 257, mounts: mounts('private-cgroup', '/sys/fs/cgroup'), denies: [APART.controlGroups], unproposed: true }, yes: { mounts: mounts('read-only', '/sys/fs/cgroup') }, no: {} }, says: 'control groups are read-only' },
  ProtectClock:           { since: 245, kind: 'choice', seccomp: true, implies: [{ setting: 'DeviceAllow', value: 'char-rtc r' }], values: yes({ denies: [calls('@clock'), without('CAP_SYS_TIME', 'CAP_WAKE_ALARM'), { deny: 'devices', except: HARMLESS, readOnly: RTC }] }), says: 'the clock cannot be set' },
  ProtectHostname:        { since: 242, kind: 'choice', seccomp: true, argument: { since: 258 }, values: { yes: { beside: mounts('read-only', '/proc/sys/kernel/hostname', '/proc/sys/kernel/domainname'), denies: [calls('sethostname', 'setdomainname')] }, private: { since: 258, denies: [{ deny: 'syscalls', names: ['sethostname', 'setdomainname'], outcome: 'apart' }], unproposed: true }, no: {} }, says: 'the host name cannot be set' },
  // network
  PrivateNetwork:         { since: 33,  kind: 'choice', plus: true, values: yes({ mounts: [{ path: '/sys', mode: 'private-sysfs', since: 254 }], denies: [{ deny: 'network' }, APART.network] }), says: 'no network but a loopback of its own' },
  RestrictAddressFamilies:{ since: 211, kind: 'families', words: { none: { since: 249 } }, list: 'narrows', seccomp: true, says: 'only these socket families' },
  IPAddressDeny:          { since: 235, kind: 'addresses', plus: true, list: 'denies', says: 'addresses that cannot be reached' },
  IPAddressAllow:         { since: 235, kind: 'addresses', plus: true, list: 'narrows', says: 'addresses that can be reached' },
  SocketBindAllow:        { since: 249, kind: 'addresses', plus: true, list: 'narrows', built: 'BPF_FRAMEWORK', says: 'ports that can be bound' },
  SocketBindDeny:         { since: 249, kind: 'addresses', plus: true, list: 'denies', built: 'BPF_FRAMEWORK', says: 'ports that cannot be bound' },
  RestrictNetworkInterfaces: { since: 250, kind: 'other', list: 'narrows', never: 'a log of system calls does not show which interface a packet takes', unjudged: 'a log of system calls does not show which interface a packet takes', says: 'the only network interfaces' },
  BindNetworkInterface:   { since: 260, kind: 'other', lifted: null, never: 'a log of system calls does not show which interface a packet takes', unjudged: 'a log of system calls does not show which interface a packet takes', says: 'the interface that all its sockets are bound to' },
  // system calls and memory
  SystemCallFilter:       { since: 187, kind: 'syscalls', list: 'narrows', seccomp: true, says: 'the only system calls' },
  SystemCallArchitectures:{ since: 209, kind: 'choice', list: 'narrows', seccomp: true, values: { native: { denies: [{ deny: 'foreign-abi' }] }, '': {} }, says: 'no system calls of other architectures' },
  SystemCallErrorNumber:  { since: 209, kind: 'syscalls', lifted: null, says: 'what a denied system call returns' },
  SystemCallLog:          { since: 247, kind: 'syscalls', list: 'denies', seccomp: true, says: 'system calls that are logged' },
  RestrictNamespaces:     { since: 233, kind: 'namespaces', list: 'narrows', seccomp: true, instead: { clone3: { call: 'clone', since: 251 } }, lifted: 'no', says: 'the only namespaces that can be made or entered' },
  // From 254 on through prctl(PR_SET_MDWE), which Linux has since 6.3 and which answers EACCES; before, and on older kernels, through a filter.
  MemoryDenyWriteExecute: { since: 231, kind: 'choice', seccomp: true, values: yes({ denies: [{ deny: 'memory', until: 254 }, { deny: 'memory', outcome: 'EACCES', since: 254 }] }), says: 'no memory is both writable and executable' },
  LockPersonality:        { since: 235, kind: 'choice', seccomp: true, values: yes({ denies: [feature('personality')] }), says: 'personality(2) is locked' },
  // sched_setattr(2) has its policy in memory, where no filter looks: 257 lets it pass, 262 refuses it whole.
  RestrictRealtime:       { since: 231, kind: 'choice', seccomp: true, values: yes({ denies: [feature('realtime'), { deny: 'syscalls', names: ['sched_setattr'], since: 258 }] }), says: 'no realtime scheduling' },
  RestrictFileSystems:    { since: 250, kind: 'other', list: 'narrows', built: 'BPF_FRAMEWORK', never: 'a log of system calls does not show the types of file systems, and few kernels enforce it (BPF LSM)', unjudged: 'a log of system calls does not show the types of file systems', says: 'the only file system types' },
  MemoryKSM:              { since: 254, kind: 'other', lifted: null, values: yes({}), never: 'it gives memory away, and denies nothing', says: 'identical pages of memory are shared' },
  MemoryTHP:              { since: 260, kind: 'other', lifted: null, never: 'it is a matter of speed, and denies nothing', says: 'whether the memory has huge pages' },
  // isolation
  PrivateUsers:           { since: 232, kind: 'choice', kernel: 'user-namespaces', spelt: { self: 'yes' }, values: { managed: { since: 260, denies: [{ deny: 'capabilities-except', names: [], calls: OF_ITS_OWN }, { deny: 'feature', name: 'identity', outcome: 'EINVAL' }, { deny: 'feature', name: 'peer-credentials', outcome: 'apart' }, APART.users], unproposed: true }, yes: { denies: [{ deny: 'capabilities-except', names: [], calls: OF_ITS_OWN }, { deny: 'feature', name: 'identity', except: ['uid 0', 'gid 0'], outcome: 'EINVAL' }, { deny: 'feature', name: 'peer-credentials', outcome: 'apart' }, APART.users] }, identity: { since: 257, denies: [{ deny: 'capabilities-except', names: KEPT_WITH_ALL_IDS }, calls('setgroups'), APART.users] }, full: { since: 258, denies: [{ deny: 'capabilities-except', names: KEPT_WITH_ALL_IDS }, APART.users] }, no: {} }, says: 'only its own user and root are mapped' },
  UserNamespacePath:      { since: 259, kind: 'other', lifted: null, never: 'it joins a user namespace that others made', unjudged: 'what is mapped in the namespace is not looked at', says: 'the user namespace it joins' },
  PrivateIPC:             { since: 248, kind: 'choice', plus: true, values: yes({ mounts: mounts('mqueue', '/dev/mqueue'), denies: [{ deny: 'feature', name: 'ipc', outcome: 'apart' }, APART.ipc] }), says: 'System V and POSIX message queues of its own' },
  // Effects tried on 257 and 262; what else the first process of a namespace has to be is in propose/lists/processes.ts.
  PrivatePIDs:            { since: 257, kind: 'other', kernel: 'PID-namespaces', values: yes({ mounts: [], denies: [foreign('all', 'ENOENT'), { deny: 'feature', name: 'signal-foreign', outcome: 'ESRCH' }, { deny: 'feature', name: 'peer-credentials', outcome: 'apart' }, { deny: 'feature', name: 'stopped-by', outcome: 'ignored' }] }), implies: [{ setting: 'MountAPIVFS', value: 'yes' }], says: 'other processes do not exist' },
  PrivateBPF:             { since: 258, kind: 'choice', values: yes({ mounts: optional('bpffs', '/sys/fs/bpf') }), says: 'programs and maps of the kernel\'s virtual machine are its own' },
  PrivateMounts:          { since: 239, kind: 'choice', values: yes({ mounts: [], denies: [{ deny: 'syscalls', names: MOUNTING, outcome: 'apart' }] }), says: 'its mounts are private' },
  DelegateNamespaces:     { since: 258, kind: 'other', list: 'adds', lifted: null, never: 'it gives rights, it takes none', unjudged: 'who owns a namespace is not followed', says: 'namespaces that the service owns' },
  RemoveIPC:              { since: 232, kind: 'other', lifted: null, values: yes({}), says: 'no IPC objects outlive it' },
  KeyringMode:            { since: 235, kind: 'other', lifted: null, values: { private: {}, shared: {}, inherit: {} }, always: 'private', says: 'a private keyring' },
  UMask:                  { since: 1,   kind: 'other', plus: true, lifted: null, says: 'permissions that new files do not get' },
  DevicePolicy:           { since: 208, kind: 'choice', plus: true, values: { strict: { denies: [{ deny: 'devices', except: [] }], unproposed: true }, closed: { denies: [{ deny: 'devices', except: HARMLESS }] }, auto: {} }, says: 'only devices that are listed' },
  DeviceAllow:            { since: 208, kind: 'devices', plus: true, list: 'narrows', says: 'devices that can be used' },
  Delegate:               { since: 218, kind: 'other', lifted: null, never: 'it gives rights, it takes none', says: 'control groups of its own' },
  NotifyAccess:           { since: 31,  kind: 'other', lifted: null, never: 'Type= decides about it', says: 'who may notify systemd' },
} as const satisfies Record<string, DirectiveRow>;

/** name → row, for names that come from a unit file. */
export const DIRECTIVE_ROWS: ReadonlyMap<string, DirectiveRow> = new Map<string, DirectiveRow>(
  Object.entries(DIRECTIVES),
);

/** All that a value denies in this release, its mounts included. */
export const effectsOf = (value: Value, version: number): readonly Effect[] => [
  ...deniedBy(value, version),
  ...effectsOfMounts(mountsOf(value, version) ?? []),
  ...effectsOfMounts((value.beside ?? []).filter(row => holds(row, version))),
];

/** What is said of a value by itself. */
const ofValue = (row: DirectiveRow | undefined, value: string): Versions | undefined =>
  rowOf(row?.values ?? {}, value) ?? rowOf(row?.words ?? {}, value);

/** The first release that takes this directive with this value. */
export function sinceVersion(name: string, value: string): number {
  const row = DIRECTIVE_ROWS.get(name);
  return Math.max(row?.since ?? 0, ofValue(row, value)?.since ?? 0);
}

/** The values of a directive that a release knows, from strict to loose, the default last; empty for lists and for what has no order. */
export const strictness = (name: string, systemd = Number.POSITIVE_INFINITY): readonly string[] =>
  Object.entries(DIRECTIVE_ROWS.get(name)?.values ?? {}).flatMap(([value, { since = 0 }]) =>
    since <= systemd ? [value] : [],
  );

/** The value that takes a directive off; null: it is no sandbox, and stays. */
export function liftedValue(name: string): string | null {
  const row = DIRECTIVE_ROWS.get(name);
  if (row?.lifted !== undefined || row === undefined) return row?.lifted ?? null;
  return row.list === undefined ? (strictness(name).at(-1) ?? null) : '';
}

/** The places that a value of a directive speaks of. */
export function placesOf(name: string, value: string, systemd: number): readonly string[] {
  const own = rowOf(DIRECTIVE_ROWS.get(name)?.values ?? {}, value) ?? {};
  const mounted = [...(mountsOf(own, systemd) ?? []), ...(own.beside ?? [])];
  return [
    ...mounted.flatMap(({ path, mode }) => (mode === 'read-write-implicit' ? [] : [path])),
    ...deniedBy(own, systemd).flatMap(placesOfEffect),
  ];
}

/** Does this setting decide which devices can be opened? */
export const concernsDevices = (name: string): boolean => {
  const row = DIRECTIVE_ROWS.get(name);
  const denying = Object.values(row?.values ?? {}).flatMap(({ denies = [] }) => denies);
  return (
    row?.kind === 'devices' ||
    denying.some(({ deny }) => deny === 'devices') ||
    row?.implies?.some(({ setting }) => setting === 'DevicePolicy' || setting === 'DeviceAllow') === true
  );
};
