// Completions in the shells themselves: each is started on a terminal, completes words and shows the line it made of them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { execa, execaSync } from 'execa';
import { allowtrace, bin } from '../support/fixtures.ts';

const FAKE = `allowtrace() { printf '<%s>' "$@"; echo; }`;
/** How each shell is told to insert all completions at once. */
const SHELLS = {
  bash: { start: 'bash --norc --noprofile -i', all: '\x1b*', setup: `source ./completions; ${FAKE}` },
  zsh: {
    start: 'zsh -f -i',
    all: '\x18a',
    setup: [
      'autoload -Uz compinit; compinit -D -u',
      "zle -C all-matches complete-word _generic; bindkey '^Xa' all-matches",
      "zstyle ':completion:all-matches:*' insert yes",
      "zstyle ':completion:all-matches::::' completer _all_matches _complete",
      `source ./completions; ${FAKE}`,
    ].join('; '),
  },
} as const;

/** A test that is skipped where the shell is missing. */
const withShell = (shell: string): typeof test.skip =>
  execaSync(shell, ['-c', 'exit'], { reject: false }).failed ? test.skip : test;

/** A directory with the completion script and two files in it. */
async function place(t: ExecutionContext, shell: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-completion-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'completions'), (await allowtrace(['completion', shell])).stdout);
  writeFileSync(join(dir, 'mon day.strace'), '');
  writeFileSync(join(dir, 'mon.json'), '');
  return dir;
}

for (const [shell, { start, all, setup }] of Object.entries(SHELLS))
  withShell(shell)(`${shell} completes commands, options, choices and files`, async t => {
    const cwd = await place(t, shell);
    const complete = ['rep', 'replay --pat', 'replay --format ', 'replay --paths ', 'replay mon', 'completion '];
    const input = [setup, ...complete.map(words => `allowtrace ${words}${all}`), 'exit', ''].join('\n');
    const { stdout } = await execa('script', ['-qec', start, '/dev/null'], { cwd, input });
    const lines = [...stdout.matchAll(/^<.*>/gm)].map(([line]) => line);
    t.regex(lines[0] ?? '', /^<replay>/);
    t.is(lines[1], '<replay><--paths>');
    for (const value of ['dropin', 'full', 'json']) t.true(lines[2]?.includes(`<${value}>`), lines[2]);
    for (const value of ['strict', 'tmpfs,exec']) t.true(lines[3]?.includes(`<${value}>`), lines[3]);
    t.is(lines[4], '<replay><mon day.strace><mon.json>');
    t.is([...(lines[5] ?? '').matchAll(/<(?:bash|fish|zsh)>/g)].length, 3, lines[5]);
  });

withShell('fish')('fish completes commands, options, choices and files', async t => {
  const cwd = await place(t, 'fish');
  const complete = async (words: string): Promise<string[]> => {
    const { stdout } = await execa(
      'fish',
      ['--no-config', '-c', `source completions; complete -C 'allowtrace ${words}'`],
      {
        cwd,
      },
    );
    return stdout.split('\n').map(line => line.replace(/\t.*/, ''));
  };
  t.true((await complete('rep')).includes('replay'));
  t.deepEqual(await complete('replay --pat'), ['--paths']);
  const formats = await complete('replay --format ');
  for (const value of ['dropin', 'full', 'json']) t.true(formats.includes(value));
  t.true((await complete('replay --paths ')).includes('tmpfs,exec'));
  t.deepEqual(await complete('replay mon'), ['mon day.strace', 'mon.json']);
  t.deepEqual((await complete('completion ')).sort(), ['bash', 'fish', 'zsh']);
});

test('another shell is refused with the choice', async t => {
  const { exitCode, stdout, stderr } = await allowtrace(['completion', 'csh']);
  t.is(exitCode, 2);
  t.is(stdout, '');
  t.is(stderr, "allowtrace: there is no completion for 'csh'\n  choose from bash, zsh, fish");
  t.is((await execa(bin, ['completion'], { reject: false })).exitCode, 2);
});
