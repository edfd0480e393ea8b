// What an executed file needs besides itself. The path comes from a log, and so may lead to anything on this machine.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa, execaSync } from 'execa';
import { inspectProgram } from '../../src/host/interpreters.ts';
import { bin } from '../support/fixtures.ts';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'allowtrace-test-'));

test('a script, its interpreter, and that one’s ELF interpreter', t => {
  const path = join(scratch(), 'script');
  writeFileSync(path, '#! /bin/sh -e\n', { mode: 0o755 });
  const needs = inspectProgram(path)?.needs.map(({ why }) => why);
  t.deepEqual(needs, [`#! interpreter of ${path}`, 'ELF interpreter of /bin/sh']);
});

test('an ELF header that leads out of the file names nothing', t => {
  const header = Buffer.alloc(4096);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeBigUInt64LE(4090n, 32);
  header.writeUInt16LE(1, 54);
  header.writeUInt16LE(60_000, 56);
  const path = join(scratch(), 'program');
  writeFileSync(path, header);
  t.deepEqual(inspectProgram(path)?.needs, []);
});

test('a FIFO where the log has a program is not waited for', async t => {
  const directory = scratch();
  const [fifo, log] = [join(directory, 'program'), join(directory, 'log')];
  execaSync('mkfifo', [fifo]);
  writeFileSync(log, `7 execve("${fifo}", ["program"], 0x7 /* 3 vars */) = 0\n`);
  const { exitCode, stderr } = await execa(bin, ['replay', '--no-verify', log], { reject: false, timeout: 30_000 });
  t.is(exitCode, 0);
  t.regex(stderr, /program cannot be read on this machine/);
});
