// SystemCallFilter= by release: the sets that each has, what calls get, and lists with which a service does not start. What the model says is
// asked of real systemds, too.

import test from 'ava';
import { examine } from '../../src/policy/check/examine.ts';
import type { Assignment } from '../../src/policy/findings.ts';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { filtered, systemCallFilter } from '../../src/policy/sandbox/system-call-filter.ts';
import { SET_NAMES, syscallSets } from '../../src/policy/sets.ts';
import type { Fact, Profile } from '../../src/profile/profile.ts';
import { printedSyscallSets } from '../../src/systemd/version.ts';
import { host, hostObstacle, RELEASES, systemds } from '../support/releases.ts';

const lines = (settings: string): Assignment[] =>
  settings.split('; ').map(line => {
    const [name = '', ...value] = line.split('=');
    return { section: 'Service', name, value: value.join('='), at: { file: 'a.service', line: 1 } };
  });

const filterOf = (settings: string, systemd: number) =>
  systemCallFilter(lines(settings), { systemd, sets: syscallSets(systemd) });

/** 0, or what systemctl shows when the start fails. */
const startOf = (settings: string, systemd: number): number =>
  (filterOf(settings, systemd)?.failures.length ?? 0) === 0 ? 0 : 228;

/** Settings → how a service starts with them on 247, 252, 257 and 262. */
const STARTS: readonly (readonly [settings: string, exits: readonly number[]])[] = [
  ['SystemCallFilter=@system-service; SystemCallErrorNumber=EPERM; SystemCallFilter=~sync:EPERM', [0, 228, 0, 0]],
  ['SystemCallFilter=@system-service; SystemCallFilter=~sync:kill', [0, 228, 0, 0]],
  ['SystemCallFilter=@system-service; SystemCallErrorNumber=ENOSYS; SystemCallFilter=~sync:ENOSYS', [0, 228, 228, 228]],
  ['SystemCallFilter=@system-service; SystemCallFilter=~sync:ENOSYS', [0, 0, 228, 228]],
  ['SystemCallFilter=@system-service; SystemCallErrorNumber=EPERM; SystemCallFilter=~sync:EACCES', [0, 0, 0, 0]],
  ['SystemCallFilter=@system-service; SystemCallFilter=sync:ENOSYS', [0, 0, 0, 0]],
  ['SystemCallFilter=~sync:ENOSYS', [0, 0, 0, 0]],
  ['SystemCallErrorNumber=ENOSYS; SystemCallFilter=@system-service', [0, 0, 0, 0]],
  ['SystemCallFilter=@known', [0, 0, 0, 0]],
];

/** Settings → what nice(2), which libc makes by setpriority(2), gets on 247, 252, 257 and 262; null: it passes. */
const ANSWERS: readonly (readonly [settings: string, errnos: readonly (string | null)[]])[] = [
  [
    'SystemCallFilter=@system-service; SystemCallErrorNumber=EPERM; SystemCallFilter=~setpriority:EACCES',
    ['EPERM', 'EACCES', 'EACCES', 'EACCES'],
  ],
  [
    'SystemCallFilter=@system-service; SystemCallErrorNumber=EPERM; SystemCallFilter=~setpriority',
    ['EPERM', 'EPERM', 'EPERM', 'EPERM'],
  ],
  [
    'SystemCallFilter=@system-service; SystemCallErrorNumber=EPERM; SystemCallFilter=~@resources; SystemCallFilter=setpriority:EACCES',
    [null, 'EPERM', 'EPERM', 'EPERM'],
  ],
  ['SystemCallFilter=~setpriority:ENOSYS', ['ENOSYS', 'ENOSYS', 'ENOSYS', 'ENOSYS']],
  ['SystemCallFilter=@known', [null, null, null, null]],
];

test('a list with an entry that equals what other calls get ends the start, by release', t => {
  for (const [settings, exits] of STARTS)
    t.deepEqual(
      RELEASES.map(systemd => startOf(settings, systemd)),
      [...exits],
      settings,
    );
});

test('an entry has its errno where the release gives it one', t => {
  for (const [settings, errnos] of ANSWERS)
    t.deepEqual(
      RELEASES.map(systemd => {
        const filter = filterOf(settings, systemd);
        return filter === null ? null : (filtered(filter, 'setpriority')?.outcome ?? null);
      }),
      [...errnos],
      settings,
    );
});

test('a call that no set names gets ENOSYS from 255 on, whatever others get', t => {
  const asked = (systemd: number, call: string): string | undefined => {
    const filter = filterOf('SystemCallFilter=@basic-io; SystemCallErrorNumber=EPERM', systemd);
    return filter === null ? undefined : filtered(filter, call)?.outcome;
  };
  t.deepEqual(
    [254, 255].map(systemd => asked(systemd, 'mseal')),
    ['EPERM', 'ENOSYS'],
  );
  t.is(asked(262, 'chroot'), 'EPERM');
});

test('the sets are those of the release: what it does not have yet it ignores, what none has is a mistake', t => {
  t.true(syscallSets(257)('@default').has('seccomp'));
  t.false(syscallSets(252)('@default').has('seccomp'));
  t.true(syscallSets(262)('@file-system').has('open_tree') && !syscallSets(257)('@file-system').has('open_tree'));
  t.is(filterOf('SystemCallFilter=@basic-io @sandbox', 252)?.calls.has('seccomp'), false);
  t.is(filterOf('SystemCallFilter=@basic-io @sandbox', 262)?.calls.has('seccomp'), true);
  t.throws(() => filterOf('SystemCallFilter=@sytem-service', 262), { message: /knows no group @sytem-service/ });
});

test('check says that the start ends with 228/SECCOMP, and which line to change', t => {
  const program: Fact = {
    kind: 'path',
    mode: 'exec',
    path: '/usr/bin/d',
    evidence: { count: 1, runs: [], origin: { trace: 'log', line: 1, pid: 1, syscall: 'execve' }, by: ['/usr/bin/d'] },
  };
  const profile: Profile = {
    format: 'allowtrace-profile',
    version: 2,
    runs: [],
    facts: [program],
    unrecognised: { count: 0, samples: [] },
    overflow: [],
  };
  const unit = lines(
    'SystemCallFilter=@system-service; SystemCallErrorNumber=EPERM; SystemCallFilter=~clone3:ENOSYS fork',
  );
  const ends = (systemd: number) =>
    examine(unit, profile, { systemd, sets: syscallSets(systemd), host: UNKNOWN_HOST }, NONE).findings.violations.map(
      ({ outcome, fix }) => [outcome, fix?.edits.map(edit => edit.value)],
    );
  t.deepEqual(ends(252), []);
  t.deepEqual(ends(257), [['228/SECCOMP', ['~clone3 fork']]]);
});

const NONE = { confined: [], unconfined: [] };

const NICE = `import errno, os
try:
    os.setpriority(0, 0, 0)
    print('passed')
except OSError as error:
    print(errno.errorcode[error.errno])
`;

for (const systemd of systemds(252, 257)) {
  const title = `[systemd] sets and filters are what the model says, on ${systemd}`;
  const obstacle = hostObstacle(systemd);
  if (obstacle !== null) {
    test.skip(`${title}: skipped: ${obstacle}`, t => t.pass());
    continue;
  }
  test(title, async t => {
    const machine = await host(systemd);
    /** How a start ends, and what it prints. */
    const start = async (settings: string, command: string): Promise<{ exit: number; printed: string }> => {
      const unit = `[Service]\nType=oneshot\nExecStart=${command}\nStandardOutput=file:/srv/printed\n`;
      await machine.write('/etc/systemd/system/asked.service', `${unit}${settings.replaceAll('; ', '\n')}\n`);
      await machine.write('/srv/printed', '');
      await machine.run('systemctl', 'daemon-reload');
      await machine.run('systemctl', 'start', 'asked.service');
      const { stdout } = await machine.run('systemctl', 'show', '--value', '-p', 'ExecMainStatus', 'asked.service');
      return { exit: Number(stdout), printed: (await machine.run('cat', '/srv/printed')).stdout };
    };
    try {
      const { stdout } = await machine.run('systemd-analyze', '--no-pager', 'syscall-filter');
      const printed = printedSyscallSets(stdout);
      for (const set of SET_NAMES) t.deepEqual([...syscallSets(systemd)(set)].sort(), [...printed(set)].sort(), set);
      const at = RELEASES.indexOf(systemd);
      for (const [settings, exits] of STARTS)
        t.is((await start(settings, '/bin/true')).exit, exits[at] ?? -1, settings);
      await machine.write('/srv/nice.py', NICE);
      for (const [settings, errnos] of ANSWERS)
        t.is((await start(settings, '/usr/bin/python3 /srv/nice.py')).printed, errnos[at] ?? 'passed', settings);
    } finally {
      await machine.halt();
    }
  });
}
