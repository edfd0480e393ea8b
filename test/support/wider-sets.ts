// Generates sets of directives that are hard to get right: symlinks that dangle, loop or nest, slashes and prefixes, binds and tmpfs with options,
// a root of its own, directories that systemd makes, other users, and lists with resets. `%` stands for the number of the unit.

import { USERS } from './differential.ts';
import fc from './fast-check.ts';

/** Places in a unit's tree (support/probes.ts makes it), symlinks of every kind among them. */
const PLACES: readonly string[] = [
  ...['', '/a', '/a/in', '/a/f', '/a/fifo', '/b', '/b/d', '/b/d/e', '/b/d/e/f', '/w', '/o', '/o/other', '/o/shut'],
  ...[
    '/link',
    '/abs',
    '/a/l',
    '/a/nested',
    '/b/far',
    '/b/dangling',
    '/b/nowhere',
    '/w/loop',
    '/w/loop/x',
    '/link/d/e',
    '/abs/e',
  ],
  ...['/none', '/a/none/deep', '/b/dangling/x', '/made', '/b/made/deep'],
].map(place => `/srv/p%${place}`);
const WIDE: readonly string[] = [
  ...[
    '/',
    '/srv',
    '/etc',
    '/etc/passwd',
    '/var',
    '/var/lib',
    '/var/lib/app',
    '/run',
    '/var/run',
    '/run/app%',
    '/home',
    '/home/u',
    '/root',
  ],
  ...[
    '/tmp',
    '/var/tmp',
    '/usr',
    '/usr/bin',
    '/lib',
    '/bin',
    '/lib64',
    '/dev',
    '/dev/shm',
    '/proc',
    '/proc/sys',
    '/sys',
    '/sys/fs/cgroup',
  ],
];

const anywhere = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PLACES) },
  { weight: 2, arbitrary: fc.constantFrom(...WIDE) },
);
/** The same place, written otherwise. */
const written = fc
  .tuple(anywhere, fc.constantFrom('', '', '', '', '/', '//', '/.'))
  .map(([path, end]) => `${path}${path === '/' && end === '/.' ? '' : end}`);
const prefix = fc.constantFrom('', '', '', '-', '-', '+', '-+');
const listed = fc.tuple(prefix, written).map(([before, path]) => `${before}${path}`);
const few = <T>(one: fc.Arbitrary<T>, most = 3): fc.Arbitrary<T[]> => fc.array(one, { minLength: 1, maxLength: most });

const LISTS = ['ReadWritePaths', 'ReadOnlyPaths', 'InaccessiblePaths', 'ExecPaths', 'NoExecPaths'];
const list: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.tuple(fc.constantFrom(...LISTS), few(listed)).map(([name, paths]) => `${name}=${paths.join(' ')}`),
  },
  { weight: 1, arbitrary: fc.constantFrom(...LISTS, 'BindPaths', 'TemporaryFileSystem').map(name => `${name}=`) },
);

const bind: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('BindPaths', 'BindReadOnlyPaths'),
    few(
      fc
        .tuple(
          fc.constantFrom('', '', '-'),
          written,
          fc.oneof({ weight: 1, arbitrary: fc.constant('') }, { weight: 2, arbitrary: written }),
          fc.constantFrom('', '', ':norbind', ':rbind'),
        )
        .map(([optional, from, to, option]) => `${optional}${from}${to === '' ? '' : `:${to}${option}`}`),
      2,
    ),
  )
  .map(([name, binds]) => `${name}=${binds.join(' ')}`);

const tmpfs: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('/', ...PLACES, '/srv', '/home', '/root', '/var', '/var/lib', '/run', '/tmp', '/etc'),
    fc.uniqueArray(
      fc.constantFrom('ro', 'noexec', 'mode=0700', 'mode=0555', 'mode=1777', 'uid=65534', 'size=1M', 'nodev'),
      {
        maxLength: 2,
      },
    ),
  )
  .map(([path, options]) => `TemporaryFileSystem=${path}${options.length === 0 ? '' : `:${options.join(',')}`}`);

const paths: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: list },
  { weight: 2, arbitrary: bind },
  { weight: 1, arbitrary: tmpfs },
);

/** Directories that systemd makes, with modes, second names and depth. */
const own: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.constantFrom('State', 'Cache', 'Logs', 'Runtime', 'Configuration'),
    few(fc.constantFrom('app%', 'app%/deep', 'own%', 'own%:again%', 'app%:old/name%', 'p%/link/x'), 2),
    fc.constantFrom('', '', '0700', '0500', '0750', '1777'),
  )
  .map(([kind, names, mode]) => [
    `${kind}Directory=${[...new Set(names)].join(' ')}`,
    ...(mode === '' ? [] : [`${kind}DirectoryMode=${mode}`]),
  ]);

/** A list that allows or takes away, more than once, and starts anew. */
const namedList = (name: string, words: readonly string[], alone: readonly string[] = []): fc.Arbitrary<string[]> =>
  few(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(fc.boolean(), fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }))
          .map(([without, some]) => `${name}=${without ? '~' : ''}${some.join(' ')}`),
      },
      { weight: 1, arbitrary: fc.constantFrom(`${name}=`, ...alone.map(word => `${name}=${word}`)) },
    ),
  );

const CAPABILITIES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID NET_BIND_SERVICE NET_RAW SYS_CHROOT SYS_PTRACE SYS_ADMIN SYS_NICE SYS_TIME MKNOD SYSLOG'
    .split(' ')
    .map(name => `CAP_${name}`);
const FAMILIES = ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_PACKET'];
const NAMESPACES = ['cgroup', 'ipc', 'net', 'mnt', 'pid', 'user', 'uts'];

/** Groups and calls, none of which the probe itself needs. */
const CALLS =
  '@clock @mount @setuid @chown @sync @resources @network-io @ipc @keyring @module @reboot @swap @cpu-emulation @raw-io @timer @memlock @aio @debug @file-system @privileged personality chroot sethostname rename renameat2 mkdir chmod socket bind connect unshare setns kill mq_open openat2'.split(
    ' ',
  );
const ANSWERS = ['', '', '', ':EPERM', ':ENOSYS', ':EACCES', ':255', ':kill'];
const PROBE_CALLS = 'SystemCallFilter=fork wait4 write exit_group execve';
const calls = few(fc.constantFrom(...CALLS), 4);
const answered = few(
  fc.tuple(fc.constantFrom(...CALLS), fc.constantFrom(...ANSWERS)).map(([call, answer]) => `${call}${answer}`),
  4,
);
const errorNumber = fc.constantFrom(
  [],
  [],
  ['SystemCallErrorNumber=EPERM'],
  ['SystemCallErrorNumber=ENOSYS'],
  ['SystemCallErrorNumber=kill'],
);
const filter: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.oneof(
      // An allow-list, then words that are taken away, and some that are given back.
      fc
        .tuple(
          fc.constantFrom('@system-service', '@system-service @mount', '@basic-io @file-system @process'),
          answered,
          calls,
        )
        .map(([all, without, back]) => [
          `SystemCallFilter=${all}`,
          `SystemCallFilter=~${without.join(' ')}`,
          `SystemCallFilter=${back.join(' ')}`,
          PROBE_CALLS,
        ]),
      // A list of what is refused, twice, and some let through again.
      fc
        .tuple(answered, answered, calls)
        .map(([one, two, back]) => [
          `SystemCallFilter=~${one.join(' ')}`,
          `SystemCallFilter=~${two.join(' ')}`,
          `SystemCallFilter=${back.join(' ')}`,
        ]),
      fc
        .tuple(calls, answered)
        .map(([all, one]) => [
          `SystemCallFilter=${all.join(' ')}`,
          'SystemCallFilter=',
          `SystemCallFilter=~${one.join(' ')}`,
        ]),
    ),
    errorNumber,
  )
  .map(([lines, error]) => [...lines, ...error]);

const choices: readonly string[] = [
  ...[
    'ProtectSystem=strict',
    'ProtectSystem=full',
    'ProtectHome=yes',
    'ProtectHome=read-only',
    'ProtectHome=tmpfs',
    'PrivateTmp=yes',
  ],
  ...[
    'PrivateDevices=yes',
    'PrivateUsers=yes',
    'PrivateNetwork=yes',
    'PrivateIPC=yes',
    'PrivateMounts=yes',
    'MountAPIVFS=yes',
  ],
  ...[
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectClock=yes',
  ],
  ...[
    'ProtectHostname=yes',
    'ProtectProc=invisible',
    'ProtectProc=ptraceable',
    'ProtectProc=noaccess',
    'ProcSubset=pid',
  ],
  ...[
    'NoNewPrivileges=yes',
    'RestrictSUIDSGID=yes',
    'RestrictRealtime=yes',
    'LockPersonality=yes',
    'MemoryDenyWriteExecute=yes',
  ],
  ...['WorkingDirectory=/srv/p%/a', 'WorkingDirectory=-/srv/p%/none', 'WorkingDirectory=/srv/p%/none', 'UMask=0077'],
  ...['IPAddressDeny=any', 'IPAddressDeny=localhost', 'DevicePolicy=closed', 'DevicePolicy=strict'],
  'DefaultDependencies=no',
];

const others: fc.Arbitrary<string[]> = fc.oneof(
  { weight: 2, arbitrary: own },
  { weight: 2, arbitrary: namedList('CapabilityBoundingSet', CAPABILITIES) },
  { weight: 1, arbitrary: namedList('RestrictAddressFamilies', FAMILIES, ['none']) },
  { weight: 1, arbitrary: namedList('RestrictNamespaces', NAMESPACES, ['yes', 'no']) },
  { weight: 2, arbitrary: filter },
);

/** One or two things of a kind, so that what disagrees is found in a small set. */
export const widerSet: fc.Arbitrary<string[]> = fc
  .record({
    paths: fc.array(paths, { maxLength: 3 }),
    choices: fc.uniqueArray(fc.constantFrom(...choices), { maxLength: 2 }),
    others: fc.array(others, { maxLength: 1 }),
  })
  .map(one => [...one.paths, ...one.choices, ...one.others.flat()]);

/** What the probe needs when all else is gone. */
const PROBE = 'BindReadOnlyPaths=/srv/probe';

/** A root of the unit's own, where paths without `+` still mean the machine's. */
export const ownRootSet: fc.Arbitrary<string[]> = widerSet.map(lines => [
  'RootDirectory=/srv/p%/root',
  PROBE,
  ...lines,
]);

/** Services that do not start as root, in trees that belong to them (nobody) or not. */
export const otherUserSet: fc.Arbitrary<string[]> = fc
  .tuple(fc.constantFrom(...USERS), widerSet)
  .map(([user, lines]) => [...user, ...lines]);

/** How many sets of each kind. */
export const WIDER_SAMPLES: readonly (readonly [sets: fc.Arbitrary<string[]>, count: number])[] = [
  [widerSet, 500],
  [ownRootSet, 100],
  [otherUserSet, 150],
];
