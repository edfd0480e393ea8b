// System calls of equal power: each family of the table is held against the table of system calls and the sets of systemd.

import test from 'ava';
import { EQUAL_POWER, type Family } from '../../src/policy/equal-power.ts';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import { followers } from '../../src/policy/propose/lists/followers.ts';
import type { Target } from '../../src/policy/propose/target.ts';
import { setsIn, syscallSets } from '../../src/policy/sets.ts';
import { ROWS } from '../../src/process/syscalls.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { renderFullDropin } from '../../src/render/full-dropin.ts';
import fc from '../support/fast-check.ts';

const sets = syscallSets();
const families: [string, Family][] = Object.entries(EQUAL_POWER);
const words = (text: string | undefined): string[] => text?.split(' ') ?? [];
const members = ({ calls, elsewhere }: Family): string[] => [...words(calls), ...words(elsewhere)];
const showing = (family: Family): string[] =>
  family.shown === 'always' ? ['execve'] : family.shown === undefined ? members(family) : words(family.shown);
const always = sets('@default');

/** What the tables say that a call touches: capabilities by name, uses of paths, what it tells about directives, sets of dangerous calls. */
function touches(call: string): Set<string> {
  const row = ROWS.get(call);
  return new Set([
    ...(row?.needs ?? []).map(need => (need.startsWith('CAP_*') ? need : (need.split(' ')[0] ?? ''))),
    ...(row?.at ?? []).flatMap(([use]) => (use.startsWith('open') ? 'read+write+create' : use).split('+')),
    ...(row?.tells ?? [])
      .filter(tell => !['map', 'peer-credentials', 'sockaddr-bind', 'handler', 'grandchild'].includes(tell))
      .map(tell => (tell.startsWith('sockaddr') ? 'address' : tell === 'shmat' ? 'memory' : tell)),
    ...[
      '@privileged',
      '@clock',
      '@module',
      '@mount',
      '@raw-io',
      '@debug',
      '@reboot',
      '@swap',
      '@obsolete',
      '@resources',
    ].filter(set => sets(set).has(call)),
  ]);
}
const touched = (calls: Iterable<string>): Set<string> => new Set([...calls].flatMap(call => [...touches(call)]));
const allowed = touched(always);

function learn(log: string): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot();
}

const proposal = (log: string, over: Partial<Target> = {}): Policy =>
  derive(learn(log), { systemd: 252, paths: ['strict'], syscalls: 'equal', sets, host: UNKNOWN_HOST, ...over });
const line = (policy: Policy, name: string) => policy.directives.find(directive => directive.name === name);
const listed = (policy: Policy): string[] => line(policy, 'SystemCallFilter')?.value.split(' ') ?? [];
const callsOf = (policy: Policy): Set<string> =>
  new Set(listed(policy).flatMap(word => (word.startsWith('@') ? [...sets(word)] : [word])));

test('every name of the table of families is a system call of the other tables', t => {
  for (const [name, family] of families)
    for (const call of [...members(family), ...showing(family), ...words(family.with)]) {
      t.true(ROWS.has(call), `${name}: ${call}`);
      t.true(sets('@known').has(call), `${name}: ${call}`);
    }
});

for (const [name, family] of families)
  test(`no power is added: ${name}`, t => {
    const beyond = new Set<string>(family.beyond ?? []);
    for (const seen of showing(family)) {
      // No other line holds anything back.
      const found = followers(new Set([seen, ...words(family.with).slice(0, 1)]), sets, []);
      const calls = found.families.find(([one]) => one === name)?.[1] ?? [];
      const before = new Set([...touches(seen), ...allowed, ...beyond]);
      for (const call of calls)
        t.deepEqual(
          [...touches(call)].filter(power => !before.has(power)),
          [],
          `${seen} → ${call}`,
        );
    }
  });

test('the families that have powers beyond what shows them are these, and say why', t => {
  t.deepEqual(
    families.flatMap(([name, { beyond }]) => (beyond === undefined ? [] : [[name, ...beyond]])),
    [
      ['crash', 'signal'],
      ['answer', 'connect', 'address'],
    ],
  );
});

const someCalls = fc.uniqueArray(fc.constantFrom(...[...ROWS.keys()].filter(call => sets('@known').has(call))), {
  maxLength: 20,
});

test('[law] whatever was seen, no power is added, and what was added shows nothing more', t => {
  const beyond = families.flatMap(([, family]) => [...(family.beyond ?? [])]);
  fc.assert(
    fc.property(someCalls, calls => {
      const seen = new Set(calls);
      const { families: found, elsewhere } = followers(seen, sets, []);
      const added = found.flatMap(([, names]) => names);
      const before = new Set([...touched(seen), ...allowed, ...beyond]);
      t.deepEqual(
        [...touched([...added, ...elsewhere])].filter(power => !before.has(power)),
        [],
      );
      t.deepEqual(followers(new Set([...seen, ...added]), sets, []).families, []);
    }),
  );
});

const START = `1 openat(AT_FDCWD, "/etc/f", O_RDONLY) = 3
1 read(3, "", 1) = 0
1 write(1, "", 0) = 0
1 clone3({flags=CLONE_VM|CLONE_THREAD|CLONE_SIGHAND, exit_signal=0}, 88) = 2
1 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4
1 bind(4, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
1 listen(4, 10) = 0
1 timer_create(CLOCK_MONOTONIC, {sigev_notify=SIGEV_NONE}, [0]) = 0
`;

test('what a start shows is enough for the work: calls of equal power follow, others do not', t => {
  const calls = callsOf(proposal(START));
  const work =
    'accept4 recvfrom recvmsg recvmmsg sendto timer_delete fdatasync pwrite64 writev readv getcwd getpeername getsockname uname wait4 clone sendfile';
  for (const call of work.split(' ')) t.true(calls.has(call), call);
  for (const call of ['connect', 'kill', 'setuid', 'chown', 'mkdir', 'ptrace', 'unlink', 'chmod', 'prctl', 'mount'])
    t.false(calls.has(call), call);
});

test('the comment says how many calls were observed and how many follow, and exact has only what every program needs', t => {
  const text = renderFullDropin(proposal(START));
  t.regex(text, /^# the 8 system calls that were observed, and \d+ that follow from them, beside @default$/m);
  t.regex(text, /broader than observed: .*\d+ calls that were not observed add no power: .*\btimers \d+/);
  const exact = proposal(START, { syscalls: 'exact' });
  const extra =
    'clone fork fstat fstatfs open openat2 poll ppoll pselect6 rt_sigaction rt_sigprocmask select tgkill tkill vfork';
  t.deepEqual(
    listed(exact).filter(call => !START.includes(` ${call}(`)),
    extra.split(' '),
  );
  t.regex(line(exact, 'SystemCallFilter')?.wider ?? '', /crash 4, waiting 4/);
});

test('a set that lies wholly inside stands for its members, and brings no call that the list has not', t => {
  const words = listed(proposal(START));
  t.true(words.includes('@timer'));
  t.false(words.includes('timer_create'));
  const bare = new Set([...callsOf(proposal(START))].filter(call => !always.has(call)));
  const seen = new Set([...START.matchAll(/^1 (\w+)/gm)].map(([, call = '']) => call));
  const policy = proposal(START);
  const { families: found, elsewhere } = followers(seen, sets, policy.directives);
  const known = new Set([...seen, ...elsewhere, ...found.flatMap(([, calls]) => calls)]);
  t.deepEqual(
    [...bare].filter(call => !known.has(call)),
    [],
  );
});

test('a power that another line holds back follows beside that line, and not where the line lets it pass', t => {
  const sends = '1 sendto(3, "", 0, 0, NULL, 0) = 0\n';
  t.true(callsOf(proposal(sends)).has('sendmsg'));
  // Who may send in the name of other processes (unix(7), SCM_CREDENTIALS) would gain that by sendmsg.
  t.false(callsOf(proposal(`${sends}1 mount("a", "/b", "c", 0, NULL) = 0\n`)).has('sendmsg'));
  const forks = '1 fork() = 2\n';
  t.true(callsOf(proposal(forks)).has('clone'));
  t.false(callsOf(proposal(`${forks}1 setns(3, 0) = 0\n`)).has('clone'));
});

test('32 bit calls are written down where a 32 bit call was made, and a call unknown to the target never', t => {
  t.false(callsOf(proposal('1 openat(AT_FDCWD, "/f", O_RDONLY) = 3\n')).has('fstat64'));
  t.true(callsOf(proposal('1 fstat64(3, {st_mode=0}) = 0\n')).has('fstatfs64'));
  const old = setsIn({ '@known': 'chmod fchmod fchmodat', '@default': 'execve' });
  t.deepEqual(listed(proposal('1 chmod("/f", 0600) = 0\n', { sets: old })), ['chmod', 'fchmod', 'fchmodat']);
});

test('a list holds what only later releases allow to every service, so that it works on an older one', t => {
  const listing = listed(proposal('1 mprotect(0x7f0000000000, 1, PROT_READ) = 0\n1 brk(NULL) = 0x1\n'));
  t.true(listing.includes('mprotect'));
  t.false(listing.includes('brk'));
});

test('every list holds what a crash needs: abort(3) ends by tgkill', t => {
  for (const syscalls of ['equal', 'exact', 'groups'] as const)
    for (const call of ['tgkill', 'rt_sigprocmask', 'rt_sigaction'])
      t.true(callsOf(proposal('1 read(3, "", 1) = 0\n', { syscalls })).has(call), `${syscalls} ${call}`);
});
