// Short programs are run for what they print.

import test from 'ava';
import { programOutput } from '../src/program-output.ts';

test('what a program prints, without the newline at the end', async t => {
  t.deepEqual(await programOutput('sh', ['-c', 'echo one; echo two >&2; echo "$WORD"'], { env: { WORD: 'three' } }), {
    stdout: 'one\nthree',
    stderr: 'two',
    failed: false,
    missing: false,
  });
});

test('standard input is empty', async t => {
  t.is((await programOutput('cat', [])).stdout, '');
});

test('failing, missing and slow programs are told apart from others, never thrown', async t => {
  t.like(await programOutput('sh', ['-c', 'echo so far; exit 3']), { stdout: 'so far', failed: true, missing: false });
  t.like(await programOutput('/no/such/program', []), { stdout: '', failed: true, missing: true });
  t.like(await programOutput('sleep', ['60'], { timeout: 50 }), { failed: true, missing: false });
});
