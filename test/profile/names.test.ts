// Names that nobody uses and anybody may write into a log: how much they cost is bounded, and what was given up for it is said.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import { execa } from 'execa';
import { GAPS, shortfalls } from '../../src/profile/gaps.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { bin } from '../support/fixtures.ts';

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const open = (path: string): string => `7 openat(AT_FDCWD, "${path}", O_WRONLY|O_CREAT, 0600) = 3`;
const START = '7 execve("/usr/sbin/d", ["d"], 0x7ffd /* 3 vars */) = 0';

function learn(lines: readonly string[]): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(`${[START, ...lines].join('\n')}\n`));
  observer.end();
  return observer.snapshot();
}

const paths = ({ facts }: Profile): string[] => facts.flatMap(fact => (fact.kind === 'path' ? [fact.path] : []));

test('what is deeper than 64 directories is one name, and that is said', t => {
  const chain = (depth: number): string =>
    range(depth)
      .map(i => `/${i}`)
      .join('');
  const kept = learn([open(chain(64))]);
  t.true(paths(kept).includes(chain(64)));
  t.deepEqual(kept.overflow, []);
  const deep = learn([
    open(`${chain(64)}/a`),
    open(`${chain(64)}/b/c`),
    `7 rename("${chain(65)}", "${chain(66)}") = 0`,
  ]);
  t.true(deep.facts.some(fact => fact.kind === 'path' && fact.pattern === true && fact.path === `${chain(64)}/*`));
  t.true(deep.facts.some(fact => fact.kind === 'move' && fact.from === `${chain(64)}/*` && fact.to === fact.from));
  t.true(paths(deep).every(path => path.split('/').length <= 66));
  t.true(deep.overflow.some(({ what }) => what.includes('64 directories')));
});

test('a flood of long names is folded long before there are many of them', t => {
  const long = (i: number): string =>
    `/srv/${range(16)
      .map(j => `${i}_${j}`.padEnd(250, 'x'))
      .join('/')}`;
  const flooded = learn(range(3_000).map(i => open(long(i))));
  t.true(paths(flooded).reduce((sum, path) => sum + path.length, 0) < 16 << 20);
  t.true(flooded.overflow.some(({ what }) => what.startsWith('/srv/*')));
});

test('names that nothing can fold are kept as far as there is room, and the evidence is incomplete', t => {
  const flooded = learn(range(62_000).map(i => open(`/u${i}`)));
  t.true(flooded.facts.length < 61_000);
  t.deepEqual(shortfalls(flooded), [GAPS.dropped]);
});

test('a thousand names of three hundred new directories each need no more memory than others', async t => {
  const log = join(mkdtempSync(join(tmpdir(), 'allowtrace-names-')), 'log');
  const name = (i: number): string =>
    `/srv/${range(300)
      .map(j => `${i.toString(16)}_${j.toString(16)}`)
      .join('/')}`;
  writeFileSync(log, `${[START, ...range(1_000).map(i => open(name(i)))].join('\n')}\n`);
  // Kilobytes; node itself takes 60,000 of them.
  const usage = `process.on('exit', () => process.stderr.write('\\nmaxRSS ' + process.resourceUsage().maxRSS)); await import(process.argv[1])`;
  for (const strategy of ['strict', 'tmpfs,exec']) {
    const options = ['replay', '--other-host', '--no-verify', '--allow-incomplete', '--paths', strategy, log];
    const { stderr } = await execa(process.execPath, ['--input-type=module', '-e', usage, bin, ...options]);
    const [, used] = /maxRSS (\d+)$/.exec(stderr) ?? [];
    t.true(Number(used) < 250_000, `${strategy}: ${used} kB`);
  }
});

for (const [what, first, last] of [
  ['a date that no calendar has', '99999999999999999999.000000', '99999999999999999999.000001'],
  ['a time of four hundred digits', '1700000000.000000', `${'9'.repeat(400)}.000001`],
] as const)
  test(`${what} is no time`, async t => {
    const log = join(mkdtempSync(join(tmpdir(), 'allowtrace-names-')), 'log');
    writeFileSync(
      log,
      `7 ${first} execve("/usr/sbin/d", ["d"], 0x7ffd /* 3 vars */) = 0\n7 1700000001.000000 brk(NULL) = 0x55\n7 ${last} exit_group(0) = ?\n`,
    );
    for (const command of ['report', 'replay']) {
      const { exitCode, stderr } = await execa(bin, [command, '--other-host', log], { reject: false });
      t.is(exitCode, 0, stderr);
      t.notRegex(stderr, /\n +at /);
    }
  });
