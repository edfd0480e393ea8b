// The config file: where it is looked for, what it may say, and that the command line wins.

import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { generated } from '../docs/generated.ts';
import { bin, fixture } from '../support/fixtures.ts';

const LOG = fixture('vfork/y.strace');

interface Outcome {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs `allowtrace` in a directory below the one with the given files. */
async function run(t: ExecutionContext, files: Record<string, string>, ...args: string[]): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-config-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const cwd = join(dir, 'a', 'b');
  mkdirSync(cwd, { recursive: true });
  const { exitCode, stdout, stderr } = await execa(bin, args, { cwd, reject: false });
  return { exitCode, stdout, stderr: stderr.replaceAll(dir, 'DIR') };
}

const json = (value: unknown): Record<string, string> => ({ 'allowtrace.config.json': JSON.stringify(value) });

test('options come from the nearest file upwards; the command line wins', async t => {
  const files = json({ replay: { format: 'json', paths: 'tmpfs' } });
  const { stdout } = await run(t, files, 'replay', LOG);
  t.deepEqual(JSON.parse(stdout).target.paths, ['tmpfs']);
  const typed = await run(t, files, 'replay', '--format', 'dropin', LOG);
  t.regex(typed.stdout, /paths: tmpfs/);
});

test('the key allowtrace of package.json serves as well, and other package.json files are passed by', async t => {
  const files = { 'package.json': '{"name": "x", "allowtrace": {"replay": {"format": "json"}}}' };
  t.regex((await run(t, files, 'replay', LOG)).stdout, /^\{/);
  t.regex((await run(t, { 'package.json': 'broken' }, 'replay', LOG)).stdout, /^#/);
});

test('defaults hold for every command that has the option; a command overrides them', async t => {
  const files = json({ defaults: { raw: true, paths: 'tmpfs', format: 'json' }, replay: { format: 'dropin' } });
  t.regex((await run(t, files, 'replay', LOG)).stdout, /^# .*paths: tmpfs/);
});

test('a switch can be turned off again, and lists are replaced', async t => {
  const files = json({ events: { raw: true }, replay: { ignore: '/tmp/**', 'other-host': true } });
  t.regex((await run(t, files, 'events', LOG)).stdout, /"text":/);
  t.notRegex((await run(t, files, 'events', '--no-raw', LOG)).stdout, /"text":/);
});

test('names of files are meant as seen from the config file', async t => {
  const files = { ...json({ replay: { profile: 'learned.json' } }) };
  const { stdout } = await run(t, files, 'replay', '--format', 'json', LOG);
  t.truthy(JSON.parse(stdout));
  const missing = await run(t, json({ merge: { output: 'no/such/dir.json' } }), 'merge', LOG);
  t.is(missing.exitCode, 2);
});

test('--config names a file, --no-config does without', async t => {
  const files = { ...json({ replay: { format: 'json' } }), 'other.json': '{"replay": {"paths": "exec"}}' };
  t.regex((await run(t, files, 'replay', '--config', '../../other.json', LOG)).stdout, /^# .*paths: exec/);
  t.regex((await run(t, files, 'replay', '--no-config', LOG)).stdout, /^# .*paths: strict/);
  t.regex((await run(t, files, 'replay', '--config=none.json', LOG)).stderr, /^allowtrace: none\.json: no such file/);
});

for (const [what, text, message] of [
  ['an unknown option', '{"replay": {"formt": "json"}}', 'replay.formt: is no such option'],
  ['an unknown command', '{"repaly": {}}', 'repaly: is no command'],
  ['an option of no command', '{"defaults": {"formt": "json"}}', 'defaults.formt: is an option of no command'],
  ['a wrong choice', '{"replay": {"format": "xml"}}', 'replay.format: must be one of dropin, full, json'],
  ['a wrong type', '{"replay": {"other-host": "yes"}}', 'replay.other-host: must be a boolean, not "yes"'],
  ['a wrong list', '{"replay": {"fold": ["/x", 1]}}', 'replay.fold: must be a string, not 1'],
  ['no object', '[]', 'is not an object of settings'],
  ['a section that is none', '{"replay": 1}', 'replay: must be an object of options'],
] as const)
  test(`the file is refused with its name and key: ${what}`, async t => {
    const { exitCode, stdout, stderr } = await run(t, { 'allowtrace.config.json': text }, 'replay', LOG);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.true(stderr.startsWith(`allowtrace: DIR/allowtrace.config.json: ${message}`), stderr);
  });

test('broken JSON is reported with its line', async t => {
  const { stderr } = await run(t, { 'allowtrace.config.json': '{\n"replay": {\n}}}\n' }, 'replay', LOG);
  t.regex(stderr, /^allowtrace: DIR\/allowtrace\.config\.json:3: is not JSON: /);
});

test('a file that somebody else may have put there is not used unless it is named', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-config-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'allowtrace.config.json');
  writeFileSync(path, '{"replay": {"format": "json"}}');
  chmodSync(path, 0o666);
  const open = await execa(bin, ['replay', LOG], { cwd: dir, reject: false });
  t.is(open.exitCode, 2);
  t.regex(open.stderr, /can be written by everybody, so it is not used\n {2}--config .* uses it all the same/);
  t.regex((await execa(bin, ['replay', '--config', path, LOG], { cwd: dir })).stdout, /^\{/);
  if (process.getuid?.() !== 0) return;
  chmodSync(path, 0o644);
  chownSync(path, 65534, 65534);
  const foreign = await execa(bin, ['replay', LOG], { cwd: dir, reject: false });
  t.regex(foreign.stderr, /belongs to another user, so it is not used/);
});

test('the schema takes what the command takes', async t => {
  const text = (await generated()).get('docs/schemas/config.schema.json') ?? '';
  const validate = new Ajv2020({ strictTypes: false }).compile(JSON.parse(text));
  t.true(validate({ $schema: 'x', defaults: { systemd: '252' }, replay: { fold: '/x/*', format: 'json' } }));
  t.false(validate({ replay: { formt: 'json' } }));
  t.false(validate({ replay: { format: 'xml' } }));
  t.false(validate({ repaly: {} }));
});
