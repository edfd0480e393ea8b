// One program, whatever strace was told to print: deeds.c does some two hundred things and writes down itself what it did. A log of it must
// hold that in every form of numbers, names, times and strings, and all of them come to one profile. The straces of other suites of Debian
// come in where their archive answers; every strace of a list of roots is tried with test/support/forms-of.

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execaSync } from 'execa';
import { build, differencesOf, FORMS, missing, obstacle, record } from '../support/deeds.ts';
import { otherStrace } from '../support/straces.ts';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-forms-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const reason = obstacle();
const traced = reason === null ? test.serial : test.serial.skip;
const skipped = reason === null ? '' : ` (skipped: ${reason})`;
const program = reason === null ? build(folder) : '';
const installed = { name: 'the installed strace', command: ['strace'] };

traced(`what a program says it did stands in the profile of every log of it${skipped}`, t => {
  const { said, profile } = record(program, folder, installed.command, []);
  t.true(said.length > 150, `${said.length} things were said`);
  t.deepEqual(missing(said, profile), []);
});

for (const form of FORMS)
  traced(`strace ${form.options.join(' ')}: the same profile as without${skipped}`, t => {
    t.deepEqual(differencesOf(program, folder, installed.command, form), []);
  });

/** A newer strace, in the forms that differ most. */
const other = reason === null ? otherStrace('sid', join(folder, 'sid')) : { path: '', obstacle: reason };
const newer = other.obstacle === null ? test.serial : test.serial.skip;

newer(
  `the strace of sid: one profile in all forms of numbers${other.obstacle === null ? '' : ` (skipped: ${other.obstacle})`}`,
  t => {
    const command = [join(other.path, 'strace')];
    const version = execaSync(join(other.path, 'strace'), ['-V']).stdout;
    for (const form of FORMS.filter(({ options }) => options.includes('-X')))
      t.deepEqual(
        differencesOf(program, folder, command, form),
        [],
        `${version.split('\n')[0]}: ${form.options.join(' ')}`,
      );
  },
);
