// A profile file that several learners share: nothing is lost, whoever is killed, and a file that cannot be written is told.

import { mkdtempSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import { execa, execaSync } from 'execa';
import { UsageError } from '../../src/errors.ts';
import { formatProfile, readProfile, writeAtomically } from '../../src/profile/file.ts';
import { emptyProfile, mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { SharedProfile } from '../../src/profile/shared-profile.ts';
import { mountObstacle } from '../support/systemd-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-'));
test.after.always(() => rm(folder, { recursive: true }));
const fresh = async (): Promise<string> => {
  const directory = join(folder, String(Math.random()).slice(2));
  await mkdir(directory);
  return join(directory, 'profile.json');
};

/** What run `id` learned about `paths`. */
function learned(id: string, ...paths: string[]): Profile {
  const run: Profile['runs'][number] = {
    id,
    trace: id,
    lines: paths.length,
    unrecognised: 0,
    processes: 1,
    slice: { unit: 'lines', width: 64, used: 1 },
    mode: 'complete',
  };
  const origin = { trace: id, line: 1, pid: 1, syscall: 'openat' };
  const facts = paths.map((path): Profile['facts'][number] => ({
    kind: 'path',
    mode: 'read',
    path,
    evidence: { count: 1, runs: [id], origin, by: [], slices: { [id]: 1 } },
  }));
  return mergeProfiles([{ ...emptyProfile(), runs: [run], facts }]);
}

test('two learners add to one file, again and again, and neither loses anything', async t => {
  const path = await fresh();
  const [one, two] = [await SharedProfile.open(path), await SharedProfile.open(path)];
  for (let i = 0; i < 5; i++)
    await Promise.all([
      one.add(learned('one', ...Array.from({ length: i + 1 }, (_, n) => `/one/${n}`))),
      two.add(learned('two', ...Array.from({ length: i + 1 }, (_, n) => `/two/${n}`))),
    ]);
  const { runs, facts } = await readProfile(path);
  t.deepEqual(runs.map(({ id }) => id).sort(), ['one', 'two']);
  t.is(facts.length, 10);
  t.deepEqual(await readdir(join(path, '..')), ['profile.json']);
});

test('what was there already is added to, also through a symbolic link, and keeps its mode', async t => {
  const path = await fresh();
  await writeFile(path, '', { mode: 0o640 });
  await writeAtomically(path, formatProfile(emptyProfile()));
  await (await SharedProfile.open(path)).add(learned('first', '/a'));
  const link = `${path}.link`;
  await symlink(path, link);
  await (await SharedProfile.open(link)).add(learned('second', '/b'));
  t.is((await readProfile(path)).facts.length, 2);
  t.is((await stat(path)).mode & 0o777, 0o640);
});

test('a later state of a run takes the place of an earlier one, so that what is kept is bounded', async t => {
  const path = await fresh();
  await (await SharedProfile.open(path)).add(learned('before', '/srv/1', '/srv/2'));
  const shared = await SharedProfile.open(path);
  await shared.add(learned('one', '/srv/1', '/srv/3', '/srv/4'));
  await (await SharedProfile.open(path)).add(learned('two', '/srv/3'));
  await shared.add(learned('one', '/srv/*'));
  const paths = (profile: Profile): string[] => profile.facts.flatMap(fact => ('path' in fact ? [fact.path] : []));
  t.deepEqual(paths(shared.known), ['/srv/*', '/srv/1', '/srv/2', '/srv/3']);
  const { facts, runs } = await readProfile(path);
  t.deepEqual(paths(await readProfile(path)), paths(shared.known));
  t.deepEqual(facts.find(fact => 'path' in fact && fact.path === '/srv/1')?.evidence.runs, ['before']);
  t.deepEqual(runs.map(({ id }) => id).sort(), ['before', 'one', 'two']);
});

test('symbolic links: one that leads to nothing yet is followed, one that goes round is told', async t => {
  const path = await fresh();
  await symlink('real.json', path);
  await (await SharedProfile.open(path)).add(learned('one', '/a'));
  t.is((await readProfile(join(path, '..', 'real.json'))).facts.length, 1);
  t.true((await lstat(path)).isSymbolicLink());
  const circle = await fresh();
  await symlink('profile.json', circle);
  await t.throwsAsync(SharedProfile.open(circle), { instanceOf: UsageError, message: /go round in a circle/ });
});

test('a damaged profile is refused, and left as it is', async t => {
  const path = await fresh();
  await writeFile(path, '{"format":"allowtrace-profile","version":1,\n"runs":[');
  await t.throwsAsync(SharedProfile.open(path), { instanceOf: UsageError, message: /profile\.json/ });
  const shared = await SharedProfile.open(await fresh());
  await shared.add(learned('one', '/a'));
  await writeFile(shared.path, 'damaged');
  await t.throwsAsync(shared.add(learned('one', '/a', '/b')), { instanceOf: UsageError });
  t.is(await readFile(shared.path, 'utf8'), 'damaged');
  t.is(shared.known.facts.length, 2);
  await rm(shared.path);
  await shared.add(learned('one', '/a', '/b'));
  t.is((await readProfile(shared.path)).facts.length, 2);
});

test('the lock of a killed learner is taken over; that of a living one is waited for', async t => {
  const path = await fresh();
  const module = new URL('../../src/profile/lock.js', import.meta.url).href;
  const script = `const { withLock } = await import(${JSON.stringify(module)});
    await withLock(${JSON.stringify(path)}, async () => { console.log('held'); await new Promise(r => process.stdin.once('data', r)); });`;
  const killed = execa(process.execPath, ['--input-type=module', '-e', script], { reject: false });
  await new Promise(held => killed.stdout?.once('data', held));
  killed.kill('SIGKILL');
  await killed;
  t.true((await readdir(join(path, '..'))).includes('profile.json.lock'));
  const shared = await SharedProfile.open(path);
  await shared.add(learned('one', '/a'));
  t.deepEqual(await readdir(join(path, '..')), ['profile.json']);

  const living = execa(process.execPath, ['--input-type=module', '-e', script]);
  await new Promise(held => living.stdout?.once('data', held));
  let saved = false;
  const saving = shared.add(learned('two', '/b')).then(() => {
    saved = true;
  });
  await new Promise(later => setTimeout(later, 200));
  t.false(saved);
  living.stdin?.end('go');
  await Promise.all([saving, living]);
  t.is((await readProfile(path)).facts.length, 2);
});

test('a lock of another machine is respected until it is old', async t => {
  const path = await fresh();
  await writeFile(`${path}.lock`, '1\n1\nelsewhere pid:[1]\n');
  await utimes(`${path}.lock`, new Date(), new Date(Date.now() - 120_000));
  await (await SharedProfile.open(path)).add(learned('one', '/a'));
  t.deepEqual(await readdir(join(path, '..')), ['profile.json']);
});

test('what killed writers left is removed, and only that', async t => {
  const path = await fresh();
  const old = new Date(Date.now() - 3_600_000);
  for (const name of ['.0123456789ab.tmp', '.mine.tmp', '.aaaaaaaaaaaa.tmp']) await writeFile(path + name, '');
  await utimes(`${path}.0123456789ab.tmp`, old, old);
  await utimes(`${path}.mine.tmp`, old, old);
  t.is(await (await SharedProfile.open(path)).obstacle(), null);
  t.deepEqual((await readdir(join(path, '..'))).sort(), ['profile.json.aaaaaaaaaaaa.tmp', 'profile.json.mine.tmp']);
});

test('devices and pipes are written to, never replaced', async t => {
  await writeAtomically('/dev/null', 'x');
  t.true((await stat('/dev/null')).isCharacterDevice());
  const shared = await SharedProfile.open('/dev/null').catch((error: unknown) => error);
  t.true(shared instanceof UsageError);
});

const withMounts = mountObstacle() === null ? test : test.skip;

withMounts(
  '[systemd] a full disk and a read-only one are told; when there is room again, everything is saved',
  async t => {
    const directory = join(folder, 'disk');
    await mkdir(directory);
    execaSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', directory]);
    t.teardown(() => execaSync('umount', [directory]));
    const shared = await SharedProfile.open(join(directory, 'profile.json'));
    await shared.add(learned('one', '/a'));
    execaSync('dd', ['if=/dev/zero', `of=${join(directory, 'filler')}`], { reject: false });
    await t.throwsAsync(shared.add(learned('one', '/a', '/b')), { instanceOf: UsageError, message: /no space left/ });
    t.regex((await shared.obstacle()) ?? '', /no space left/);
    t.deepEqual((await readdir(directory)).sort(), ['filler', 'profile.json']);
    t.is((await readProfile(shared.path)).facts.length, 1);
    await rm(join(directory, 'filler'));
    execaSync('mount', ['-o', 'remount,ro', directory]);
    t.regex((await shared.obstacle()) ?? '', /read-only/);
    await t.throwsAsync(shared.add(learned('one', '/a', '/b')), { instanceOf: UsageError, message: /read-only/ });
    execaSync('mount', ['-o', 'remount,rw', directory]);
    await shared.add(learned('one', '/a', '/b'));
    t.is((await readProfile(shared.path)).facts.length, 2);
  },
);
