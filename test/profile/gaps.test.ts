// When a log is incomplete evidence, what rests on what is missing is withheld; and when it is not, nothing is.

import test from 'ava';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { GAPS, type Gap, shortfalls } from '../../src/profile/gaps.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';

function learn(log: readonly string[], id = 'run'): Profile {
  const observer = new Observer({ id, trace: 'log', mode: 'replay', cwd: '/' });
  observer.push(Buffer.from(`${log.join('\n')}\n`));
  observer.end();
  return observer.snapshot();
}

const proposal = (profile: Profile): Policy =>
  derive(profile, { systemd: 252, paths: ['strict'], syscalls: 'exact', sets: syscallSets(), host: UNKNOWN_HOST });
const names = ({ directives }: Policy): Set<string> => new Set(directives.map(({ name }) => name));

const START = ['execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0', 'brk(NULL) = 0x55'];
const OPEN = 'openat(AT_FDCWD, "/srv/x", O_RDONLY) = 3';
const END = ['exit_group(0) = ?', '+++ exited with 0 +++'];
const WHOLE = [...START, OPEN, ...END];
const ATTACHED = 'strace: Process 5689 attached';
const many = (line: string, times: number): string[] => Array.from({ length: times }, () => line);

// biome-ignore format: one log a line
const LOGS: readonly [what: string, log: readonly string[], gaps: readonly Gap[]][] = [
  ['a short log from the start',                              WHOLE, []],
  ['a child that strace says it attached to',                 [...START, 'fork() = 7', 'strace: Process 7 attached', `[pid 7] ${OPEN}`, ...END], []],
  ['one call of a running process',                           [OPEN], ['start']],
  ['strace -p says what it attached to',                      [ATTACHED, OPEN, ...END], ['start']],
  ['the process that strace was attached to starts a program', [ATTACHED, OPEN, ...WHOLE], ['start']],
  ['dots in place of lines',                                  [...START, '[...]', ...many(OPEN, 200), ...END], ['excerpt']],
  ['a word in place of lines',                                [...START, '--- snip ---', ...many(OPEN, 200), ...END], ['excerpt']],
  ['an ellipsis in place of lines',                           [...START, '…', ...many(OPEN, 200), ...END], ['excerpt']],
  ['1 % of calls that nobody understands',                    [...START, ...many('openat(AT_FDCWD, "/etc) = 3', 2), ...many(OPEN, 194), ...END], []],
  ['more than 1 % of calls that nobody understands',          [...START, ...many('openat(AT_FDCWD, "/etc) = 3', 3), ...many(OPEN, 193), ...END], ['unread']],
  ['ends of calls that began before the log',                 [...START, ...many('[pid 9] <... read resumed>"x", 1) = 1', 3), ...many(OPEN, 100), ...END], ['unread']],
  ['what the program printed, in lines of its own',           [...START, ...many('Listening on port 80', 3), ...many(OPEN, 100), ...END], ['foreign']],
];

for (const [what, log, gaps] of LOGS)
  test(`${what}: ${gaps.length === 0 ? 'the evidence is complete' : `incomplete evidence (${gaps.join(', ')})`}`, t => {
    const profile = learn(log);
    const expected = gaps.map(gap => GAPS[gap]);
    t.deepEqual(shortfalls(profile), expected);
    const policy = proposal(profile);
    t.deepEqual(policy.incomplete, expected);
    // What cannot be calls keeps nothing back.
    const rests = gaps.some(gap => gap !== 'foreign');
    t.deepEqual([...names(policy)].length > 1, !rests);
    if (rests) t.deepEqual([...names(policy)], ['KeyringMode']);
  });

test('what one run lacks another may show', t => {
  const both = mergeProfiles([learn([ATTACHED, OPEN], 'a'), learn(WHOLE, 'b')]);
  t.deepEqual(shortfalls(both), []);
  t.true(names(proposal(both)).has('SystemCallFilter'));
});
