// `strace -ff`: one file per process, read as one log.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execaSync } from 'execa';
import { allowtrace, fixture } from '../support/fixtures.ts';

/** Paths below the fixture's folder that the proposal's profile knows, as `mode path`. */
async function facts(log: string): Promise<string[]> {
  const profile = join(mkdtempSync(join(tmpdir(), 'allowtrace-test-')), 'profile.json');
  await allowtrace(['replay', '--cwd', '/srv/fixture', '--profile', profile, log]);
  const { facts } = JSON.parse(readFileSync(profile, 'utf8'));
  const seen = facts.filter(
    (fact: { kind: string; path?: string }) => fact.kind === 'path' && fact.path?.startsWith('/srv/fixture/'),
  );
  return [
    ...new Set<string>(
      seen.map(
        (fact: { mode: string; path: string; errno?: string }) => `${fact.mode} ${fact.path} ${fact.errno ?? ''}`,
      ),
    ),
  ].sort();
}

test('ordered by time stamps, a -ff set tells what one file tells', async t => {
  t.deepEqual(await facts(fixture('shell-cd/ff')), await facts(fixture('shell-cd/y.strace')));
});

test('files of a set that an editor saved with a byte order mark', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-test-'));
  for (const name of readdirSync(fixture('shell-cd/ff')))
    writeFileSync(join(dir, name), `\ufeff${readFileSync(join(fixture('shell-cd/ff'), name), 'utf8')}`);
  t.deepEqual(await facts(dir), await facts(fixture('shell-cd/y.strace')));
  t.notRegex((await allowtrace(['replay', dir])).stderr, /not understood/);
});

test('what else is called like a file of the set is left out, and the prefix may end in its dot', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-test-'));
  cpSync(fixture('shell-cd/ff'), dir, { recursive: true });
  mkdirSync(join(dir, 'log.1'));
  symlinkSync('nowhere', join(dir, 'log.2'));
  execaSync('mkfifo', [join(dir, 'log.3')]);
  const expected = await facts(fixture('shell-cd/ff'));
  for (const name of [dir, join(dir, 'log'), join(dir, 'log.')]) t.deepEqual(await facts(name), expected, name);
});

test('without time stamps parents come first, and children inherit what their parents had at the fork', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-test-'));
  cpSync(fixture('shell-cd/ff'), dir, { recursive: true });
  for (const name of readdirSync(dir)) {
    const text = readFileSync(join(dir, name), 'latin1');
    // Neither time stamps nor the directories that -y shows.
    writeFileSync(join(dir, name), text.replace(/^\d+\.\d+ /gm, '').replace(/AT_FDCWD<[^>]*>/g, 'AT_FDCWD'), 'latin1');
  }
  t.deepEqual(await facts(dir), await facts(fixture('shell-cd/y.strace')));
});
