// Runs of a service from what several straces write: where one begins, what belongs to it, and that nothing is lost at the seams.

import test from 'ava';
import type { Profile } from '../../src/profile/profile.ts';
import type { LearningRecord } from '../../src/systemd/collector-units.ts';
import type { Stream } from '../../src/systemd/learning-unit.ts';
import { ServiceRuns } from '../../src/systemd/service-runs.ts';

const stream = (setting: Stream['setting'], prologue = 0): Stream => ({
  fifo: `/run/${setting}`,
  pipes: [`/run/${setting}`],
  setting,
  command: '/bin/d',
  prologue,
});

const taken: string[] = [];
const pushed = new WeakMap<ServiceRuns, readonly Stream[]>();

/** Bytes for the stream of that place. */
function push(runs: ServiceRuns, index: number, bytes: Buffer): void {
  runs.push(pushed.get(runs)?.[index]?.fifo ?? '', bytes);
}

function runsOf(...streams: Stream[]): ServiceRuns {
  const record: LearningRecord = {
    format: 'allowtrace-learning',
    version: 1,
    unit: 'd.service',
    since: 0,
    persistent: false,
    mode: 'complete',
    why: '',
    strace: '6.1',
    streams,
    profile: '/p',
    host: 'h',
    user: false,
    cwd: '/',
    uid: 0,
    notifies: false,
  };
  let count = 0;
  let starts = 0;
  const runs = new ServiceRuns(record, {
    id: () => `run${++count}`,
    inspect: () => null,
    isBootStart: () => ++starts === 1,
    next: (_stream, pipe) => void taken.push(pipe),
  });
  pushed.set(runs, streams);
  return runs;
}

const lines = (...texts: string[]): Buffer =>
  Buffer.from(texts.map((text, i) => `${text.replace(' ', `    ${1_795_520_395 + i}.230090 `)}\n`).join(''));
const opened = (profile: Profile): string[] =>
  profile.facts.flatMap(fact => (fact.kind === 'path' && fact.mode === 'read' ? [fact.path] : []));
const life = (pid: number, file: string): string[] => [
  `${pid} execve("/bin/d", ["d"], 0x7f /* 3 vars */) = 0`,
  `${pid} openat(AT_FDCWD</>, "${file}", O_RDONLY) = 3<${file}>`,
  `${pid} exit_group(0) = ?`,
  `${pid} +++ exited with 0 +++`,
];

test('a run holds what its start, its reload and its stop commands did', t => {
  const runs = runsOf(stream('ExecStartPre'), stream('ExecStart'), stream('ExecReload'));
  push(runs, 0, lines(...life(10, '/a')));
  push(runs, 1, lines(...life(11, '/b').slice(0, 2)));
  push(runs, 2, lines(...life(12, '/c')));
  push(runs, 2, lines(...life(13, '/d')));
  const profile = runs.profile();
  t.is(profile.runs.length, 1);
  t.deepEqual(opened(profile), ['/a', '/b', '/c', '/d']);
  t.deepEqual(runs.alive(), [11]);
});

test('every command starts as the user and in the directory of the unit; of a log that is joined in the middle neither is known', t => {
  const runs = runsOf(stream('ExecStartPre'), stream('ExecStart'), stream('ExecReload'));
  const made = (pid: number, name: string): string[] => [
    `${pid} execve("/bin/d", ["d"], 0x7f /* 3 vars */) = 0`,
    `${pid} mkdir("${name}", 0777) = 0`,
    `${pid} +++ exited with 0 +++`,
  ];
  push(runs, 0, lines(...made(10, 'a')));
  push(runs, 1, lines(...made(11, 'b').slice(0, 2)));
  push(runs, 2, lines(...made(12, 'c')));
  push(runs, 2, lines(...made(13, 'd').slice(1)));
  const paths = runs.profile().facts.flatMap(fact => (fact.kind === 'path' && fact.mode === 'create' ? [fact] : []));
  t.deepEqual(
    paths.map(({ path, uid }) => [path, uid]),
    ['/a', '/b', '/c'].map(path => [path, 0]),
  );
});

test('the next start is the next run', t => {
  const runs = runsOf(stream('ExecStartPre'), stream('ExecStart'));
  for (const pid of [10, 20, 30]) {
    push(runs, 0, lines(...life(pid, '/a')));
    push(runs, 1, lines(...life(pid + 1, '/b')));
  }
  t.is(runs.profile().runs.length, 3);
});

test('a start after strace was killed is a new run, though nobody saw the old processes end', t => {
  const runs = runsOf(stream('ExecStart'));
  push(runs, 0, lines(...life(10, '/a').slice(0, 2)));
  push(runs, 0, lines(...life(20, '/b').slice(0, 2)));
  t.is(runs.profile().runs.length, 2);
  t.deepEqual(runs.alive(), [20]);
});

test('a child that runs a program before its number is known belongs to the run', t => {
  const runs = runsOf(stream('ExecStart'));
  push(
    runs,
    0,
    lines(
      ...life(10, '/a').slice(0, 2),
      '10 vfork( <unfinished ...>',
      ...life(11, '/b').slice(0, 2),
      '10 <... vfork resumed>) = 11',
      ...life(10, '/a').slice(2),
      ...life(11, '/b').slice(2),
    ),
  );
  t.is(runs.profile().runs.length, 1);
  t.deepEqual(runs.alive(), []);
});

test('a parent that ends before its child has written anything does not end the run', t => {
  const runs = runsOf(stream('ExecStart'));
  push(
    runs,
    0,
    lines(...life(10, '/a').slice(0, 2), '10 clone(child_stack=NULL, flags=SIGCHLD) = 11', ...life(10, '/a').slice(2)),
  );
  t.deepEqual(runs.alive(), [11]);
  push(runs, 0, lines(...life(11, '/b')));
  t.is(runs.profile().runs.length, 1);
});

test('a collector that comes back in the middle goes on with one run', t => {
  const runs = runsOf(stream('ExecStart'), stream('ExecReload'));
  push(runs, 0, lines('10 openat(AT_FDCWD</>, "/a", O_RDONLY) = 3</a>', '10 +++ exited with 0 +++'));
  push(runs, 0, lines('11 openat(AT_FDCWD</>, "/b", O_RDONLY) = 3</b>'));
  t.is(runs.profile().runs.length, 1);
});

test('what the program that sets argv[0] does is left out', t => {
  const runs = runsOf(stream('ExecStart', 1));
  push(
    runs,
    0,
    lines(
      '10 execve("/usr/bin/perl", ["perl"], 0x7f /* 3 vars */) = 0',
      '10 openat(AT_FDCWD</>, "/etc/perl", O_RDONLY) = 3</etc/perl>',
      ...life(10, '/a'),
    ),
  );
  t.deepEqual(opened(runs.profile()), ['/a']);
});

test('chunks may be cut anywhere', t => {
  const bytes = lines(...life(10, '/a'), ...life(20, '/b'));
  for (let cut = 0; cut < bytes.length; cut += 7) {
    const runs = runsOf(stream('ExecStart'));
    push(runs, 0, bytes.subarray(0, cut));
    push(runs, 0, bytes.subarray(cut));
    t.is(runs.profile().runs.length, 2);
    t.deepEqual(opened(runs.profile()), ['/a', '/b']);
  }
});

test('a strace that lives on keeps its FIFO: the next one gets another', t => {
  const start = { ...stream('ExecStart'), pipes: ['/run/1', '/run/2', '/run/3'] };
  const runs = runsOf(start);
  taken.length = 0;
  runs.push('/run/1', lines(...life(10, '/a').slice(0, 2)));
  runs.push('/run/2', lines(...life(20, '/b').slice(0, 2)));
  runs.push('/run/1', lines(...life(10, '/a').slice(2)));
  runs.push('/run/3', lines(...life(30, '/c')));
  t.deepEqual(taken, ['/run/2', '/run/3', '/run/1']);
  t.is(runs.profile().runs.length, 3);
});

test('The first start counts as one after a boot, also when a stop command of the life before was traced first', t => {
  const runs = runsOf(stream('ExecStartPre'), stream('ExecStart'), stream('ExecStop'));
  push(runs, 2, lines(...life(9, '/stop')));
  for (const pid of [10, 20]) {
    push(runs, 0, lines(...life(pid, '/a')));
    push(runs, 1, lines(...life(pid + 1, '/b')));
  }
  t.deepEqual(
    runs.profile().runs.map(({ boot }) => boot),
    [true, false],
  );
});
