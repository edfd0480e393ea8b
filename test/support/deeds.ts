// The program deeds.c under straces of all versions in all forms, and whether its logs hold what it says it did.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execaSync } from 'execa';
import { Observer } from '../../src/profile/observer.ts';
import { accessOf } from '../../src/profile/order.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { root } from './fixtures.ts';

/** How a log is printed: what it has to come to is what `like` comes to. */
export interface Form {
  readonly options: readonly string[];
  /** -y tells paths that the log does not hold otherwise. */
  readonly like: readonly string[];
  /** What it shows in another way, or not at all; the rest must be there. */
  readonly hides?: readonly RegExp[];
}

const PLAIN: readonly string[] = [];
const form = (options: string, like: readonly string[] = PLAIN): Form => ({ options: options.split(' '), like });

/** With -s shorter than a name, what rests on the name is uncertain. */
const CUT = /"(?:CAP_SETFCAP|CAP_SYS_ADMIN)","syscall":"setxattr"|"path":"\/dev\/deed"|strace has cut a path/;
const EMPTY = /RTM_SETLINK|a message of NETLINK_ROUTE|"name":"identity","value":"groups|descriptor of fchdir/;

/** Every class of options that changes what stands in a line. */
export const FORMS: readonly Form[] = [
  ...[
    '-X raw',
    '-X verbose',
    '-X abbrev',
    '-x',
    '-xx',
    '-t',
    '-tt',
    '-ttt',
    '-r',
    '-T',
    '-i',
    '-n',
    '-k',
    '-v',
    '-s 1000',
  ].map(options => form(options)),
  ...[
    '-X raw -xx -v -r',
    '-X verbose -xx -tt',
    '-X raw -T -i -n -t',
    '-C',
    '-Y',
    '--decode-pids=pidns',
    '-N',
    '-X raw -N -xx',
  ].map(options => form(options)),
  ...['-yy', '-X raw -y', '-X raw -yy -xx', '-X verbose -yy -xx', '-X raw -yy -Y -T -i -n -r -t -s 100'].map(options =>
    form(options, ['-y']),
  ),
  {
    ...form('-e raw=mmap,mprotect,socket,fcntl,clone,unshare,setsockopt,personality,prctl'),
    hides: [/"detail":"SO_(?:PRIORITY|SNDBUFFORCE)/],
  },
  { ...form('-s 5'), hides: [CUT] },
  { ...form('-s 0'), hides: [CUT, EMPTY] },
];

/** Why it cannot be done here; null: it can. */
export function obstacle(): string | null {
  for (const command of ['strace', 'gcc'])
    if (execaSync(command, ['--version'], { reject: false }).failed) return `${command} is not installed`;
  return null;
}

/** Compiles the program, without libraries: it is the same for every libc. */
export function build(folder: string): string {
  const program = join(folder, 'deeds');
  execaSync('gcc', ['-static', '-O0', '-o', program, join(root, 'test/strace/deeds.c')]);
  return program;
}

/** Where the program does what it does; a log knows it only if it is told. */
const placeIn = (folder: string): string => join(folder, 'place');

/** Runs the program under a strace; null where that strace does not know these options. */
function run(program: string, folder: string, strace: readonly string[], options: readonly string[]): string | null {
  const place = placeIn(folder);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const [command = '', ...words] = strace;
  const { failed } = execaSync(command, [...words, '-f', ...options, '-o', join(folder, 'log'), program, '../said'], {
    cwd: place,
    env: { PATH: process.env.PATH ?? '' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  });
  return failed ? null : readFileSync(join(folder, 'log'), 'latin1');
}

/** Each thing that was said: fields of a fact with their values. */
type Said = readonly (readonly [field: string, value: string])[];

function readSaid(folder: string): Said[] {
  const [text = ''] = readFileSync(join(folder, 'said'), 'latin1').split('\0');
  return text
    .trimEnd()
    .split('\n')
    .map(line => {
      const [kind = '', ...fields] = line.split(/\t(?=[a-z]+=)/);
      const pairs = fields.map((field): [string, string] => {
        const at = field.indexOf('=');
        return [field.slice(0, at), field.slice(at + 1).replace(/^@(?=\/|$)/, placeIn(folder))];
      });
      return [['kind', kind], ...pairs];
    });
}

function profileOf(log: string, folder: string): Profile {
  const uid = process.getuid?.() ?? 0;
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: placeIn(folder), uid });
  observer.push(Buffer.from(log, 'latin1'));
  observer.end();
  return observer.snapshot();
}

const textsOf = ({ facts }: Profile): string[] => facts.map(fact => JSON.stringify(accessOf(fact)));

/** Of what was said, what the profile does not hold. */
export function missing(said: readonly Said[], { facts }: Profile): string[] {
  const fields = facts.map(
    fact => new Map(Object.entries(accessOf(fact)).map(([name, value]) => [name, String(value)])),
  );
  return said
    .filter(one => !fields.some(fact => one.every(([field, value]) => fact.get(field) === value)))
    .map(one => JSON.stringify(Object.fromEntries(one)));
}

/** One run of the program: what it says it did, and what was seen. */
export function record(
  program: string,
  folder: string,
  strace: readonly string[],
  options: readonly string[],
): { said: readonly Said[]; profile: Profile } {
  const log = run(program, folder, strace, options);
  if (log === null) throw new Error(`strace ${options.join(' ')} failed`);
  return { said: readSaid(folder), profile: profileOf(log, folder) };
}

const isKnown = new Map<string, boolean>();

/** Does this strace know the options? */
function knows(strace: readonly string[], options: readonly string[]): boolean {
  const key = JSON.stringify([strace, options]);
  const [command = '', ...words] = strace;
  const known =
    isKnown.get(key) ??
    !execaSync(command, [...words, ...options, '-o', '/dev/null', 'true'], { reject: false }).failed;
  isKnown.set(key, known);
  return known;
}

/** How the profile of a log in this form differs from what was said, and from that of a log in the form it is like. */
export function differencesOf(program: string, folder: string, strace: readonly string[], form: Form): string[] {
  if (!knows(strace, form.options)) return [];
  const hidden = (text: string): boolean => form.hides?.some(pattern => pattern.test(text)) ?? false;
  const usual = textsOf(record(program, folder, strace, form.like).profile);
  const { said, profile } = record(program, folder, strace, form.options);
  const seen = textsOf(profile);
  const { count, samples } = profile.unrecognised;
  return [
    ...(count === 0 ? [] : [`${count} lines not understood: ${samples[0]?.text}`]),
    ...missing(said, profile).map(one => `said and not seen: ${one}`),
    ...usual.filter(text => !seen.includes(text)).map(text => `- ${text}`),
    ...seen.filter(text => !usual.includes(text)).map(text => `+ ${text}`),
  ].filter(text => !hidden(text));
}
