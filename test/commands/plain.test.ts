// Words that are read without yargs mean what yargs takes them for; and those that most people type need no yargs.

import { Writable } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import type { Command, Io, OptionTable } from '../../src/commands/command.ts';
import { readPlainly, type Words } from '../../src/commands/plain.ts';
import { COMMANDS } from '../../src/commands/table.ts';
import { readWords } from '../../src/commands/words.ts';

const io: Io = { stdin: process.stdin, stdout: new Writable(), stderr: new Writable(), env: {} };

const commands = async (): Promise<[string, Command<OptionTable>][]> =>
  Promise.all(
    Object.entries(COMMANDS).map(
      async ([verb, { load }]): Promise<[string, Command<OptionTable>]> => [verb, (await load()).default],
    ),
  );

/** What reaches the command: its own options, as far as they have a value. */
const meaning = ({ options, operands }: Words, { options: table }: Command<OptionTable>): unknown => ({
  operands,
  options: Object.fromEntries(
    Object.keys(table).flatMap(name => (options[name] === undefined ? [] : [[name, options[name]]])),
  ),
});

const VALUES = [
  'a',
  'x.strace',
  '5',
  '0',
  '07',
  '1e3',
  '-3',
  '-',
  '',
  'true',
  'false',
  'help',
  '"q"',
  "'q'",
  'a=b',
  'ä',
  '\n',
  '0x10',
  '.5',
];

/** Likely and unlikely words for this command. */
function word({ options }: Command<OptionTable>): fc.Arbitrary<string[]> {
  const name = fc.constantFrom('config', ...Object.keys(options));
  const value = fc.constantFrom(
    ...VALUES,
    ...Object.values(options).flatMap(({ choices }) => (choices ?? []).map(String)),
  );
  return fc.oneof(
    fc.tuple(name, value).map(([one, given]) => [`--${one}`, given]),
    fc.tuple(name, value).map(([one, given]) => [`--${one}=${given}`]),
    name.map(one => [`--${one}`]),
    name.map(one => [`--no-${one}`]),
    fc
      .constantFrom('--', '-h', '-x', '-o', '-ox', '--unknown', '--__proto__', '--constructor', '--toString', '---')
      .map(one => [one]),
    value.map(one => [one]),
  );
}

test('what is read plainly is what yargs reads', async t => {
  for (const [verb, command] of await commands())
    await fc.assert(
      fc.asyncProperty(fc.array(word(command), { maxLength: 4 }), async parts => {
        const words = parts.flat().filter(one => one !== '--');
        const plain = readPlainly(command.options, words);
        if (plain === null) return;
        const full = await readWords(verb, command, words, {}, io);
        t.deepEqual(meaning(plain, command), meaning(full, command), `${verb} ${words.join(' ')}`);
      }),
      { numRuns: 300 },
    );
});

test('the examples of the manual are plain', async t => {
  const unusual: string[] = [];
  for (const [, { options, examples }] of await commands())
    for (const [line] of examples) {
      const [, , ...words] = line.replace(/ [>|] .*| -- .*/, '').split(' ');
      if (readPlainly(options, words) === null) unusual.push(line);
    }
  t.deepEqual(unusual, []);
});
