// Generates sets of directives for the differential test, `%` standing for the number of the unit that will have them.

import fc from './fast-check.ts';

const PLACES: readonly string[] = [
  '/srv/p%',
  '/srv/p%/a',
  '/srv/p%/a/in',
  '/srv/p%/a/out',
  '/srv/p%/a/f',
  '/srv/p%/b',
  '/srv/p%/b/d',
  '/srv/p%/b/d/e',
  '/srv/p%/b/d/e/f',
  '/srv/p%/b/f',
  '/srv/p%/w',
  '/srv/p%/link',
  '/srv/p%/abs',
  '/srv/p%/link/d',
  '/srv/p%/a/l',
];
const WIDE: readonly string[] = [
  '/',
  '/srv',
  '/etc',
  '/var',
  '/var/lib/app',
  '/run',
  '/var/run',
  '/home',
  '/root',
  '/tmp',
  '/usr',
  '/home/u',
  '/lib',
];
const MISSING: readonly string[] = ['/srv/p%/none', '/srv/p%/a/none/deep'];

const place = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PLACES) },
  { weight: 2, arbitrary: fc.constantFrom(...WIDE) },
);
const listed = fc.oneof(
  { weight: 8, arbitrary: place },
  { weight: 2, arbitrary: place.map(path => `-${path}`) },
  { weight: 1, arbitrary: fc.constantFrom(...MISSING).map(path => `-${path}`) },
  { weight: 1, arbitrary: fc.constantFrom(...MISSING) },
);
const few = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: 1, maxLength: 3 });
const lists = (...names: string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...names), few(listed)).map(([name, paths]) => `${name}=${paths.join(' ')}`);

const paths: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: lists('ReadWritePaths', 'ReadOnlyPaths', 'InaccessiblePaths') },
  { weight: 3, arbitrary: lists('ExecPaths', 'NoExecPaths') },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...PLACES, '/srv', '/home', '/var/lib'), fc.constantFrom('', ':ro', ':ro,noexec'))
      .map(([path, options]) => `TemporaryFileSystem=${path}${options}`),
  },
  { weight: 3, arbitrary: lists('BindPaths', 'BindReadOnlyPaths') },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('BindPaths', 'BindReadOnlyPaths'),
        fc.constantFrom(...PLACES),
        fc.constantFrom(...PLACES, '/srv/p%/made/here', '/srv/p%/b/there'),
        fc.constantFrom('', ':norbind', ':rbind'),
      )
      .map(([name, from, to, option]) => `${name}=${from}:${to}${option}`),
  },
);

const choices: readonly string[] = [
  'ProtectSystem=strict',
  'ProtectSystem=full',
  'ProtectSystem=yes',
  'ProtectHome=yes',
  'ProtectHome=read-only',
  'ProtectHome=tmpfs',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectProc=invisible',
  'ProcSubset=pid',
  'PrivateNetwork=yes',
  'PrivateIPC=yes',
  'PrivateMounts=yes',
  'MountAPIVFS=yes',
  'NoNewPrivileges=yes',
  'RestrictSUIDSGID=yes',
  'RestrictRealtime=yes',
  'LockPersonality=yes',
  'MemoryDenyWriteExecute=yes',
  'SystemCallArchitectures=native',
  'RestrictNamespaces=yes',
  'RestrictNamespaces=net user',
  'RestrictNamespaces=~mnt uts',
  'RestrictAddressFamilies=AF_UNIX AF_INET',
  'RestrictAddressFamilies=~AF_PACKET AF_INET6',
  'RestrictAddressFamilies=~AF_UNIX',
  'CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_NET_BIND_SERVICE',
  'CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_SETUID CAP_MKNOD CAP_SYS_CHROOT',
  'CapabilityBoundingSet=CAP_SYS_NICE CAP_NET_RAW CAP_SETGID',
  'CapabilityBoundingSet=',
  'StateDirectory=app',
  'CacheDirectory=app',
  'LogsDirectory=app',
  'RuntimeDirectory=app%',
];

/** The probe itself needs these: without them no access would tell anything. */
const PROBE_CALLS = 'SystemCallFilter=fork wait4 write exit_group execve';
const filters: readonly (readonly string[])[] = [
  ['SystemCallFilter=@system-service', PROBE_CALLS],
  ['SystemCallFilter=@basic-io @file-system @process', PROBE_CALLS, 'SystemCallErrorNumber=EACCES'],
  ['SystemCallFilter=@system-service @mount', 'SystemCallFilter=~@chown @sync:EIO chroot', PROBE_CALLS],
  ['SystemCallFilter=~@mount @clock:ENOENT @setuid'],
  ['SystemCallFilter=~@network-io @resources', 'SystemCallErrorNumber=EPERM'],
  ['SystemCallFilter=~@file-system', 'SystemCallFilter=openat newfstatat'],
  ['SystemCallFilter=@default', PROBE_CALLS, 'SystemCallErrorNumber=ENOSYS'],
];

/** A set of directives: mostly paths, some of everything else. */
const directiveSet: fc.Arbitrary<string[]> = fc
  .record({
    paths: fc.array(paths, { maxLength: 4 }),
    choices: fc.array(fc.constantFrom(...choices), { maxLength: 4 }),
    filter: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constantFrom(...filters) }),
  })
  .map(one => [...one.paths, ...one.choices, ...one.filter]);

/** What the probe needs when all else is gone. */
const PROBE = 'BindReadOnlyPaths=/srv/probe';

/** An empty root, in which some places are bound again: what the strategy `tmpfs` proposes. */
const emptyRootSet: fc.Arbitrary<string[]> = fc
  .record({
    root: fc.constantFrom('TemporaryFileSystem=/', 'TemporaryFileSystem=/:ro', 'TemporaryFileSystem=/:ro,noexec'),
    binds: fc.array(lists('BindPaths', 'BindReadOnlyPaths'), { minLength: 1, maxLength: 4 }),
    paths: fc.array(paths, { maxLength: 1 }),
    choices: fc.array(
      fc.oneof(
        fc.constantFrom(...choices),
        fc.constantFrom('MountAPIVFS=yes', 'PrivateDevices=yes', 'PrivateTmp=yes', 'BindPaths=/dev', 'BindPaths=/proc'),
      ),
      { maxLength: 4 },
    ),
  })
  .map(one => [one.root, PROBE, ...one.binds, ...one.paths, ...one.choices]);

/** Any set for a service that does not run as root. */
const userSet: fc.Arbitrary<string[]> = directiveSet.map(lines => ['User=nobody', ...lines]);

/** How many sets of each kind. */
export const SAMPLES: readonly (readonly [sets: fc.Arbitrary<string[]>, count: number])[] = [
  [directiveSet, 500],
  [emptyRootSet, 100],
  [userSet, 100],
];
