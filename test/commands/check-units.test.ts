// The units that `allowtrace check` is given, in all their forms: by name, template, for a user, masked, piped, as a proposal.

import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { bin } from '../support/fixtures.ts';

/** A directory with units and a log in which `/srv/one/f`, `/run/user/…/f` and the like are written. */
function scene(files: Readonly<Record<string, string>>, written: readonly string[] = ['/srv/one/f', '/srv/two/f']) {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-units-'));
  const log = join(dir, 'x.strace');
  const writes = written.map(path => `1 openat(AT_FDCWD, "${path}", O_WRONLY) = 3\n`);
  writeFileSync(log, `1 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0\n${writes.join('')}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  const check = async (args: readonly string[], input = '') => {
    const { exitCode, stdout, stderr } = await execa(bin, ['check', '--other-host', ...args, '--', log], {
      reject: false,
      input,
      cwd: dir,
      env: { SYSTEMD_UNIT_PATH: dir },
    });
    return {
      exitCode,
      stdout,
      stderr,
      denied: [...stdout.matchAll(/(?:EROFS) {2}write (\S+)/g)].map(([, path]) => path),
    };
  };
  return { dir, log, check };
}

const START = '[Service]\nExecStart=/usr/sbin/d\n';

test('a template: its instance by name or by option, drop-ins of both', async t => {
  const { check } = scene({
    'd@.service': `${START}ReadOnlyPaths=/srv/%i\n`,
    'd@.service.d/a.conf': '[Service]\nReadOnlyPaths=-/srv/all\n',
    'd@two.service.d/b.conf': '[Service]\nReadOnlyPaths=/srv/one\n',
  });
  t.deepEqual((await check(['d@one.service'])).denied, ['/srv/one/f']);
  t.deepEqual((await check(['d@two'])).denied, ['/srv/one/f', '/srv/two/f']);
  t.deepEqual((await check(['--instance', 'one', 'd@.service'])).denied, ['/srv/one/f']);
  t.deepEqual((await check(['--instance', 'one', './d@.service'])).denied, ['/srv/one/f']);
  const { exitCode, stderr } = await check(['./d@.service']);
  t.is(exitCode, 2);
  t.regex(stderr, /d@\.service:3: .*%i/);
});

test('a mask: of the unit an error, of a drop-in it is left out', async t => {
  const { dir, check } = scene({
    'd.service': `${START}ReadOnlyPaths=/srv/one\n`,
    'd.service.d/20.conf': '[Service]\nReadOnlyPaths=/srv/two\n',
  });
  t.deepEqual((await check(['d'])).denied, ['/srv/one/f', '/srv/two/f']);
  symlinkSync('/dev/null', join(dir, 'd.service.d/10.conf'));
  t.deepEqual((await check(['d'])).denied, ['/srv/one/f', '/srv/two/f']);
  symlinkSync('/dev/null', join(dir, 'masked.service'));
  writeFileSync(join(dir, 'empty.service'), '');
  for (const name of ['masked', 'empty']) {
    const { exitCode, stdout, stderr } = await check([name]);
    t.is(exitCode, 2, name);
    t.is(stdout, '');
    t.regex(stderr, new RegExp(`${name}\\.service: the unit is masked`));
  }
});

test('what systemctl cat prints: lists of several files, resets, the instance in its name', async t => {
  const { check } = scene({});
  const text = `# /usr/lib/systemd/system/d@.service
${START}ReadOnlyPaths=/srv/one

# /etc/systemd/system/d@two.service.d/a.conf
[Service]
ReadOnlyPaths=
ReadOnlyPaths=/srv/%i
`;
  const { exitCode, denied, stdout } = await check(['--instance', 'two', '-'], text);
  t.is(exitCode, 1);
  t.deepEqual(denied, ['/srv/two/f']);
  t.regex(stdout, /✗ \/etc\/systemd\/system\/d@two\.service\.d\/a\.conf:3: ReadOnlyPaths=\/srv\/two denies 1/);
  const nothing = await check(['-'], '');
  t.is(nothing.exitCode, 2);
  t.regex(nothing.stderr, /nothing was piped in/);
});

test('a unit of a user: the specifiers of that user', async t => {
  const uid = process.getuid?.() ?? 0;
  const home = join(homedir(), 'x');
  const runtime = `/run/user/${uid}/x`;
  const { check } = scene({ 'd.service': `${START}ReadOnlyPaths=%h/x %t/x\n` }, [
    `${home}/f`,
    `${runtime}/f`,
    '/run/x/f',
  ]);
  t.deepEqual((await check(['--user', 'd'])).denied, [`${home}/f`, `${runtime}/f`]);
  t.deepEqual((await check(['d'])).denied, [...(uid === 0 ? [`${home}/f`] : []), '/run/x/f']);
});

test('the JSON of propose as a unit: it fits, and on top of a unit both count', async t => {
  const { dir, log, check } = scene({ 'd.service': `${START}ReadOnlyPaths=/srv/one/f\n` });
  const proposed = await execa(bin, ['replay', '--other-host', '--format', 'json', log], { reject: false });
  writeFileSync(join(dir, 'policy.json'), proposed.stdout);
  t.is((await check(['policy.json'])).exitCode, 0);
  t.is((await check(['-'], proposed.stdout)).exitCode, 0);
  t.deepEqual((await check(['d.service', 'policy.json'])).denied, ['/srv/one/f']);
});

test('a command outside the sandbox is said, and not judged where its program tells it apart', async t => {
  const { check } = scene({
    'd.service': '[Service]\nExecStartPre=+/usr/sbin/d --prepare\nExecStart=/usr/sbin/e\nReadOnlyPaths=/srv\n',
    'same.service': '[Service]\nExecStartPre=+/usr/sbin/d --prepare\nExecStart=/usr/sbin/d\nReadOnlyPaths=/srv\n',
  });
  const free = await check(['d']);
  t.is(free.exitCode, 0, free.stdout);
  t.regex(free.stderr, /d\.service:2: ExecStartPre=\+\/usr\/sbin\/d --prepare runs outside the sandbox/);
  t.deepEqual((await check(['same'])).denied, ['/srv/one/f', '/srv/two/f']);
});
