// Choosing how to trace: no filter where it would break set-id programs or hide what the command's own filter refuses.

import { mkdtempSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import { findProgram } from '../../src/host/named-programs.ts';
import { chooseTracing } from '../../src/host/tracing-mode.ts';
import { emptyProfile } from '../../src/profile/merge.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { LIVE_LAYOUT } from '../../src/strace/launch.ts';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-'));
test.after.always(() => rm(folder, { recursive: true }));

async function program(name: string, content: string, mode = 0o755): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

const choose = (command: string[], profile: Profile | null = null) => chooseTracing(command, folder, null, profile);
const asRoot = process.geteuid?.() === 0 ? test : test.skip;

test('an ordinary program is traced with a filter', async t => {
  t.is(choose([await program('plain', '\x7fELF nothing')]).mode, 'seccomp');
  t.is(choose(['not-there']).mode, 'seccomp');
});

test('a program that can filter its own calls is traced completely, also behind a script', async t => {
  const path = await program('filtering', '\x7fELF\0libseccomp.so.2\0');
  const script = await program('wrapper', `#!/bin/sh\nexec ${path} --quiet\n`);
  for (const command of [[path], ['filtering'], [script], ['sh', '-c', 'cd /; exec filtering'], ['nice', path]]) {
    const { mode, why } = choose(command);
    t.is(mode, 'complete', command.join(' '));
    t.true(why.includes(path), why);
  }
});

test('in code whose programs are named in strings, a variable is no program', async t => {
  await program('file', '\x7fELF\0libseccomp.so.2\0');
  await program('python3', '\x7fELF');
  const mode = (code: string): string => choose(['python3', '-c', code]).mode;
  t.is(mode('file = open("x"); print(file)'), 'seccomp');
  t.is(mode('open("/etc/file")'), 'seccomp', 'nor is the end of a path');
  for (const code of [
    'import os; os.system("cd /; file x")',
    "# don't\nrun(['file'])",
    'system("""\n  file x\n""")',
    "run([\n'a', 'file'])",
  ])
    t.is(mode(code), 'complete', code);
  const script = await program('script', '#!/usr/bin/env python3\nfile = 1\n');
  t.is(choose([script]).mode, 'seccomp');
  t.is(choose(['python3', 'file']).mode, 'complete', 'a word that is no code');
});

test('in scripts, comments and names of variables are no programs; what they substitute is', async t => {
  await program('file', '\x7fELF\0libseccomp.so.2\0');
  const mode = async (text: string): Promise<string> => choose([await program('script', `#!/bin/sh\n${text}\n`)]).mode;
  for (const text of ['# a config file', '  # /srv/file', `file=1; echo "$file \${file} \${file:-x}"`, 'x=$file'])
    t.is(await mode(text), 'seccomp', text);
  for (const text of ['x=1 file', 'x=file; $x', `\${x:-file} y`, '# $(file x)', '# `file x`', 'true # and\nfile x'])
    t.is(await mode(text), 'complete', text);
});

test('the value of a long option is a program to those that look into PATH only', async t => {
  await program('filtering', '\x7fELF\0libseccomp.so.2\0');
  await program('server', '\x7fELF\0libc.so.6\0execve\0filesystem\0');
  await program('launcher', '\x7fELF\0libc.so.6\0execvp\0');
  await program('dash', '\x7fELF\0libc.so.6\0execve\0');
  await program('static', '\x7fELF\0execve\0');
  t.is(choose(['server', '--supervised', 'filtering', '--address=filtering:']).mode, 'seccomp');
  for (const command of [
    ['server', 'filtering'],
    ['server', '-x', 'filtering'],
    ['server', '--supervised', join(folder, 'filtering')],
    ['server', `--with=${join(folder, 'filtering')}`],
    ['launcher', '--scope', 'filtering'],
    ['dash', '--login', 'filtering'],
    ['static', '--supervised', 'filtering'],
  ])
    t.is(choose(command).mode, 'complete', command.join(' '));
});

test('a complete run of the same command says more than what is in sight', async t => {
  const path = await program('filtering', '\x7fELF\0libseccomp.so.2\0');
  const observer = (mode: 'complete' | 'seccomp', command: string[], end: string): Profile => {
    const run = new Observer({ id: 'r', trace: 't', mode, command, layout: LIVE_LAYOUT });
    run.push(Buffer.from(`7 1795520395.250000 getpid() = 7\n${end}`));
    run.end();
    return run.snapshot();
  };
  const ended = '7 1795520396.250000 +++ exited with 0 +++\n';
  t.is(choose([path, 'x'], observer('complete', [path, 'x'], ended)).mode, 'seccomp');
  t.is(choose([path, 'x'], observer('complete', [path], ended)).mode, 'complete', 'another command');
  const cut = '7 1795520396.250000 read(3,  <unfinished ...>\n';
  t.is(choose([path, 'x'], observer('complete', [path, 'x'], cut)).mode, 'complete', 'its log is cut');
  const installs = `7 1795520395.300000 seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=3, filter=0x1}) = 0\n${ended}`;
  t.is(choose([path, 'x'], observer('complete', [path, 'x'], installs)).mode, 'complete');
});

asRoot('a set-id program in sight is told by name: run, wrapped, or named by the program', async t => {
  const setId = await program('becomes', '\x7fELF', 0o4755);
  const setGid = await program('group', '\x7fELF', 0o2755);
  const daemon = await program('daemon', `\x7fELF\0exec ${setId}\0`);
  for (const [command, named] of [
    [[setId], setId],
    [['group', '-v'], setGid],
    [['sh', '-c', `exec ${setGid}`], setGid],
    [[daemon], setId],
  ] as const) {
    const { mode, why } = choose([...command]);
    t.is(mode, 'complete', command.join(' '));
    t.true(why.includes(named), why);
  }
});

test('what an earlier run met counts', t => {
  const evidence = { count: 1, runs: ['r'], origin: { trace: 't', line: 1, pid: 1, syscall: 'seccomp' }, by: [] };
  const profile: Profile = { ...emptyProfile(), facts: [{ kind: 'feature', name: 'own-seccomp', evidence }] };
  t.is(choose(['not-there'], profile).mode, 'complete');
});

test('an obstacle to filtering decides first', t => {
  t.deepEqual(chooseTracing(['x'], folder, 'not built in', null), {
    mode: 'complete',
    why: 'strace cannot filter here: not built in',
  });
});

test('programs are found as execvp(3) finds them', async t => {
  const path = await program('findme', '#!/bin/sh\n');
  await program('notme', 'text', 0o644);
  t.is(findProgram('findme', `/nonexistent:${folder}`), path);
  t.is(findProgram('notme', folder), null);
  t.is(findProgram('./findme', '', folder), path);
  t.is(findProgram(path, ''), path);
});
