// What programs of this machine say of themselves, and damaged ones.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { readElf } from '../../src/host/elf.ts';
import { unitWords } from '../../src/host/program-words.ts';

test('An ELF file tells the functions that it takes and its libraries', t => {
  const found = readElf(readFileSync('/bin/mount'));
  t.true(found?.libraries.some(library => library.startsWith('libmount.so')));
  t.true([...(found?.imports ?? [])].some(name => name.startsWith('mnt_context_')));
  t.false(found?.executableStack);
});

test('What is no ELF file, or is cut, is none', t => {
  const whole = readFileSync('/bin/ls');
  t.is(readElf(Buffer.from('#!/bin/sh\n')), null);
  for (const length of [10, 64, 200, 5_000, whole.length >> 1]) t.notThrows(() => readElf(whole.subarray(0, length)));
  const wild = Buffer.from(whole.subarray(0, 8_192));
  wild.fill(0xff, 32, 64);
  t.is(readElf(wild), null);
});

test('Helpers that a script names are looked at, and what cannot be found is told', t => {
  const words = unitWords({
    unit: 'x.service',
    lines: [{ section: 'Service', name: 'ExecStart', value: '/bin/sh -c "/bin/mount -a"' }],
    programs: ['/bin/sh', '/nonexistent/x'],
    home: null,
  });
  t.true(words.files.some(({ path }) => path.endsWith('/bin/mount')));
  t.deepEqual(words.unread, ['/nonexistent/x']);
});
