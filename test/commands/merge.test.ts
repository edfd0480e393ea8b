// `allowtrace merge`: files, folders, JSON Lines; what is seen too rarely or too long ago; damaged inputs; as a reducer.

import { mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import test from 'ava';
import { execa, execaSync } from 'execa';
import { formatProfile, parseProfile } from '../../src/profile/file.ts';
import { emptyProfile, mergeProfiles } from '../../src/profile/merge.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { LIVE_LAYOUT } from '../../src/strace/launch.ts';
import { allFixtures, allowtrace, bin, fixtureText, root } from '../support/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-merge-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);

/** What one host did: all read /etc/hosts, every second one /etc/even, each one a file of its own. */
function host(n: number, end = NOW): Profile {
  const observer = new Observer({
    id: `run-${n}`,
    trace: 'daemon',
    mode: 'complete',
    host: `host-${n}`,
    layout: LIVE_LAYOUT,
    cwd: '/',
  });
  const paths = ['/etc/hosts', ...(n % 2 === 0 ? ['/etc/even'] : []), `/srv/${n}`];
  for (const [i, path] of paths.entries())
    observer.push(
      Buffer.from(`7 ${end - paths.length + i}.000000 openat(AT_FDCWD</>, "${path}", O_RDONLY) = 3<${path}>\n`),
    );
  observer.end();
  return observer.snapshot();
}

const line = (profile: Profile): string => `${formatProfile(profile).replaceAll('\n', '')}\n`;
const paths = ({ facts }: Profile): string[] => facts.flatMap(fact => (fact.kind === 'path' ? [fact.path] : [])).sort();

let folders = 0;
async function hosts(count: number): Promise<string> {
  const place = join(folder, String(++folders));
  await mkdir(place);
  for (let n = 0; n < count; n++) await writeFile(join(place, `host-${n}.json`), formatProfile(host(n)));
  return place;
}

const merge = (words: string[], input?: string) => allowtrace(['merge', ...words], input);

test('a folder, its files, JSON Lines in a file and on stdin: all give the same profile', async t => {
  const place = await hosts(40);
  const files = Array.from({ length: 40 }, (_, n) => join(place, `host-${n}.json`));
  const all = Array.from({ length: 40 }, (_, n) => line(host(n))).join('');
  await mkdir(join(place, 'lines'));
  await writeFile(join(place, 'lines', 'all.jsonl'), all);
  const wanted = formatProfile(mergeProfiles(Array.from({ length: 40 }, (_, n) => host(n))));
  t.is((await merge([place])).stdout, wanted.trimEnd());
  t.is((await merge([...files].reverse())).stdout, wanted.trimEnd());
  t.is((await merge([join(place, 'lines', 'all.jsonl'), files[3] ?? ''])).stdout, wanted.trimEnd());
  const { stdout } = await merge(['-'], all + all);
  t.is(formatProfile(parseProfile(stdout, 'stdout')), wanted);
  t.false(stdout.includes('\n'));
  t.is(formatProfile(parseProfile((await merge(['-'], '')).stdout, 'stdout')), formatProfile(emptyProfile()));
});

test('each run tells how much was new in it', async t => {
  const { runs } = mergeProfiles([host(2, NOW), host(0, NOW - DAY), host(1, NOW - 2 * DAY)]);
  // The oldest brings /etc/hosts, openat and its own file; the next /etc/even and its own; the last only its own.
  t.deepEqual(
    runs.map(({ id, newFacts }) => [id, newFacts]),
    [
      ['run-1', 3],
      ['run-0', 2],
      ['run-2', 1],
    ],
  );
});

test('--min-runs, --min-hosts: what is seen more rarely is dropped, and told', async t => {
  const place = await hosts(4);
  for (const option of ['--min-runs', '--min-hosts']) {
    const { stdout, stderr } = await merge([place, option, '2']);
    t.deepEqual(paths(parseProfile(stdout, 'x')), ['/etc/even', '/etc/hosts']);
    t.regex(stderr, /dropped: read \/srv\/0: seen (?:in|on) 1 of the 2 (?:runs|hosts) it takes/);
  }
  await writeFile(
    join(place, 'again.json'),
    formatProfile({ ...host(9), runs: host(9).runs.map(run => ({ ...run, host: 'host-1' })) }),
  );
  t.false(paths(parseProfile((await merge([place, '--min-hosts', '5'])).stdout, 'x')).includes('/etc/hosts'));
  t.true(paths(parseProfile((await merge([place, '--min-runs', '5'])).stdout, 'x')).includes('/etc/hosts'));
});

test('--since drops old runs and what only they saw', async t => {
  const input = line(host(0, NOW - 40 * DAY)) + line(host(1, NOW - DAY));
  for (const since of ['30days', new Date((NOW - 30 * DAY) * 1000).toISOString()]) {
    const { stdout, stderr } = await merge(['-', '--since', since], input);
    const profile = parseProfile(stdout, 'x');
    t.deepEqual(paths(profile), ['/etc/hosts', '/srv/1']);
    t.deepEqual(
      profile.runs.map(({ id }) => id),
      ['run-1'],
    );
    t.regex(stderr, /dropped: 1 run/);
  }
});

test('one damaged input among many: its file and line, exit status 2, and nothing is written', async t => {
  const place = await hosts(20);
  const file = join(place, 'host-7.json');
  const output = join(place, 'result');
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n');
  for (const [damaged, where] of [
    [text.slice(0, -30), /host-7\.json:\d+: is not JSON/],
    [text.replace('"kind":"path"', '"kind":"nonsense"'), /host-7\.json:\d+: this fact is damaged/],
    [text.replace('"mode":"read"', '"mode":"constructor"'), /host-7\.json:\d+: this fact is damaged/],
    [text.replace('"path":"/', '"path":"../'), /host-7\.json:\d+: this fact is damaged/],
    [text.replace('"name":"openat"', '"name":"openat\\nUser=root"'), /host-7\.json:\d+: this fact is damaged/],
    [text.replace('"lines":', '"lines":"many","lines_":'), /host-7\.json: its list of runs is damaged/],
    [text.replace('"runs":["0"', '"runs":["0-99999999999"'), /host-7\.json:\d+: this fact is damaged/],
    [text.replace('"version":2', '"version":9'), /host-7\.json: has profile version 9/],
    [text.replace('"counts":[', '"counts":[1,'), /host-7\.json: its evidence is damaged/],
    [text.replace('"origins":[[0', '"origins":[[7'), /host-7\.json:\d+: this fact is damaged/],
    ['\0\0\0', /host-7\.json:1: is not JSON/],
  ] as const) {
    await writeFile(file, damaged);
    const { exitCode, stdout, stderr } = await merge([place, '-o', output]);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, where);
    await t.throwsAsync(readFile(output), { code: 'ENOENT' });
  }
  await writeFile(file, text.replace('"kind":"path"', '"kind":"nonsense"'));
  const number = Number(/host-7\.json:(\d+)/.exec((await merge([place])).stderr)?.[1]);
  t.regex(lines[number - 1] ?? '', /"kind":"path"/);
  const { exitCode, stderr } = await merge(['-'], `${line(host(1))}${line(host(2))}{"format":"allowtrace-profile"\n`);
  t.is(exitCode, 2);
  t.regex(stderr, /standard input:3: is not JSON/);
});

test('options that make no sense are refused', async t => {
  for (const words of [
    ['--min-runs', '0', 'x'],
    ['--min-hosts', 'two', 'x'],
    ['--since', 'yore', 'x'],
    [],
    ['/nonexistent.json'],
    [folder],
  ])
    t.is((await merge(words)).exitCode, 2, words.join(' '));
});

const has = (tool: string): boolean => !execaSync(tool, ['--version'], { reject: false }).failed;

test('docs/fleet.md: groups by GNU parallel and by xargs, merged again, are the whole', async t => {
  const place = await hosts(25);
  const wanted = formatProfile(mergeProfiles(Array.from({ length: 25 }, (_, n) => host(n))));
  const shell = (script: string) => execa('sh', ['-c', `allowtrace() { "${bin}" "$@"; }; ${script}`], { cwd: place });
  await shell(`mkdir groups; find . -name 'host-*.json' -print0 | xargs -0 -n 10 -P 2 sh -c '"${bin}" merge "$@" -o groups/$$.json' merge
    allowtrace merge groups -o fleet.json`);
  t.is(await readFile(join(place, 'fleet.json'), 'utf8'), wanted);
  if (!has('parallel')) return t.log('GNU parallel is not installed');
  await shell(`for f in host-*.json; do tr -d '\\n' < "$f"; echo; done > all.jsonl
    parallel --pipe -N 10 "${bin}" merge - < all.jsonl | allowtrace merge - > fleet.jsonl`);
  t.is(formatProfile(parseProfile(await readFile(join(place, 'fleet.jsonl'), 'utf8'), 'x')), wanted);
});

test('every profile fits its schema', t => {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  const validate = ajv.compile(JSON.parse(readFileSync(`${root}docs/schemas/profile.schema.json`, 'utf8')));
  const fits = (profile: Profile, name: string): void => {
    t.true(validate(JSON.parse(formatProfile(profile))), `${name}: ${ajv.errorsText(validate.errors)}`);
  };
  for (const name of allFixtures()) {
    const observer = new Observer({
      id: name,
      trace: name,
      mode: name.length % 2 === 0 ? 'replay' : 'seccomp',
      cwd: '/',
    });
    observer.push(Buffer.from(fixtureText(name), 'latin1'));
    observer.end();
    fits(mergeProfiles([observer.snapshot(), host(1)]), name);
  }
  t.false(validate({ ...JSON.parse(formatProfile(host(1))), more: 1 }));
  t.false(validate(JSON.parse(formatProfile(host(1)).replace('"kind":"path"', '"kind":"nonsense"'))));
});
