// A log scanned by a thread of its own gives the same profile as one that is pushed in: packed or not, with lines of any length.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { UsageError } from '../../src/errors.ts';
import { formatProfile } from '../../src/profile/file.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { LogFile } from '../../src/strace/log.ts';
import { scanAhead } from '../../src/strace/scan/ahead.ts';
import { allFixtures, fixture, fixtureText } from '../support/fixtures.ts';

const observer = (): Observer => new Observer({ id: 'run', trace: 'log', mode: 'replay' });
const outcome = (run: Observer): string => {
  run.end();
  return `${formatProfile(run.snapshot())}${JSON.stringify(run.stats)}`;
};

/** By a thread, unless the file is said to be small. */
async function ahead(path: string, packing: LogFile['packing'], size = 1 << 30): Promise<string> {
  const run = observer();
  const { rules, inodes } = run.scanning;
  const scan = scanAhead({ path, packing, size }, rules, inodes);
  if (scan === null) run.push(await readFile(path));
  else for await (const scanned of scan) run.take(scanned);
  return outcome(run);
}

function pushed(text: string): string {
  const run = observer();
  run.push(Buffer.from(text, 'latin1'));
  return outcome(run);
}

const packingOf = (name: string): LogFile['packing'] =>
  name.endsWith('.gz') ? 'gzip' : name.endsWith('.zst') ? 'zstd' : 'none';

test('recorded logs, plain and packed', async t => {
  for (const name of allFixtures()) t.is(await ahead(fixture(name), packingOf(name)), pushed(fixtureText(name)), name);
});

test('lines that end as a terminal or Windows ends them are the same lines, by a thread and pushed, cut anywhere', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const name of ['nginx/y.strace', 'shell-cd/stderr.strace', 'shell-cd/stack.strace']) {
    const text = fixtureText(name).replaceAll('\n', '\r\n');
    const path = join(folder, 'log');
    await writeFile(path, text, 'latin1');
    const expected = pushed(fixtureText(name));
    t.is(await ahead(path, 'none'), expected, name);
    const run = observer();
    for (let at = 0; at < text.length; at += 4093) run.push(Buffer.from(text.slice(at, at + 4093), 'latin1'));
    t.is(outcome(run), expected, name);
  }
});

test('the byte order mark with which an editor begins a file is no part of the first line, by a thread and pushed, cut anywhere', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const name of ['vfork/y.strace', 'shell-cd/stderr.strace']) {
    const text = fixtureText(name);
    const marked = `\u00ef\u00bb\u00bf${text}`;
    const path = join(folder, 'log');
    await writeFile(path, marked, 'latin1');
    t.is(await ahead(path, 'none'), pushed(text), name);
    const run = observer();
    for (const byte of Buffer.from(marked, 'latin1')) run.push(Buffer.of(byte));
    t.is(outcome(run), pushed(text), name);
  }
  t.is(pushed('\u00ef\u00bb\u00bf7 close(3) = 0\n'), pushed('7 close(3) = 0\n'));
  t.not(pushed('7 close(3) = 0\n\u00ef\u00bb\u00bf7 close(3) = 0\n'), pushed('7 close(3) = 0\n7 close(3) = 0\n'));
});

test('short, long and too long lines, and a last one without its newline', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const calls = Array.from({ length: 30_000 }, (_, i) => `${(i % 7) + 1} close(${i % 9}) = 0`);
  const distinct = Array.from({ length: 40_000 }, (_, i) => `1 openat(AT_FDCWD, "/${i % 20_000}", O_RDONLY) = 3`);
  const texts = [
    calls.join('\n'),
    [...distinct, ...distinct].join('\n'),
    '\n'.repeat(200_000),
    [
      ...calls.slice(0, 60),
      `1 write(1, "${'x'.repeat(700_000)}", 700000) = 700000`,
      `1 write(1, "${'x'.repeat(1 << 21)}", 2097152) = 2097152`,
      ...calls.slice(0, 60),
    ].join('\n'),
    `${'y'.repeat(1 << 21)}\n${calls.slice(0, 60).join('\n')}`,
  ];
  for (const [i, text] of texts.entries()) {
    const path = join(folder, `${i}.strace`);
    await writeFile(path, text, 'latin1');
    t.is(await ahead(path, 'none'), pushed(text), `log ${i}`);
  }
});

test('what has been scanned is told in bytes of the text', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const text = Array.from({ length: 100_000 }, (_, i) => `${i} close(${i % 9}) = 0\n`).join('');
  const path = join(folder, 'log');
  await writeFile(path, text);
  const { rules, inodes } = observer().scanning;
  const sizes: number[] = [];
  for await (const { size } of scanAhead({ path, packing: 'none', size: 1 << 30 }, rules, inodes) ?? [])
    sizes.push(size);
  t.true(sizes.length > 1);
  t.is(
    sizes.reduce((sum, size) => sum + size),
    text.length,
  );
});

test('a damaged archive is an error for the user, and the thread ends', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'cut.gz');
  const packed = gzipSync(fixtureText('nginx/y.strace'));
  await writeFile(path, packed.subarray(0, packed.length / 2));
  const error = await t.throwsAsync(ahead(path, 'gzip'), { instanceOf: UsageError });
  t.true(error?.message.startsWith(`${path}: cannot be read to its end`));
});
