// A run that leaves hot calls out: what it assumes, and what it admits not to have seen.

import test from 'ava';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { LIVE_LAYOUT } from '../../src/strace/launch.ts';

function observe(lines: string[], mode: 'seccomp' | 'complete' = 'seccomp', mayNotify?: string): Profile {
  const observer = new Observer({
    id: mode,
    trace: 'daemon',
    mode,
    cwd: '/',
    layout: LIVE_LAYOUT,
    ...(mayNotify === undefined ? {} : { mayNotify }),
  });
  const start = '7 1795520395.000000 execve("/sbin/daemon", ["daemon"], 0x7ffd /* 3 vars */) = 0';
  observer.push(Buffer.from([start, ...lines].map(line => `${line}\n`).join('')));
  observer.end();
  return observer.snapshot();
}

const at = (call: string): string => `7 1795520395.100000 ${call}`;
const assumed = ({ facts }: Profile): string[] =>
  facts.flatMap(fact =>
    fact.kind === 'syscall' && fact.assumed ? [`${fact.abi ?? ''}${fact.abi ? ' ' : ''}${fact.name}`] : [],
  );
const blind = ({ facts }: Profile): string[] => facts.flatMap(fact => (fact.kind === 'blind' ? [fact.what] : []));

test('a complete run assumes nothing', t => {
  t.deepEqual(assumed(observe([], 'complete')), []);
});

test('what cannot have succeeded yet is not assumed', t => {
  const plain = assumed(observe([]));
  t.true(plain.includes('read') && plain.includes('close'));
  for (const call of ['epoll_wait', 'sendto', 'io_submit', 'semop', '_llseek']) t.false(plain.includes(call), call);
  const more = assumed(
    observe([
      at('epoll_create1(EPOLL_CLOEXEC) = 4<anon_inode:[eventpoll]>'),
      at('getpeername(3, 0x7ffd, [16]) = -1 ENOTSOCK (Socket operation on non-socket)'),
    ]),
  );
  for (const call of ['epoll_wait', 'epoll_ctl', 'sendto', 'recvmsg']) t.true(more.includes(call), call);
  t.false(more.includes('io_submit'));
});

test('32-bit programs are assumed to make their own calls', t => {
  const calls = assumed(
    observe([
      '8 1795520395.100000 [ Process PID=8 runs in 32 bit mode. ]',
      '8 1795520395.100000 openat(AT_FDCWD</>, "/etc/x", O_RDONLY) = 3</etc/x>',
    ]),
  );
  t.true(calls.includes('i386 _llseek') && calls.includes('i386 read') && calls.includes('read'));
});

test('the proposal says which calls are assumed, until a complete run has seen them', t => {
  const target = {
    systemd: 252,
    paths: ['strict' as const],
    syscalls: 'exact' as const,
    sets: syscallSets(),
    host: UNKNOWN_HOST,
  };
  const filter = (profile: Profile) =>
    derive(profile, target).directives.find(({ name, value }) => name === 'SystemCallFilter' && !value.startsWith('~'));
  const partial = observe([]);
  t.regex(filter(partial)?.value ?? '', /\bpread64\b/);
  t.regex(filter(partial)?.wider ?? '', /assumed: .*\bpread64\b/);
  const complete = observe([at('pread64(3</etc/x>, ""..., 1, 0) = 1')], 'complete');
  t.notRegex(filter(mergeProfiles([partial, complete]))?.wider ?? '', /\bpread64\b/);
});

const socket = at('socket(AF_UNIX, SOCK_DGRAM|SOCK_CLOEXEC, 0) = 3<socket:[111]>');

test('a datagram socket that is never connected is a blind spot; a connected one is not', t => {
  t.deepEqual(
    blind(observe([socket, at('connect(3<socket:[111]>, {sa_family=AF_UNIX, sun_path="/dev/log"}, 110) = 0')])),
    [],
  );
  t.deepEqual(blind(observe([socket], 'complete')), []);
  const [what, ...rest] = blind(observe([socket, socket.replaceAll('111', '222')]));
  t.regex(what ?? '', /^\/sbin\/daemon may have sent datagrams .*--complete$/);
  t.deepEqual(rest, []);
  t.regex(
    blind(observe([at('socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3<socket:[5]>')]))[0] ?? '',
    /AF_INET addresses/,
  );
});

test('a socket is given until the next look to be connected', t => {
  const observer = new Observer({ id: 'r', trace: 't', mode: 'seccomp', layout: LIVE_LAYOUT });
  observer.push(Buffer.from(`${socket}\n`));
  t.deepEqual(blind(observer.snapshot()), []);
  t.is(blind(observer.snapshot()).length, 1);
});

test('NOTIFY_SOCKET is taken for used when such a socket was made', t => {
  const connects = (profile: Profile) =>
    profile.facts.flatMap(fact => (fact.kind === 'path' && fact.mode === 'connect' ? [fact] : []));
  t.like(connects(observe([socket], 'seccomp', '/run/systemd/notify')), [
    { path: '/run/systemd/notify', inferred: 'NOTIFY_SOCKET names it' },
  ]);
  t.deepEqual(connects(observe([], 'seccomp', '/run/systemd/notify')), []);
  t.deepEqual(connects(observe([socket], 'seccomp', '@abstract')), []);
});

test('what a filter hides or breaks is said', t => {
  const [own] = blind(observe([at('seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=5, filter=0x5}) = 0')]));
  t.regex(own ?? '', /filter of its own/);
});
