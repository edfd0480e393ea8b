// The law over the places that directives speak of: whatever is done to one of them, or to a file below it, its own proposal allows, on
// each release. A directive that `propose` and `check` understand differently shows here first.

import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { check } from '../../src/policy/check/check.ts';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { PathStrategy } from '../../src/policy/policy.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';
import { renderDropin } from '../../src/render/dropin.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { root } from '../support/fixtures.ts';

/** Every absolute path that is written in the code of policies. */
function places(): string[] {
  const folder = `${root}src/policy/`;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'));
  const text = files.map(name => readFileSync(folder + name, 'utf8')).join('\n');
  return [
    ...new Set([...text.matchAll(/'(\/[a-zA-Z0-9_./-]+)'/g)].flatMap(([, path = '/']) => (path === '/' ? [] : [path]))),
  ];
}

/** What can be done to a path, as strace prints it. */
const USES: readonly ((path: string) => string)[] = [
  path => `openat(AT_FDCWD, "${path}", O_RDONLY) = 3<${path}>`,
  path => `openat(AT_FDCWD, "${path}", O_WRONLY) = 3<${path}>`,
  path => `openat(AT_FDCWD, "${path}", O_WRONLY|O_CREAT, 0600) = 3<${path}>`,
  path => `mkdir("${path}", 0700) = 0`,
  path => `unlink("${path}") = 0`,
  path => `chmod("${path}", 0600) = 0`,
  path => `getdents64(3<${path}>, 0x55 /* 3 entries */, 32768) = 80`,
  path => `execve("${path}", ["x"], 0x7f /* 3 vars */) = 0`,
  path => `stat("${path}", {st_mode=S_IFREG|0644, st_size=1, ...}) = 0`,
  path => `connect(3, {sa_family=AF_UNIX, sun_path="${path}"}, 110) = 0`,
  path => `rename("${path}", "${path}.new") = 0`,
];

const STRATEGIES: readonly (readonly PathStrategy[])[] = [['strict'], ['strict', 'exec'], ['tmpfs'], ['tmpfs', 'exec']];
const RELEASES = [247, 252, 257, 262] as const;

/** What its own proposal denies of one call. */
function contradictions(line: string, paths: readonly PathStrategy[], systemd: number): string[] {
  const observer = new Observer({ id: 'r', trace: 't', mode: 'replay', cwd: '/', uid: 0 });
  observer.push(Buffer.from(`1 execve("/usr/sbin/d", ["d"], 0x7f /* 3 vars */) = 0\n1 ${line}\n`));
  observer.end();
  const profile = observer.snapshot();
  const context = { systemd, sets: syscallSets(systemd), host: UNKNOWN_HOST };
  const dropin = renderDropin(derive(profile, { ...context, paths, syscalls: 'equal' }));
  const { violations } = check(profile, sandboxOf(inForce(readUnitText(Buffer.from(dropin), 'p')), context));
  return violations.map(
    ({ by, outcome }) => `${paths.join('+')} on ${systemd}: ${line}: ${outcome} by ${by.name}=${by.value}`,
  );
}

test('law: what is done to a place of any directive fits its own proposal, on every release', t => {
  const all = places().flatMap(path => [path, `${path}/x`]);
  t.true(all.length > 100);
  // Each use of each place once, with the strategies and releases in turn: over the uses of a place every pair of them comes up.
  let turn = 0;
  const found = all.flatMap(path =>
    USES.flatMap(use => {
      turn++;
      const paths = STRATEGIES[turn % STRATEGIES.length] ?? ['strict'];
      const systemd = RELEASES[Math.floor(turn / STRATEGIES.length) % RELEASES.length] ?? 252;
      return contradictions(use(path), paths, systemd);
    }),
  );
  t.deepEqual(found, []);
});
