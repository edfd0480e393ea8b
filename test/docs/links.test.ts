// The documents speak of what there is: links lead somewhere, and every `allowtrace …` in them names commands and options that exist.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { COMMON_OPTIONS, manual } from '../../src/commands/manual.ts';
import { root } from '../support/fixtures.ts';

const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
];

test('links of the documents lead to files', t => {
  for (const page of pages)
    for (const [, target = ''] of readFileSync(root + page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g))
      if (!/^[a-z]+:/.test(target)) t.true(existsSync(join(root, dirname(page), target)), `${page}: ${target}`);
});

test('commands and options in the documents exist', async t => {
  const commands = new Map((await manual()).map(command => [command.verb, command]));
  const common = Object.keys(COMMON_OPTIONS);
  for (const page of pages) {
    const text = readFileSync(root + page, 'utf8');
    // Command lines: in code blocks from `allowtrace` on, or between backticks.
    for (const [, line = ''] of text.matchAll(/(?:^ {4}|^\$ |^|`|\| |sudo )allowtrace ([a-z][^`\n#|]*)/gm)) {
      const [verb = ''] = line.split(/\s/);
      if (!commands.has(verb)) continue;
      const [own = ''] = line.split(' -- ');
      const known = new Set([...common, ...(commands.get(verb)?.options ?? []).map(({ name }) => name)]);
      for (const [, option = ''] of own.matchAll(/(?<=\s)--([a-z][a-z-]+)/g))
        t.true(known.has(option) || known.has(option.replace(/^no-/, '')), `${page}: allowtrace ${line}`);
    }
  }
});
