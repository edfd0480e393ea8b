// THE TABLE of sandbox directives. One row each: since which systemd version, its kind, its values from strict to loose with what each
// denies, what comes with it, and a sentence for the reader. Sources: systemd.exec(5), systemd.resource-control(5) and the NEWS file of
// systemd; what each really does was tried on systemd 252 (test/policy/claims.test.ts tries it again).
//
//   since    first systemd version that knows it
//   later    values that came later than the directive: value → version
//   kind     `choice`: one of `values` (the loosest denies nothing) · `paths`, `syscalls`, `capabilities`, `families`, `namespaces`,
//            `addresses`, `devices`: lists with a logic of their own · `other`: limits no access that strace can see
//   values   value → effects, strictest first
//   list     several lines add up; an empty one drops what the unit said before. `narrows`: what is listed is allowed · `denies`: is refused
//   implies  settings that come with it, as systemd.exec(5) says
//   built    the part of systemd, as `systemctl --version` lists it, without which it is read and not enforced
//   plus     commands with `+` meet it too, and what they do is seldom traced: apply_mount_namespace() and exec_child() of systemd 252 ask
//            for no privileges there, and what is set for a control group holds for all in it
//   seccomp  a filter: with User= it brings NoNewPrivileges=yes, whatever that is set to
//   instead  calls that a filter cannot look into are answered with ENOSYS; libc then makes these: call → call
//   kernel   what the kernel must grant where the service runs; proposed only where that is known
//   always   proposed with this value, whatever was seen
//   never    not proposed, and why
//   says     what it protects, for the comment in the drop-in

import { type Effect, NODES } from './effects.ts';

/** Kernels and containers may refuse these to everybody. `user-namespaces`: see user_namespaces(7); a chroot cannot make any. */
export type KernelFeature = 'user-namespaces';

export interface DirectiveRow {
  since: number;
  later?: Readonly<Record<string, number>>;
  kind:
    | 'choice'
    | 'paths'
    | 'syscalls'
    | 'capabilities'
    | 'families'
    | 'namespaces'
    | 'addresses'
    | 'devices'
    | 'other';
  values?: Readonly<Record<string, readonly Effect[]>>;
  list?: 'narrows' | 'denies';
  implies?: readonly string[];
  built?: 'BPF_FRAMEWORK';
  plus?: true;
  seccomp?: true;
  instead?: Readonly<Record<string, string>>;
  kernel?: KernelFeature;
  always?: string;
  never?: string;
  says: string;
}

const NONE: readonly Effect[] = [];
const readOnly = (...under: string[]): Effect => ({ deny: 'paths', under, uses: 'write', outcome: 'EROFS' });
const hidden = (...under: string[]): Effect => ({ deny: 'paths', under, uses: 'all', outcome: 'ENOENT' });
const refused = (...under: string[]): Effect => ({ deny: 'paths', under, uses: 'all', outcome: 'EACCES' });
const calls = (...names: string[]): Effect => ({ deny: 'syscalls', names });
const without = (...names: string[]): Effect => ({ deny: 'capability', names });
const feature = (name: string): Effect => ({ deny: 'feature', name });

/** Not devices, or allowed by every device policy: cgroup_device_policy of systemd, and the private /dev. */
const HARMLESS: readonly string[] = [
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
const NO_OTHER_DEVICES: Effect = { deny: 'other-paths', under: '/dev', only: HARMLESS, uses: 'open', outcome: 'EPERM' };
/** The file systems in a private /dev that stay as they are; the rest of it is read-only and noexec. */
const IN_DEV: readonly string[] = ['/dev/shm', '/dev/mqueue', '/dev/hugepages', '/dev/pts'];
const PRIVATE_DEV: readonly Effect[] = [
  { deny: 'other-paths', under: '/dev', only: HARMLESS, uses: 'all', outcome: 'ENOENT' },
  { deny: 'paths', under: ['/dev'], except: IN_DEV, uses: 'entries', outcome: 'EROFS' },
  { deny: 'paths', under: ['/dev'], except: IN_DEV, uses: 'exec', outcome: 'EACCES' },
];

// biome-ignore format: one row a directive
export const DIRECTIVES = {
  // privileges
  NoNewPrivileges:        { since: 187, kind: 'choice', values: { yes: [feature('setuid-exec'), feature('file-capabilities')], no: NONE }, says: 'no program gains privileges through set-id bits or file capabilities' },
  CapabilityBoundingSet:  { since: 21,  kind: 'capabilities', list: 'narrows', says: 'the only capabilities that the service can ever have' },
  AmbientCapabilities:    { since: 229, kind: 'capabilities', list: 'narrows', says: 'capabilities that a service without root keeps' },
  RestrictSUIDSGID:       { since: 242, kind: 'choice', seccomp: true, values: { yes: [feature('suid-sgid'), { deny: 'syscalls', names: ['openat2'], outcome: 'ENOSYS' }], no: NONE }, says: 'no set-id files are made' },
  User:                   { since: 1,   kind: 'other', never: 'who the service runs as is its owner\'s choice; where another user would do, a hint says so, and --as-user proposes it', says: 'the user the service runs as' },
  Group:                  { since: 1,   kind: 'other', never: 'who the service runs as is its owner\'s choice', says: 'the group the service runs as' },
  DynamicUser:            { since: 232, kind: 'other', never: 'files that belong to a fixed user would be lost', implies: ['ProtectSystem=strict', 'ProtectHome=read-only', 'PrivateTmp=yes', 'NoNewPrivileges=yes', 'RestrictSUIDSGID=yes', 'RemoveIPC=yes'], says: 'a user of its own, made at start' },
  SupplementaryGroups:    { since: 227, kind: 'other', never: 'it gives more groups, never fewer', says: 'further groups' },
  SecureBits:             { since: 21,  kind: 'other', never: 'it matters only to services that juggle capabilities themselves', says: 'secure bits of the process' },
  // paths
  ProtectSystem:          { since: 214, later: { strict: 232 }, kind: 'paths', says: 'the system is read-only' },
  ProtectHome:            { since: 214, later: { tmpfs: 238 }, kind: 'paths', says: 'home directories are out of reach' },
  ReadWritePaths:         { since: 231, kind: 'paths', plus: true, list: 'narrows', says: 'may be written' },
  ReadOnlyPaths:          { since: 231, kind: 'paths', list: 'denies', says: 'may only be read' },
  InaccessiblePaths:      { since: 231, kind: 'paths', list: 'denies', says: 'is out of reach' },
  ExecPaths:              { since: 249, kind: 'paths', list: 'narrows', says: 'may be executed' },
  NoExecPaths:            { since: 249, kind: 'paths', list: 'denies', says: 'may not be executed' },
  TemporaryFileSystem:    { since: 238, kind: 'paths', plus: true, list: 'denies', says: 'is empty but for what is bound below it' },
  BindPaths:              { since: 233, kind: 'paths', plus: true, list: 'denies', says: 'is there, and may be written' },
  BindReadOnlyPaths:      { since: 233, kind: 'paths', plus: true, list: 'denies', says: 'is there, read-only' },
  PrivateTmp:             { since: 21,  later: { disconnected: 257 }, kind: 'paths', says: 'its own /tmp and /var/tmp' },
  RuntimeDirectory:       { since: 211, kind: 'paths', says: 'made below /run, and writable' },
  StateDirectory:         { since: 235, kind: 'paths', says: 'made below /var/lib, and writable' },
  CacheDirectory:         { since: 235, kind: 'paths', says: 'made below /var/cache, and writable' },
  LogsDirectory:          { since: 235, kind: 'paths', says: 'made below /var/log, and writable' },
  ConfigurationDirectory: { since: 235, kind: 'paths', never: 'a service should not write its own configuration; what it did write is in ReadWritePaths=', says: 'made below /etc' },
  RootDirectory:          { since: 21,  kind: 'paths', never: 'it needs a tree of its own; --paths tmpfs makes one of binds', says: 'another root directory' },
  RootImage:              { since: 233, kind: 'paths', never: 'it needs a disk image; --paths tmpfs makes a root of binds', implies: ['DevicePolicy=closed'], says: 'another root file system' },
  MountAPIVFS:            { since: 233, kind: 'paths', says: '/proc, /sys and /dev are mounted' },
  PrivateDevices:         { since: 209, kind: 'choice', seccomp: true, implies: ['DevicePolicy=closed', 'PrivateMounts=yes'], values: { yes: [...PRIVATE_DEV, calls('@raw-io'), without('CAP_MKNOD', 'CAP_SYS_RAWIO'), feature('mknod-device')], no: NONE }, says: 'only /dev/null and its like' },
  ProtectProc:            { since: 247, kind: 'choice', values: { invisible: [hidden('/proc/[pid]', '/proc/[tracer]')], default: NONE }, says: 'other users\' processes cannot be seen' },
  ProcSubset:             { since: 247, kind: 'choice', values: { pid: [{ deny: 'other-paths', under: '/proc', only: ['/proc/self', '/proc/thread-self', '/proc/[pid]', '/proc/[tracer]'], uses: 'all', outcome: 'ENOENT' }], all: NONE }, says: 'of /proc, only processes' },
  ProtectKernelTunables:  { since: 232, kind: 'choice', seccomp: true, implies: ['MountAPIVFS=yes'], values: { yes: [readOnly('/proc/sys', '/proc/sysrq-trigger', '/proc/latency_stats', '/proc/mtrr', '/proc/apm', '/proc/acpi', '/proc/timer_stats', '/proc/fs', '/proc/irq', '/sys'), refused('/proc/kallsyms', '/proc/kcore'), calls('_sysctl')], no: NONE }, says: 'kernel variables are read-only' },
  ProtectKernelModules:   { since: 232, kind: 'choice', seccomp: true, values: { yes: [calls('@module'), without('CAP_SYS_MODULE'), hidden('/usr/lib/modules', '/lib/modules')], no: NONE }, says: 'no kernel modules are loaded' },
  ProtectKernelLogs:      { since: 244, kind: 'choice', seccomp: true, values: { yes: [calls('syslog'), without('CAP_SYSLOG'), refused('/dev/kmsg', '/proc/kmsg')], no: NONE }, says: 'the kernel log is out of reach' },
  ProtectControlGroups:   { since: 232, later: { private: 257, strict: 257 }, kind: 'choice', implies: ['MountAPIVFS=yes'], values: { yes: [readOnly('/sys/fs/cgroup')], no: NONE }, says: 'control groups are read-only' },
  ProtectClock:           { since: 245, kind: 'choice', seccomp: true, implies: ['DeviceAllow=char-rtc r'], values: { yes: [calls('@clock'), without('CAP_SYS_TIME', 'CAP_WAKE_ALARM'), { deny: 'other-paths', under: '/dev', only: [...HARMLESS, '/dev/rtc', '/dev/rtc0'], uses: 'open', outcome: 'EPERM' }, { deny: 'paths', under: ['/dev/rtc', '/dev/rtc0'], uses: 'write', outcome: 'EPERM' }], no: NONE }, says: 'the clock cannot be set' },
  ProtectHostname:        { since: 242, later: { private: 258 }, kind: 'choice', seccomp: true, implies: ['a UTS namespace: the host name it sees is that of its start'], values: { yes: [readOnly('/proc/sys/kernel/hostname', '/proc/sys/kernel/domainname'), calls('sethostname', 'setdomainname')], no: NONE }, says: 'the host name cannot be set' },
  // network
  PrivateNetwork:         { since: 33,  kind: 'choice', plus: true, values: { yes: [{ deny: 'network' }], no: NONE }, says: 'no network but a loopback of its own' },
  RestrictAddressFamilies:{ since: 211, later: { none: 249 }, kind: 'families', list: 'narrows', seccomp: true, says: 'the only kinds of sockets' },
  IPAddressDeny:          { since: 235, kind: 'addresses', plus: true, list: 'denies', says: 'addresses that cannot be reached' },
  IPAddressAllow:         { since: 235, kind: 'addresses', plus: true, list: 'narrows', says: 'addresses that can be reached' },
  SocketBindAllow:        { since: 249, kind: 'addresses', plus: true, list: 'narrows', built: 'BPF_FRAMEWORK', says: 'ports that can be bound' },
  SocketBindDeny:         { since: 249, kind: 'addresses', plus: true, list: 'denies', built: 'BPF_FRAMEWORK', says: 'ports that cannot be bound' },
  RestrictNetworkInterfaces: { since: 250, kind: 'other', never: 'a log of system calls does not show which interface a packet takes', says: 'the only network interfaces' },
  // system calls and memory
  SystemCallFilter:       { since: 187, kind: 'syscalls', list: 'narrows', seccomp: true, says: 'the only system calls' },
  SystemCallArchitectures:{ since: 209, kind: 'choice', list: 'narrows', seccomp: true, values: { native: [{ deny: 'foreign-abi' }], '': NONE }, says: 'no system calls of other architectures' },
  SystemCallErrorNumber:  { since: 209, kind: 'syscalls', says: 'what a refused system call returns' },
  SystemCallLog:          { since: 247, kind: 'syscalls', list: 'denies', seccomp: true, says: 'system calls that are logged' },
  RestrictNamespaces:     { since: 233, kind: 'namespaces', list: 'narrows', seccomp: true, instead: { clone3: 'clone' }, says: 'the only namespaces that can be made or entered' },
  MemoryDenyWriteExecute: { since: 231, kind: 'choice', seccomp: true, values: { yes: [{ deny: 'memory' }], no: NONE }, says: 'no memory is both writable and executable' },
  LockPersonality:        { since: 235, kind: 'choice', seccomp: true, values: { yes: [feature('personality')], no: NONE }, says: 'the execution domain is fixed' },
  RestrictRealtime:       { since: 231, kind: 'choice', seccomp: true, values: { yes: [feature('realtime')], no: NONE }, says: 'no realtime scheduling' },
  RestrictFileSystems:    { since: 250, kind: 'other', built: 'BPF_FRAMEWORK', never: 'a log of system calls does not show the types of file systems, and few kernels enforce it (BPF LSM)', says: 'the only file system types' },
  // isolation
  PrivateUsers:           { since: 232, later: { self: 257, identity: 257, full: 258 }, kind: 'choice', kernel: 'user-namespaces', values: { yes: [{ deny: 'capabilities-except', names: [] }, { deny: 'feature', name: 'identity', except: ['uid 0', 'gid 0'], outcome: 'EINVAL' }, { deny: 'feature', name: 'peer-credentials', outcome: 'apart' }], no: NONE }, says: 'other users do not exist' },
  PrivateIPC:             { since: 248, kind: 'choice', plus: true, values: { yes: [{ deny: 'feature', name: 'ipc', outcome: 'apart' }], no: NONE }, says: 'System V and POSIX message queues of its own' },
  PrivatePIDs:            { since: 257, kind: 'other', never: 'no systemd that has it was at hand to try it', says: 'other processes do not exist' },
  PrivateMounts:          { since: 239, kind: 'choice', values: { yes: [{ deny: 'syscalls', names: ['mount', 'umount2', 'move_mount', 'pivot_root'], outcome: 'apart' }], no: NONE }, says: 'its mounts stay its own' },
  RemoveIPC:              { since: 232, kind: 'other', says: 'IPC objects of its user go with the service' },
  KeyringMode:            { since: 235, kind: 'other', always: 'private', says: 'a keyring of its own' },
  UMask:                  { since: 1,   kind: 'other', plus: true, says: 'permissions that new files do not get' },
  DevicePolicy:           { since: 208, kind: 'choice', plus: true, values: { closed: [NO_OTHER_DEVICES], auto: NONE }, says: 'only devices that are listed' },
  DeviceAllow:            { since: 208, kind: 'devices', plus: true, list: 'narrows', says: 'devices that can be used' },
  Delegate:               { since: 218, kind: 'other', never: 'it gives rights, it takes none', says: 'control groups of its own' },
  NotifyAccess:           { since: 31,  kind: 'other', never: 'Type= decides about it', says: 'who may notify systemd' },
} as const satisfies Record<string, DirectiveRow>;

/** name → row, for names that come from a unit file. */
export const DIRECTIVE_ROWS: ReadonlyMap<string, DirectiveRow> = new Map<string, DirectiveRow>(
  Object.entries(DIRECTIVES),
);
