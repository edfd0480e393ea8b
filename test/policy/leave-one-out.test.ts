// Leaving runs, or spans of time, out: what the others would have denied.

import test from 'ava';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { leaveOneOut } from '../../src/policy/propose/leave-one-out.ts';
import { unseenSituations } from '../../src/policy/propose/situations.ts';
import type { Target } from '../../src/policy/propose/target.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';

const target: Target = { systemd: 252, paths: ['strict'], syscalls: 'exact', sets: syscallSets(), host: UNKNOWN_HOST };

function learn(id: string, log: string): Profile {
  const observer = new Observer({ id, trace: id, mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot();
}

const writes = (path: string): string => `1 openat(AT_FDCWD, "${path}", O_WRONLY|O_CREAT, 0600) = 3\n`;

test('A run that did what no other did would have been denied that, and one like the others nothing', t => {
  const runs = ['a', 'b', 'c'].map(id => learn(id, writes('/srv/common/x')));
  const same = leaveOneOut(mergeProfiles(runs), target);
  t.like(same, { sample: 'run', cases: 3, denied: 0, total: 0 });
  const odd = learn(
    'd',
    `${writes('/srv/common/x')}1 mkdir("/opt/odd", 0700) = 0\n1 newfstatat(AT_FDCWD, "/etc/x", 0x7, 0) = 0\n`,
  );
  const answer = leaveOneOut(mergeProfiles([...runs, odd]), target);
  t.like(answer, { sample: 'run', cases: 4, denied: 1 });
  const denied = answer?.accesses.map(({ access }) => access) ?? [];
  t.true(denied.some(access => access.kind === 'path' && access.mode === 'create' && access.path === '/opt/odd'));
  t.false(
    denied.some(access => access.kind === 'path' && access.mode === 'stat'),
    'a look-up is allowed anyway',
  );
});

test('With few runs spans of time are left out, but never the start', t => {
  const at = (second: number, call: string): string => `1 ${1_795_520_000 + second}.000000 ${call}\n`;
  const beat = Array.from({ length: 10 }, (_, i) => at(i, 'getpid() = 1')).join('');
  const start = at(0, 'mkdir("/srv/start", 0700) = 0');
  const quiet = learn('a', start + beat);
  t.like(leaveOneOut(quiet, target), { sample: 'span', denied: 0 });
  const late = learn('a', `${start}${beat}${at(11, 'mkdir("/opt/late", 0700) = 0')}`);
  t.like(leaveOneOut(late, target), { sample: 'span', denied: 1 });
  t.is(leaveOneOut(learn('a', '1 getpid() = 1\n'), target), null);
});

test('Situations: a log rotation and a failing upstream, where there are logs and servers that it connects to', t => {
  const found = (log: string): string[] =>
    unseenSituations(learn('a', log), {}).filter(one => /log|upstream/.test(one));
  const open = (second: number): string =>
    `1 17000000${second}.0 openat(AT_FDCWD, "/var/log/app/app.log", O_WRONLY|O_CREAT|O_APPEND, 0640) = 3\n`;
  const connect = (second: number, result: string): string =>
    `1 17000000${second}.0 connect(4, {sa_family=AF_INET, sin_port=htons(5432), sin_addr=inet_addr("10.0.0.9")}, 16) = ${result}\n`;
  t.deepEqual(found(open(10) + connect(11, '0')), ['a log rotation', 'a failing upstream']);
  t.deepEqual(found(open(10) + open(40)), []);
  t.deepEqual(found(connect(10, '0') + connect(40, '-1 ECONNREFUSED (Connection refused)')), []);
  t.deepEqual(found('1 1700000010.0 getpid() = 1\n'), []);
});

test('Situations: midnight and Sunday by local time, a reload and a stop where the unit has commands for them', t => {
  const [run] = learn('a', '1 getpid() = 1\n').runs;
  if (run === undefined) return t.fail();
  const noon = new Date(2026, 10, 30, 12).getTime() / 1000;
  const empty: Profile = { ...learn('a', '1 getpid() = 1\n'), runs: [] };
  const situations = (start: number, end: number, boot?: boolean): string[] =>
    unseenSituations({ ...empty, runs: [{ ...run, start, end, ...(boot === undefined ? {} : { boot }) }] }, {});
  t.deepEqual(situations(noon, noon + 60), ['a restart', 'midnight', 'a Sunday']);
  t.deepEqual(situations(noon, noon + 7 * 86_400, false), ['a start as after a boot', 'a restart']);
});
