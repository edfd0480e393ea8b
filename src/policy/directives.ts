// THE TABLE of sandbox directives. One row each: since which systemd version, its kind, its values from strict to loose with what each
// denies, and a sentence for the reader. Sources: systemd.exec(5), systemd.resource-control(5) and the NEWS file of systemd;
// what each really does was tried on systemd 252.
//
//   since    first systemd version that knows it
//   kind     `choice`: one of `values` (the loosest denies nothing) · `paths`, `syscalls`, `capabilities`, `families`, `namespaces`:
//            lists with a logic of their own · `other`: limits no access that strace can see
//   values   value → effects, strictest first
//   implies  settings that come with it
//   says     what it protects, for the comment in the drop-in

import type { Effect } from './effects.ts';

export interface DirectiveRow {
  since: number;
  kind: 'choice' | 'paths' | 'syscalls' | 'capabilities' | 'families' | 'namespaces' | 'other';
  values?: Readonly<Record<string, readonly Effect[]>>;
  /** Proposed only when asked for, or never (hints). */
  propose?: false;
  says: string;
}

const NONE: readonly Effect[] = [];
const readOnly = (...under: string[]): Effect => ({ deny: 'paths', under, uses: 'write', outcome: 'EROFS' });
const hidden = (...under: string[]): Effect => ({ deny: 'paths', under, uses: 'all', outcome: 'ENOENT' });
const refused = (...under: string[]): Effect => ({ deny: 'paths', under, uses: 'all', outcome: 'EACCES' });
const calls = (...names: string[]): Effect => ({ deny: 'syscalls', names });
const without = (...names: string[]): Effect => ({ deny: 'capability', names });
const OTHER_DEVICES: Effect = {
  deny: 'other-paths',
  under: '/dev',
  only: [
    '/dev/null',
    '/dev/zero',
    '/dev/full',
    '/dev/random',
    '/dev/urandom',
    '/dev/tty',
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
    '/dev/core',
  ],
  outcome: 'ENOENT',
};

// biome-ignore format: one row a directive
export const DIRECTIVES = {
  // privileges
  NoNewPrivileges:        { since: 187, kind: 'choice', values: { yes: [{ deny: 'feature', name: 'setuid-exec' }], no: NONE }, says: 'no program gains privileges through set-id bits or file capabilities' },
  CapabilityBoundingSet:  { since: 21,  kind: 'capabilities', says: 'the only capabilities that the service can ever have' },
  AmbientCapabilities:    { since: 229, kind: 'capabilities', propose: false, says: 'capabilities that a service without root keeps' },
  RestrictSUIDSGID:       { since: 242, kind: 'choice', values: { yes: [{ deny: 'feature', name: 'suid-sgid' }], no: NONE }, says: 'no set-id files are made' },
  User:                   { since: 1,   kind: 'other', propose: false, says: 'the user the service runs as' },
  Group:                  { since: 1,   kind: 'other', propose: false, says: 'the group the service runs as' },
  DynamicUser:            { since: 232, kind: 'other', propose: false, says: 'a user of its own, made at start' },
  SupplementaryGroups:    { since: 227, kind: 'other', propose: false, says: 'further groups' },
  SecureBits:             { since: 21,  kind: 'other', propose: false, says: 'secure bits of the process' },
  // paths
  ProtectSystem:          { since: 214, kind: 'paths', says: 'the system is read-only' },
  ProtectHome:            { since: 214, kind: 'paths', says: 'home directories are out of reach' },
  ReadWritePaths:         { since: 231, kind: 'paths', says: 'may be written' },
  ReadOnlyPaths:          { since: 231, kind: 'paths', says: 'may only be read' },
  InaccessiblePaths:      { since: 231, kind: 'paths', says: 'is out of reach' },
  ExecPaths:              { since: 249, kind: 'paths', says: 'may be executed' },
  NoExecPaths:            { since: 249, kind: 'paths', says: 'may not be executed' },
  TemporaryFileSystem:    { since: 238, kind: 'paths', says: 'is empty but for what is bound below it' },
  BindPaths:              { since: 233, kind: 'paths', says: 'is there, and may be written' },
  BindReadOnlyPaths:      { since: 233, kind: 'paths', says: 'is there, read-only' },
  PrivateTmp:             { since: 21,  kind: 'paths', says: 'its own /tmp and /var/tmp' },
  RuntimeDirectory:       { since: 211, kind: 'paths', says: 'made below /run, and writable' },
  StateDirectory:         { since: 235, kind: 'paths', says: 'made below /var/lib, and writable' },
  CacheDirectory:         { since: 235, kind: 'paths', says: 'made below /var/cache, and writable' },
  LogsDirectory:          { since: 235, kind: 'paths', says: 'made below /var/log, and writable' },
  ConfigurationDirectory: { since: 235, kind: 'paths', propose: false, says: 'made below /etc' },
  RootDirectory:          { since: 21,  kind: 'paths', propose: false, says: 'another root directory' },
  RootImage:              { since: 233, kind: 'paths', propose: false, says: 'another root file system' },
  MountAPIVFS:            { since: 233, kind: 'paths', propose: false, says: '/proc, /sys and /dev are mounted' },
  PrivateDevices:         { since: 209, kind: 'choice', values: { yes: [OTHER_DEVICES, calls('@raw-io'), without('CAP_MKNOD', 'CAP_SYS_RAWIO'), { deny: 'feature', name: 'mknod-device' }], no: NONE }, says: 'only /dev/null and its like' },
  ProtectProc:            { since: 247, kind: 'choice', values: { invisible: [hidden('/proc/[pid]')], default: NONE }, says: 'other users\' processes cannot be seen' },
  ProcSubset:             { since: 247, kind: 'choice', values: { pid: [{ deny: 'other-paths', under: '/proc', only: ['/proc/self', '/proc/thread-self', '/proc/[pid]', '/proc/mounts'], outcome: 'ENOENT' }], all: NONE }, says: 'of /proc, only processes' },
  ProtectKernelTunables:  { since: 232, kind: 'choice', values: { yes: [readOnly('/proc/sys', '/proc/sysrq-trigger', '/proc/latency_stats', '/proc/mtrr', '/proc/apm', '/proc/acpi', '/proc/timer_stats', '/proc/fs', '/proc/irq', '/sys'), refused('/proc/kallsyms', '/proc/kcore')], no: NONE }, says: 'kernel variables are read-only' },
  ProtectKernelModules:   { since: 232, kind: 'choice', values: { yes: [calls('@module'), without('CAP_SYS_MODULE'), refused('/usr/lib/modules')], no: NONE }, says: 'no kernel modules are loaded' },
  ProtectKernelLogs:      { since: 244, kind: 'choice', values: { yes: [calls('syslog'), without('CAP_SYSLOG'), refused('/dev/kmsg', '/proc/kmsg')], no: NONE }, says: 'the kernel log is out of reach' },
  ProtectControlGroups:   { since: 232, kind: 'choice', values: { yes: [readOnly('/sys/fs/cgroup')], no: NONE }, says: 'control groups are read-only' },
  ProtectClock:           { since: 245, kind: 'choice', values: { yes: [calls('@clock'), without('CAP_SYS_TIME', 'CAP_WAKE_ALARM'), { deny: 'paths', under: ['/dev/rtc', '/dev/rtc0'], uses: 'write', outcome: 'EPERM' }], no: NONE }, says: 'the clock cannot be set' },
  ProtectHostname:        { since: 242, kind: 'choice', values: { yes: [calls('sethostname', 'setdomainname')], no: NONE }, says: 'the host name cannot be set' },
  // network
  PrivateNetwork:         { since: 33,  kind: 'choice', values: { yes: [{ deny: 'network' }], no: NONE }, says: 'no network but a loopback of its own' },
  RestrictAddressFamilies:{ since: 211, kind: 'families', says: 'the only kinds of sockets' },
  IPAddressDeny:          { since: 235, kind: 'other', propose: false, says: 'addresses that cannot be reached' },
  IPAddressAllow:         { since: 235, kind: 'other', propose: false, says: 'addresses that can be reached' },
  SocketBindAllow:        { since: 249, kind: 'other', propose: false, says: 'ports that can be bound' },
  SocketBindDeny:         { since: 249, kind: 'other', propose: false, says: 'ports that cannot be bound' },
  RestrictNetworkInterfaces: { since: 250, kind: 'other', propose: false, says: 'the only network interfaces' },
  // system calls and memory
  SystemCallFilter:       { since: 187, kind: 'syscalls', says: 'the only system calls' },
  SystemCallArchitectures:{ since: 209, kind: 'choice', values: { native: [{ deny: 'foreign-abi' }], '': NONE }, says: 'no system calls of other architectures' },
  SystemCallErrorNumber:  { since: 209, kind: 'other', says: 'what a refused system call returns' },
  SystemCallLog:          { since: 247, kind: 'other', propose: false, says: 'system calls that are logged' },
  RestrictNamespaces:     { since: 233, kind: 'namespaces', says: 'the only namespaces that can be made or entered' },
  MemoryDenyWriteExecute: { since: 231, kind: 'choice', values: { yes: [{ deny: 'memory' }], no: NONE }, says: 'no memory is both writable and executable' },
  LockPersonality:        { since: 235, kind: 'choice', values: { yes: [{ deny: 'feature', name: 'personality' }], no: NONE }, says: 'the execution domain is fixed' },
  RestrictRealtime:       { since: 231, kind: 'choice', values: { yes: [{ deny: 'feature', name: 'realtime' }], no: NONE }, says: 'no realtime scheduling' },
  RestrictFileSystems:    { since: 250, kind: 'other', propose: false, says: 'the only file system types' },
  // isolation
  PrivateUsers:           { since: 232, kind: 'choice', propose: false, values: { yes: [{ deny: 'capabilities-except', names: [] }], no: NONE }, says: 'other users do not exist' },
  PrivateIPC:             { since: 248, kind: 'choice', values: { yes: [{ deny: 'feature', name: 'ipc' }], no: NONE }, says: 'System V and POSIX message queues of its own' },
  PrivateMounts:          { since: 239, kind: 'choice', propose: false, values: { yes: NONE, no: NONE }, says: 'its mounts stay its own' },
  RemoveIPC:              { since: 212, kind: 'other', says: 'IPC objects go with the service' },
  KeyringMode:            { since: 235, kind: 'choice', values: { private: NONE, inherit: NONE }, says: 'a keyring of its own' },
  UMask:                  { since: 1,   kind: 'other', says: 'permissions that new files do not get' },
  DevicePolicy:           { since: 208, kind: 'choice', propose: false, values: { closed: [OTHER_DEVICES], auto: NONE }, says: 'only devices that are listed' },
  DeviceAllow:            { since: 208, kind: 'other', propose: false, says: 'devices that can be used' },
  Delegate:               { since: 218, kind: 'other', propose: false, says: 'control groups of its own' },
  NotifyAccess:           { since: 31,  kind: 'other', propose: false, says: 'who may notify systemd' },
} as const satisfies Record<string, DirectiveRow>;

export type DirectiveName = keyof typeof DIRECTIVES;

/** name → row, for names that come from a unit file. */
export const DIRECTIVE_ROWS: ReadonlyMap<string, DirectiveRow> = new Map<string, DirectiveRow>(
  Object.entries(DIRECTIVES),
);
