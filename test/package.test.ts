// The package as users get it: packed, installed globally from the tarball, run.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { fixture, root } from './support/fixtures.ts';

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
  await t.notThrowsAsync(execa('npx', ['publint', '--strict', packed], { cwd: root }));
  await t.notThrowsAsync(execa('npx', ['attw', packed, '--profile', 'esm-only'], { cwd: root }));
});
