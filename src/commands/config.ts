// The config file: options that need not be typed. `allowtrace.config.json`, or the key `allowtrace` of a package.json, in the nearest
// directory upwards. The command line wins. What it does not know it refuses, by file and key. docs/configuration.md describes it.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { debug } from '../debug.ts';
import { fileTrouble, UsageError } from '../errors.ts';
import { isRecord } from '../json.ts';
import type { OptionManual } from '../render/manual.ts';
import type { Command, OptionTable } from './cli/command.ts';
import { manual, optionManuals } from './manual.ts';
import { COMMANDS } from './table.ts';

const CONFIG_NAME = 'allowtrace.config.json';

type Values = Record<string, unknown>;

interface ConfigFile {
  /** As errors name it. */
  name: string;
  directory: string;
  values: Values;
}

const bad = (where: string, what: string, hint?: string): UsageError =>
  new UsageError('bad-config', `${where}: ${what}`, hint);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The line on which JSON ends to be JSON: JSON.parse does not always tell, but it says whether more text could have fixed it. */
function brokenLine(text: string): number {
  const lines = text.split('\n');
  for (let count = 1; count < lines.length; count++) {
    const start = lines.slice(0, count).join('\n');
    try {
      JSON.parse(start);
    } catch (error) {
      const position = /position (\d+)/.exec(messageOf(error))?.[1];
      const atEnd = /Unexpected end|Unterminated/.test(messageOf(error)) || Number(position) >= start.length;
      if (!atEnd) return count;
    }
  }
  return lines.length;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw bad(path, fileTrouble(error));
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bad(`${path}:${brokenLine(text)}`, `is not JSON: ${messageOf(error).replace(/, ?(?:"|\.{3}).*/s, '')}`);
  }
}

/** A config file that was merely found speaks for the user only if nobody else could have put it there. */
function mustBeTrusted(path: string): void {
  const { uid, mode } = statSync(path);
  const users = [0, process.geteuid?.(), Number(process.env.SUDO_UID ?? 0)];
  if (users.includes(uid) && (mode & 0o002) === 0) return;
  throw bad(
    path,
    users.includes(uid)
      ? 'can be written by everybody, so it is not used'
      : 'belongs to another user, so it is not used',
    `--config ${path} uses it all the same, --no-config does without`,
  );
}

const section = (path: string, value: unknown, name = path): ConfigFile => {
  if (!isRecord(value)) throw bad(name, 'is not an object of settings');
  return { name, directory: dirname(path), values: value };
};

function find(start: string): ConfigFile | null {
  for (let directory = start; ; directory = dirname(directory)) {
    const own = join(directory, CONFIG_NAME);
    if (existsSync(own)) {
      mustBeTrusted(own);
      return section(own, parseJson(read(own), own));
    }
    const manifest = join(directory, 'package.json');
    const text = existsSync(manifest) ? read(manifest) : '';
    // Most are none of our business, and parsing takes time.
    if (text.includes('"allowtrace"')) {
      const json = parseJson(text, manifest);
      if (isRecord(json) && 'allowtrace' in json) {
        mustBeTrusted(manifest);
        return section(manifest, json.allowtrace, `${manifest}: allowtrace`);
      }
    }
    if (directory === dirname(directory)) return null;
  }
}

function checked(option: OptionManual, value: unknown, where: string, directory: string): unknown {
  const { type, many, choices, metavar } = option;
  if (many && Array.isArray(value)) return value.map(one => checked({ ...option, many: false }, one, where, directory));
  if (typeof value !== type)
    throw bad(where, `must be a ${type}${many ? ` or a list of ${type}s` : ''}, not ${JSON.stringify(value)}`);
  if (choices.length > 0 && !choices.includes(String(value)))
    throw bad(where, `must be one of ${choices.join(', ')}, not ${JSON.stringify(value)}`);
  // Names of files are meant as seen from the config file.
  const isFile = typeof value === 'string' && (metavar === 'FILE' || metavar === 'DIR') && value !== '-';
  const one = isFile ? resolve(directory, value) : value;
  return many ? [one] : one;
}

function sectionOf(file: ConfigFile, name: string): Values {
  const value = file.values[name] ?? {};
  if (!isRecord(value)) throw bad(`${file.name}: ${name}`, 'must be an object of options');
  return value;
}

async function isAnyOption(name: string): Promise<boolean> {
  return (await manual()).some(({ options }) => options.some(option => option.name === name));
}

async function valuesFor(verb: string, options: readonly OptionManual[], file: ConfigFile): Promise<Values> {
  for (const key of Object.keys(file.values))
    if (key !== '$schema' && key !== 'defaults' && !Object.hasOwn(COMMANDS, key))
      throw bad(
        `${file.name}: ${key}`,
        'is no command',
        `settings are written as {"defaults": {…}} for all commands, or {"${verb}": {…}} for one`,
      );
  const known = new Map(options.map(option => [option.name, option]));
  const values: Values = {};
  for (const [key, value] of Object.entries(sectionOf(file, 'defaults'))) {
    const option = known.get(key);
    const where = `${file.name}: defaults.${key}`;
    if (option !== undefined) values[key] = checked(option, value, where, file.directory);
    else if (!(await isAnyOption(key))) throw bad(where, 'is an option of no command');
  }
  for (const [key, value] of Object.entries(sectionOf(file, verb))) {
    const option = known.get(key);
    const where = `${file.name}: ${verb}.${key}`;
    if (option === undefined) throw bad(where, 'is no such option', `allowtrace ${verb} --help lists them`);
    values[key] = checked(option, value, where, file.directory);
  }
  return values;
}

/** What the words of the command line say about the config file: its name, `false` for none, or null: look for it. */
function asked(words: readonly string[]): string | false | null {
  let answer: string | false | null = null;
  for (const [i, word] of words.entries()) {
    if (word === '--no-config') answer = false;
    if (word === '--config') answer = words[i + 1] ?? '';
    if (word.startsWith('--config=')) answer = word.slice('--config='.length);
  }
  return answer;
}

/** The options that the config file sets for this command; empty without one. */
export async function configured(
  verb: string,
  command: Command<OptionTable>,
  words: readonly string[],
): Promise<Values> {
  const name = asked(words);
  if (name === false || name === '') return {};
  const file = name === null ? find(process.cwd()) : section(resolve(name), parseJson(read(name), name), name);
  debug(() => (file === null ? 'no config file' : `config file: ${file.name}`));
  return file === null ? {} : valuesFor(verb, optionManuals(command.options), file);
}
