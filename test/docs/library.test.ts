// The examples of docs/library.md: type-checked against the built package as its users see it, then run; each prints what the page says.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { fixture, root } from '../support/fixtures.ts';

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    types: ['node'],
  },
  include: ['*.ts'],
};

/** Code and what it prints, in the order of the page. */
function examples(): { code: string; output: string }[] {
  const page = readFileSync(`${root}docs/library.md`, 'utf8');
  return [...page.matchAll(/```ts\n(.*?)```\n\n```text\n(.*?)```/gs)].map(([, code = '', output = '']) => ({
    code,
    output,
  }));
}

test('every example of the library compiles and prints what the page says', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-library-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'node_modules/@types'), { recursive: true });
  symlinkSync(root, join(dir, 'node_modules/allowtrace'));
  symlinkSync(`${root}node_modules/@types/node`, join(dir, 'node_modules/@types/node'));
  copyFileSync(fixture('redis/y.strace'), join(dir, 'daemon.strace'));
  writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  const all = examples();
  t.is(all.length, [...readFileSync(`${root}docs/library.md`, 'utf8').matchAll(/```ts\n/g)].length);
  for (const [i, { code }] of all.entries()) writeFileSync(join(dir, `example-${i}.ts`), code);
  const compiled = await execa('node', [`${root}node_modules/typescript/bin/tsc`, '-p', '.'], {
    cwd: dir,
    reject: false,
  });
  t.is(compiled.stdout, '');
  for (const [i, { output }] of all.entries()) {
    const { stdout } = await execa('node', [`example-${i}.js`], { cwd: dir, all: true });
    t.is(stdout.trimEnd(), output.trimEnd());
  }
});
