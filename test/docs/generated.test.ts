// Generated documents are what their tables say, and the manual page is one that man can show.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { root } from '../support/fixtures.ts';
import { generated } from './generated.ts';

test('generated documents are up to date; npm run docs makes them anew', async t => {
  for (const [path, text] of await generated())
    t.true(readFileSync(`${root}${path}`, 'utf8') === text, `${path} is stale: run npm run docs`);
});

test('man shows the manual page without a warning', async t => {
  if ((await execa('man', ['--version'], { reject: false })).failed) return t.pass('skipped: man is not installed');
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-man-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const page = join(dir, 'allowtrace.1');
  writeFileSync(page, (await generated()).get('docs/man/allowtrace.1') ?? '');
  const { stdout, stderr } = await execa('man', ['--warnings', '-P', 'cat', '-l', page], {
    env: { MANWIDTH: '100', LC_ALL: 'C.UTF-8' },
  });
  t.is(stderr, '');
  t.regex(stdout, /^ {3}replay$/m);
  t.regex(stdout, /allowtrace replay --paths tmpfs,exec daemon\.strace/);
});
