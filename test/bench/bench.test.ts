// The benchmark works: every section of its page is there, with numbers in it. What the numbers are is not asserted.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { root } from '../support/fixtures.ts';

test('[bench] npm run bench -- --quick PAGE writes the page', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'page.md');
  await execa(process.execPath, [join(root, 'build/test/bench/bench.js'), '--quick', path]);
  const page = await readFile(path, 'utf8');
  for (const title of ['Replay', 'Packed logs', 'By program', 'Memory', 'Growth', 'Start-up'])
    t.regex(page, new RegExp(`\n## ${title}[^#]*\\d s \\|`), title);
  const drawing = await readFile(join(folder, 'page-growth.svg'), 'utf8');
  t.regex(drawing, /^<svg (?:.|\n)*<polyline class="time" points="\d[\d, ]*"(?:.|\n)*<\/svg>\n$/);
  t.false(/NaN|undefined|Infinity/.test(page.replace(/\| NaN MB \|/g, '')), page);
});
