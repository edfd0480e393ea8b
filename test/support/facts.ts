// Generators of profiles for property tests.

import type { Access } from '../../src/process/access.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import fc from './fast-check.ts';

const name = fc.constantFrom('etc', 'var', 'lib', 'x', 'y z', 'ü', 'a%b');
/** Directories that directives have views of their own about. */
const place = fc.constantFrom(
  '/tmp',
  '/var/tmp',
  '/run',
  '/run/user/0',
  '/home',
  '/root',
  '/usr',
  '/etc',
  '/dev',
  '/dev/shm',
  '/srv',
  '/var/log',
  '/var/lib',
);
const path = fc.oneof(
  fc.constantFrom('/x', '/y z', '/ü', '/a%b'),
  fc.array(name, { minLength: 2, maxLength: 3 }).map(parts => `/${parts.join('/')}`),
  fc.tuple(place, fc.array(name, { minLength: 1, maxLength: 2 })).map(([top, parts]) => [top, ...parts].join('/')),
);
const kernelPath = fc.constantFrom(
  '/proc/self/stat',
  '/proc/sys/x',
  '/proc/meminfo',
  '/sys/class/x',
  '/sys/fs/cgroup/x',
);
const mode = fc.constantFrom(
  'read',
  'write',
  'create',
  'delete',
  'stat',
  'exec',
  'map',
  'list',
  'meta',
  'chdir',
  'connect',
  'watch',
) satisfies fc.Arbitrary<string>;

const access: fc.Arbitrary<Access> = fc.oneof(
  fc.record({ kind: fc.constant('path' as const), mode, path }),
  fc.record({
    kind: fc.constant('path' as const),
    mode: fc.constantFrom('stat', 'list', 'chdir'),
    path: fc.oneof(place, fc.constant('/')),
  }),
  fc.record({ kind: fc.constant('path' as const), mode: fc.constantFrom('read', 'write', 'stat'), path: kernelPath }),
  fc.record({ kind: fc.constant('path' as const), mode, path, errno: fc.constantFrom('ENOENT', 'EACCES') }),
  fc.record({
    kind: fc.constant('syscall' as const),
    name: fc.constantFrom('openat', 'read', 'chroot', 'mount', 'clock_settime', 'socket'),
  }),
  fc.record({
    kind: fc.constant('socket' as const),
    family: fc.constantFrom('AF_INET', 'AF_UNIX', 'AF_NETLINK'),
    type: fc.constant('SOCK_STREAM'),
  }),
  fc.record({
    kind: fc.constant('capability' as const),
    name: fc.constantFrom('CAP_CHOWN', 'CAP_SYS_TIME', 'CAP_SYSLOG'),
    syscall: fc.constant('chown'),
    certain: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('namespace' as const),
    type: fc.constantFrom('mnt', 'net', 'user'),
    call: fc.constant('unshare'),
  }),
  fc.record(
    {
      kind: fc.constant('feature' as const),
      name: fc.constantFrom('realtime', 'suid-sgid', 'personality', 'ipc'),
      certain: fc.constant(false as const),
    },
    { requiredKeys: ['kind', 'name'] },
  ),
  fc.record({ kind: fc.constant('memory' as const), what: fc.constantFrom('map' as const, 'protect' as const) }),
);

/** A file in a directory that nothing else is said of. Nothing can be renamed out of /run and /dev, which are file systems of their own. */
const moved = fc
  .tuple(fc.constantFrom('/tmp', '/var/tmp', '/home', '/root', '/etc', '/srv', '/var/lib'), fc.constantFrom('f', 'g'))
  .map(([top, file]) => `${top}/moved/${file}`);

/** rename(2): one name goes, another appears. */
const rename: fc.Arbitrary<Access[]> = fc.tuple(moved, moved).map(([from, to]) => [
  { kind: 'move', call: 'rename', from, to },
  { kind: 'path', mode: 'delete', path: from },
  { kind: 'path', mode: 'create', path: to },
]);

const call: fc.Arbitrary<Access[]> = fc.oneof(
  { weight: 12, arbitrary: access.map(one => [one]) },
  { weight: 1, arbitrary: rename },
);

/** A profile of one run. The facts of a run are a function of its id, so that equal ids mean equal runs. */
export const profileOfRun: fc.Arbitrary<Profile> = fc
  .record({
    id: fc.constantFrom('r1', 'r2', 'r3', 'r4'),
    accesses: fc.array(fc.tuple(call, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 0xffff })), {
      maxLength: 12,
    }),
  })
  .map(({ id, accesses }) => {
    const facts = accesses
      .flatMap(([made, count, time]) => made.map(one => ({ one, count, time })))
      .map(({ one, count, time }) => ({
        ...one,
        evidence: {
          count,
          runs: [id],
          first: time,
          last: time + count,
          origin: { trace: `${id}.strace`, line: time, pid: 1, syscall: 'x' },
          by: ['/bin/x'],
          slices: { [id]: 1 << (time % 31) },
        },
      }));
    const run = {
      id,
      trace: `${id}.strace`,
      lines: 10,
      unrecognised: 0,
      processes: 1,
      slice: { unit: 'lines' as const, width: 64, used: 1 },
      mode: 'replay' as const,
    };
    return mergeProfiles(facts.map(fact => ({ ...empty, runs: [run], facts: [fact] })));
  });

const empty: Profile = {
  format: 'allowtrace-profile',
  version: 2,
  runs: [],
  facts: [],
  unrecognised: { count: 0, samples: [] },
  overflow: [],
};

/** A profile of several runs. */
export const profile: fc.Arbitrary<Profile> = fc.array(profileOfRun, { maxLength: 3 }).map(mergeProfiles);
