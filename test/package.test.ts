// The package as users get it: packed, installed globally from the tarball, run.

import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { fixture, root } from './support/fixtures.ts';
import { host, hostObstacle } from './support/releases.ts';

test('[package] the packed tarball installs, runs, and is well formed', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-pack-'));
  const { stdout: tarball } = await execa('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', dir], {
    cwd: root,
  });
  const packed = join(dir, tarball.trim());
  await execa('npm', ['install', '--global', '--prefix', dir, '--no-audit', '--no-fund', packed]);
  const { stdout } = await execa(join(dir, 'bin/allowtrace'), ['replay', fixture('vfork/y.strace')]);
  t.regex(stdout, /^SystemCallFilter=/m);
  const imported = await execa(
    'node',
    [
      '--input-type=module',
      '-e',
      'import { derive, Observer } from "allowtrace"; console.log(typeof derive, typeof Observer)',
    ],
    {
      cwd: join(dir, 'lib'),
    },
  );
  t.is(imported.stdout, 'function function');
  const manual = await execa('man', ['-w', 'allowtrace'], { env: { MANPATH: join(dir, 'share/man') }, reject: false });
  if (manual.exitCode !== undefined) t.regex(manual.stdout, /\/allowtrace\.1$/, 'npm links the manual page');
  const files = (await execa('tar', ['-tzf', packed])).stdout.split('\n');
  t.deepEqual(
    files.filter(file => /\.map$|\/build\/src\/(?!.*page\.js$)|\/test\//.test(file)),
    [],
  );
  t.true(statSync(packed).size <= 850_000);
  await t.notThrowsAsync(execa('npx', ['publint', '--strict', packed], { cwd: root }));
  await t.notThrowsAsync(execa('npx', ['attw', packed, '--profile', 'esm-only'], { cwd: root }));
});

const DEBIAN = 257;
const obstacle = hostObstacle(DEBIAN);
if (obstacle !== null) test.skip(`[package] the .deb installs on Debian 13: skipped: ${obstacle}`, t => t.pass());
else
  test('[package] the .deb has no errors, installs on Debian 13 and works there, with its manual page and completions', async t => {
    const { stdout } = await execa('node', ['src/deb.js'], { cwd: root });
    const file = join(root, stdout.trim());
    const lintian = await execa('lintian', ['--fail-on', 'error', file], { reject: false });
    // Without lintian there is no exit code.
    t.true(lintian.exitCode === undefined || lintian.exitCode === 0, lintian.stdout);
    const machine = await host(DEBIAN);
    try {
      // The release brings strace; Node is this machine's, so dpkg is told not to ask for it.
      const installed = await machine.run('dpkg', '--ignore-depends=nodejs', '-i', file);
      t.is(installed.exitCode, 0, installed.stderr);
      const used = await machine.run('allowtrace', 'replay', '--other-host', fixture('vfork/y.strace'));
      t.is(used.exitCode, 0, used.stderr);
      t.regex(used.stdout, /^SystemCallFilter=/m);
      const listed = (await machine.run('dpkg', '-L', 'allowtrace')).stdout;
      for (const path of ['man1/allowtrace.1.gz', 'completions/allowtrace', 'vendor-completions/_allowtrace'])
        t.true(listed.includes(path), path);
      t.is((await machine.run('dpkg', '-r', 'allowtrace')).exitCode, 0);
    } finally {
      await machine.halt();
    }
  });
