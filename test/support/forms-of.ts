// node build/test/support/forms-of.js ROOT…  tries the law of test/strace/forms.test.ts on the strace of each root directory (`/` or the
// unpacked systems of other releases), with its own libraries, in every form. Exit status 1: there are differences.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execaSync } from 'execa';
import { build, differencesOf, FORMS } from './deeds.ts';

/** The strace of a root directory, started by the loader that belongs to it. */
function straceIn(directory: string): string[] {
  if (directory === '/') return ['strace'];
  const libraries = readdirSync(join(directory, 'usr/lib'))
    .filter(name => name.endsWith('-linux-gnu'))
    .map(name => join(directory, 'usr/lib', name));
  const [loader = ''] = libraries.flatMap(folder =>
    readdirSync(folder)
      .filter(name => /^ld-linux.*\.so\.\d$/.test(name))
      .map(name => join(folder, name)),
  );
  return [loader, '--library-path', libraries.join(':'), join(directory, 'usr/bin/strace')];
}

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-forms-'));
try {
  const program = build(folder);
  for (const directory of process.argv.slice(2)) {
    const strace = straceIn(directory);
    const [command = '', ...words] = strace;
    process.stdout.write(`${directory}: ${execaSync(command, [...words, '-V']).stdout.split('\n')[0]}\n`);
    for (const form of FORMS) {
      const differences = differencesOf(program, folder, strace, form);
      if (differences.length > 0) process.exitCode = 1;
      for (const one of differences) process.stdout.write(`  ${form.options.join(' ')}: ${one}\n`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
