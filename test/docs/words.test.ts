// The field's words: banned words stay out of what people read, and of the names of files and things. docs/glossary.md has the words to use.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'ava';
import { root } from '../support/fixtures.ts';

/** What must not occur, and what to write in its place. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/(?<!com|om|a)mend(?:s|ed|er|ing)?\b|(?<![a-z])Mend/, 'fix'],
  [/learnt/i, 'learned'],
  [/\b(?:is|are|was|were) told\b/i, 'is shown, is reported, gets the error'],
  [/to be known/i, 'Notes'],
  [/turn(?:ed|s) away/i, 'denied'],
  [/wider than seen/i, 'broader than observed'],
  [/not modelled/i, 'unsupported, ignored'],
  [/(?:could|can) ?not be told/i, 'could not resolve, unknown'],
  [/never seen\b/i, 'never observed'],
  [/no change of the drop-in/i, 'no drop-in can allow this'],
  [/as good as root/i, 'equivalent to root'],
  [/\bonce is meant\b|, so all of \S+ is meant/i, 'may be given only once; the rule covers'],
  [/spoken with/i, 'contacted'],
  [/\blets? pass\b/i, 'allow'],
  [/\b(?:and its|and the) like\b/i, 'such as'],
  [/go on with:/i, 'Next:'],
  [/take \S+ out of/i, 'remove X from'],
  [/everything is read-only but/i, 'everything is read-only except the paths below'],
  [/lay there when/i, 'existed at start'],
  [/should it be (?:missing|gone)/i, 'if it is missing'],
];

const PLACES = ['src/render', 'src/policy', 'src/commands', 'docs', 'README.md'];

function* filesIn(path: string): Generator<string> {
  if (/\.(?:ts|md)$/.test(path)) yield path;
  else if (!path.includes('.'))
    for (const { name } of readdirSync(path, { withFileTypes: true })) yield* filesIn(join(path, name));
}

test('no banned word is in what people read, nor in a name', t => {
  const found: string[] = [];
  for (const place of PLACES)
    for (const file of filesIn(join(root, place)))
      for (const [index, line] of [relative(root, file), ...readFileSync(file, 'utf8').split('\n')].entries())
        for (const [banned, better] of BANNED)
          if (banned.test(line))
            found.push(`${relative(root, file)}:${index}: ${line.trim().slice(0, 100)} → ${better}`);
  t.deepEqual(found, []);
});
