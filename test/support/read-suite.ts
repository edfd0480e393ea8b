// node build/test/support/read-suite.js DIR  reads every log that strace's own test suite has left in DIR/*.dir (its tests, after `make check`),
// both ways, and lists the lines that are not understood. Exit status 1: there are some.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { Observer } from '../../src/profile/observer.ts';

/** What is no log: strace's help, its version, and what it prints of itself with -d. */
const NO_LOG = /^(?:options-syntax|strace-V|strace-log-merge|strace--help)/;

const [directory = ''] = process.argv.slice(2);
let [logs, lines] = [0, 0];
for (const test of readdirSync(directory).filter(name => name.endsWith('.dir') && !NO_LOG.test(name)))
  for (const name of readdirSync(join(directory, test)).filter(file => file.startsWith('log'))) {
    const bytes = readFileSync(join(directory, test, name));
    for (const fast of [true, false]) {
      const observer = new Observer({ id: 'run', trace: `${test}/${name}`, mode: 'replay', fast });
      observer.push(bytes);
      observer.end();
      if (fast) {
        logs++;
        lines += observer.stats.lines;
      }
      for (const { trace, line, text, why } of observer.snapshot().unrecognised.samples) {
        process.exitCode = 1;
        process.stdout.write(`${trace}:${line}: ${why}: ${JSON.stringify(text)}\n`);
      }
    }
  }
process.stdout.write(`${logs} logs, ${lines} lines\n`);
