// The learning drop-in as text: which lines are wrapped, what is relaxed, and that the units of the collector hold their record.

import test from 'ava';
import {
  collectorText,
  type LearningRecord,
  readRecord,
  releaseText,
  socketText,
} from '../../src/systemd/collector-units.ts';
import {
  type LearningPlan,
  type LearningUnit,
  learningUnit,
  startsPrivileged,
} from '../../src/systemd/learning-unit.ts';
import { places } from '../../src/systemd/places.ts';
import type { Properties } from '../../src/systemd/systemctl.ts';
import { parseSpan } from '../../src/systemd/time-span.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import fc from '../support/fast-check.ts';

const shown = (values: Readonly<Record<string, string>>): Properties =>
  Object.assign((name: string) => values[name] ?? '', { has: (name: string) => name in values });

function learn(
  service: string,
  values: Readonly<Record<string, string>> = {},
  more: Partial<LearningPlan> = {},
): LearningUnit {
  return learningUnit({
    unit: 'd.service',
    paths: ['/run/d.conf'],
    become: null,
    assignments: readUnitText(Buffer.from(`[Service]\n${service}\n`), 'd.service'),
    show: shown(values),
    asRoot: true,
    fifos: '/run/allowtrace/d.service',
    needs: ['allowtrace-learn@d.socket', 'allowtrace-learn@d.service'],
    strace: fifo => ['/usr/bin/strace', '-o', fifo, '--'],
    argv0: [],
    resolve: () => null,
    systemctl: 'systemctl',
    ...more,
  });
}

const setting = ({ text }: LearningUnit, name: string): string[] =>
  readUnitText(Buffer.from(text), 'x')
    .filter(assignment => assignment.name === name)
    .map(({ value }) => value);

const log = (name: string): string => `/usr/bin/strace -o /run/allowtrace/d.service/${name} --`;

test('every setting with commands is reset and written anew', t => {
  const unit = learn(
    'ExecStartPre=/bin/a\nExecStart=/bin/b %i $X\nExecReload=/bin/c\nExecReload=-/bin/d\nExecStop=/bin/e',
  );
  t.deepEqual(setting(unit, 'ExecStartPre'), ['', `${log('start-pre-1')} /bin/a`]);
  t.deepEqual(setting(unit, 'ExecStart'), ['', `${log('start-1')} /bin/b %i $X`]);
  t.deepEqual(setting(unit, 'ExecReload'), ['', `${log('reload-1')} /bin/c`, `-${log('reload-2')} /bin/d`]);
  t.deepEqual(setting(unit, 'ExecStop'), ['', `${log('stop-1')} /bin/e`]);
  t.deepEqual(setting(unit, 'ExecStopPost'), []);
  t.deepEqual(
    unit.streams.map(({ fifo }) => fifo.replace(/.*\//, '')),
    ['start-pre-1', 'start-1', 'reload-1', 'reload-2', 'stop-1'],
  );
});

test('what a drop-in took back is not wrapped', t => {
  t.deepEqual(setting(learn('ExecStart=/bin/a\nExecStart=\nExecStart=/bin/b'), 'ExecStart'), [
    '',
    `${log('start-1')} /bin/b`,
  ]);
});

test('a command outside the sandbox stays as it is, and is said', t => {
  const unit = learn('ExecStartPre=+/bin/a "x y"\nExecStart=/bin/b');
  t.deepEqual(setting(unit, 'ExecStartPre'), ['', '+/bin/a "x y"']);
  t.regex(unit.notes.join(), /ExecStartPre=\+\/bin\/a "x y" runs outside the sandbox/);
});

test('what stops strace is relaxed, and only that', t => {
  const open = learn('ExecStart=/bin/b', {
    SystemCallFilter: '~',
    TasksMax: '4096',
    CapabilityBoundingSet: 'cap_kill cap_sys_ptrace',
  });
  t.deepEqual(open.relaxed, []);
  const tight = learn('ExecStart=/bin/b', {
    SystemCallFilter: 'read write',
    NoExecPaths: '/',
    CapabilityBoundingSet: 'cap_kill',
    LimitNPROC: '1',
    TemporaryFileSystem: '/run:ro',
    InaccessiblePaths: '/home',
    ProtectSystem: 'strict',
  });
  t.deepEqual(
    tight.relaxed.map(({ property }) => property),
    ['SystemCallFilter', 'NoExecPaths', 'CapabilityBoundingSet', 'LimitNPROC', 'TemporaryFileSystem'],
  );
  t.deepEqual(setting(tight, 'BindPaths'), ['/run/allowtrace/d.service']);
  t.deepEqual(setting(tight, 'ProtectSystem'), []);
  t.deepEqual(learn('ExecStart=/bin/b', { CapabilityBoundingSet: 'cap_kill' }, { asRoot: false }).relaxed, []);
});

test('paths that hide strace, or what sets the name of a command for it, are relaxed', t => {
  const hidden = (path: string, prefix = ''): string[] =>
    learn(
      `ExecStart=${prefix}/bin/b b`,
      { InaccessiblePaths: `-${path}` },
      { argv0: ['/usr/bin/perl', '-e'] },
    ).relaxed.map(({ property }) => property);
  t.deepEqual(hidden('/usr/bin/strace'), ['InaccessiblePaths']);
  t.deepEqual(hidden('/usr/bin/perl', '@'), ['InaccessiblePaths']);
  t.deepEqual(hidden('/usr/bin/perl'), []);
});

test('waits are longer; what waits for ever stays', t => {
  const unit = learn('ExecStart=/bin/b', {
    TimeoutStartUSec: '1min 30s',
    TimeoutStopUSec: 'infinity',
    WatchdogUSec: '500ms',
  });
  t.deepEqual(setting(unit, 'TimeoutStartSec'), ['900']);
  t.deepEqual(setting(unit, 'TimeoutStopSec'), []);
  t.deepEqual(setting(unit, 'WatchdogSec'), ['5']);
  t.is(parseSpan('1h 2min 3.5s'), 3723.5);
  t.is(parseSpan('infinity'), null);
});

test('a forking daemon without a PID file gets its main process told', t => {
  const unit = learn('ExecStart=/bin/b\nExecStartPost=/bin/c', {
    Type: 'forking',
    GuessMainPID: 'yes',
    NotifyAccess: 'none',
  });
  const [reset, own, theirs] = setting(unit, 'ExecStartPost');
  t.is(reset, '');
  t.regex(own ?? '', /^\+\/bin\/sh -c "while IFS=: read -r number/);
  t.is(theirs, `${log('start-post-1')} /bin/c`);
  t.deepEqual(setting(unit, 'NotifyAccess'), ['all']);
  t.deepEqual(setting(learn('ExecStart=/bin/b', { Type: 'forking', PIDFile: '/run/b.pid' }), 'NotifyAccess'), []);
});

const RECORD = (unit: string, command: string): LearningRecord => ({
  format: 'allowtrace-learning',
  version: 1,
  unit,
  since: 1,
  persistent: false,
  mode: 'complete',
  why: 'asked for',
  strace: '6.1',
  streams: [
    {
      fifo: `/run/allowtrace/${unit}/start-1`,
      pipes: [`/run/allowtrace/${unit}/start-1`],
      setting: 'ExecStart',
      command,
      prologue: 0,
    },
  ],
  profile: '/var/lib/allowtrace/x.json',
  host: 'h',
  user: false,
  cwd: '/',
  uid: 0,
  notifies: false,
});

test('a command with ! starts as root, and with PermissionsStartOnly= all but the main one do', t => {
  const privileged = (text: string): boolean =>
    startsPrivileged(readUnitText(Buffer.from(`[Service]\n${text}\n`), 'd.service'));
  t.true(privileged('ExecStartPre=!/bin/a\nExecStart=/bin/d'));
  t.true(privileged('PermissionsStartOnly=true\nExecStartPre=/bin/a\nExecStart=/bin/d'));
  t.false(privileged('PermissionsStartOnly=no\nExecStartPre=+/bin/a\nExecStart=/bin/d'));
});

test('[law] whatever a command is, the units are readable and the record comes back', t => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), command => {
      const record = RECORD('a@b.service', command.replace(/\0/g, ''));
      const scope = { user: false, env: {} };
      const plan = {
        record,
        places: places(record.unit, scope, false),
        owner: '',
        command: ['/usr/bin/node', '/x y/collect.js'],
      };
      t.deepEqual(readRecord(collectorText(plan)), record);
      for (const text of [collectorText(plan), socketText(plan), releaseText(plan)])
        t.true(readUnitText(Buffer.from(text), 'unit').length > 1);
    }),
    { examples: [['a line for JavaScript\u2028and none for systemd']] },
  );
  t.is(readRecord('[Service]\nExecStart=/bin/x\n'), null);
  t.is(readRecord('[X-Allowtrace]\nRecord={"format":"other"}\n'), null);
});

test('where processes outlive their start, a command has several FIFOs', t => {
  const [stream] = learn('ExecStart=/bin/b', { KillMode: 'process' }).streams;
  t.is(stream?.pipes.length, 4);
  t.false(stream?.pipes.includes(stream.fifo));
  t.deepEqual(learn('ExecStart=/bin/b', { KillMode: 'mixed' }).streams[0]?.pipes, [
    '/run/allowtrace/d.service/start-1',
  ]);
});
