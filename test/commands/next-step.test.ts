// What a user is told when a word is mistyped, when a step is done, and when the machine is not ready.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { allowtrace, fixture } from '../support/fixtures.ts';

const LOG = fixture('vfork/y.strace');

test('a mistyped command, option or action is answered with the nearest one', async t => {
  const told = async (...words: string[]): Promise<string> => {
    const { exitCode, stderr } = await allowtrace(words);
    t.is(exitCode, 2);
    return stderr;
  };
  t.regex(await told('chek', 'x.service'), /did you mean check\?/);
  t.regex(await told('check', '--unusd'), /did you mean --unused\?/);
  t.regex(await told('service', 'strat', 'x'), /did you mean start/);
  t.regex(await told('frobnicate'), /allowtrace --help lists them/);
});

test('`service start --help` is about start alone', async t => {
  const { exitCode, stdout } = await allowtrace(['service', 'start', '--help']);
  t.is(exitCode, 0);
  t.regex(stdout, /^allowtrace service start \[OPTION…\] UNIT\n/);
  t.regex(stdout, /--until-coverage/);
  t.notRegex(stdout, /--apply|--paths|--yes|service diagnose/);
});

test('an option of another action is refused, with where to look', async t => {
  const { exitCode, stderr } = await allowtrace(['service', 'status', 'x', '--persistent']);
  t.is(exitCode, 2);
  t.regex(stderr, /service status has no option --persistent\n {2}allowtrace service status --help lists the options/);
});

test('what ends a step says the next one', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-next-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const profile = join(dir, 'p.json');
  const merged = join(dir, 'm.json');
  const page = join(dir, 'r.html');
  const replay = await allowtrace(['replay', '--no-verify', '--other-host', '--profile', profile, LOG]);
  t.regex(
    replay.stderr,
    /^Next: review it, save it as \/etc\/systemd\/system\/NAME\.service\.d\/allowtrace\.conf, then run/m,
  );
  t.regex((await allowtrace(['merge', '-o', merged, profile])).stderr, /^Next: allowtrace propose .*m\.json$/m);
  t.regex((await allowtrace(['report', '--other-host', '-o', page, profile])).stderr, /^Next: open .*r\.html/m);
  const json = await allowtrace(['propose', '--no-verify', '--other-host', '--format', 'json', profile]);
  t.false(json.stderr.includes('Next:'));
});

test('folded names are counted in one line', async t => {
  const { stderr } = await allowtrace(['replay', '--no-verify', '--other-host', fixture('opensmtpd/y.strace.gz')]);
  t.deepEqual(stderr.match(/^folded: .*$/gm)?.length, 1);
  t.regex(stderr, /^folded: \d+ names? that change from run to run, combined in \d+ patterns? \(--format full/m);
});

test('doctor tells what the machine needs, each problem with its fix', async t => {
  const { exitCode, stdout } = await allowtrace(['doctor', '--format', 'json']);
  const found: { about: string; state: string; fix?: string }[] = JSON.parse(stdout);
  t.is(exitCode, found.some(({ state }) => state === 'missing') ? 1 : 0);
  for (const about of ['strace', 'systemd', 'kernel', 'permissions', 'disk'])
    t.true(
      found.some(one => one.about === about),
      about,
    );
  for (const { state, fix } of found) t.is(fix !== undefined, state !== 'ok');
});
