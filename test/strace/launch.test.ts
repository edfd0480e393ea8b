// Calling strace: which one is there, and what it is asked for. With the real strace where it is installed.

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa, execaSync } from 'execa';
import { UsageError } from '../../src/errors.ts';
import { ROWS, SYSCALLS } from '../../src/process/syscalls.ts';
import { BLIND_SENDS, HOT_CALLS } from '../../src/strace/hot-calls.ts';
import { findStrace, isOlder, parseVersion, probeTracing, straceArguments } from '../../src/strace/launch.ts';

async function impostor(t: { teardown: (act: () => Promise<void>) => void }, script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'strace');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test('the version is read as every strace prints it', t => {
  t.deepEqual(parseVersion('strace -- version 6.1\nCopyright'), [6, 1]);
  t.deepEqual(parseVersion('strace -- version 5.19.0.7.ab12-dirty\n'), [5, 19]);
  t.is(parseVersion('busybox strace'), null);
});

test('a missing, foreign or old strace is told with the command that installs it', async t => {
  for (const [path, code] of [
    ['/nonexistent/strace', 'no-strace'],
    [await impostor(t, 'echo hello'), 'no-strace'],
    [await impostor(t, 'echo "strace -- version 5.14"'), 'old-strace'],
    [await impostor(t, 'echo "strace -- version 4.26"'), 'old-strace'],
  ] as const) {
    const error = await t.throwsAsync(findStrace(path), { instanceOf: UsageError });
    t.is(error?.code, code);
    t.regex(error?.hint ?? '', /apt-get install strace/);
  }
});

test('from 6.6 on the kernel ends what a dying strace leaves behind', async t => {
  t.false((await findStrace(await impostor(t, 'echo "strace -- version 6.5"'))).killsOnExit);
  t.true((await findStrace(await impostor(t, 'echo "strace -- version 6.6"'))).killsOnExit);
  t.true((await findStrace(await impostor(t, 'echo "strace -- version 7.2"'))).killsOnExit);
});

test('a kernel that is newer than strace has calls that its filter does not stop at', t => {
  const strace = (version: string) => ({ path: 'strace', version, killsOnExit: false });
  t.true(isOlder(strace('6.1'), '6.18.44-amd64'));
  t.true(isOlder(strace('5.19'), '6.1.0-9-amd64'));
  t.false(isOlder(strace('6.1'), '6.1.0-9-amd64'));
  t.false(isOlder(strace('7.2'), '6.18-rc1'));
});

test('a strace that may not trace says why; one that may not filter falls back', async t => {
  const path = await impostor(t, 'echo "$0: ptrace(PTRACE_TRACEME, ...): Operation not permitted" >&2; exit 1');
  const strace = { path, version: '6.1', killsOnExit: false };
  const error = await t.throwsAsync(probeTracing(strace, 'complete'), { instanceOf: UsageError });
  t.regex(error?.message ?? '', /PTRACE_TRACEME.*not permitted/);
  const unfiltered = await impostor(t, 'echo "strace: seccomp filter is requested but unavailable" >&2');
  t.is(await probeTracing({ ...strace, path: unfiltered }, 'seccomp'), 'seccomp filter is requested but unavailable');
});

test('a hot call tells nothing but its name, and what announces it is traced', t => {
  /** Their descriptors are told by -y; the rest of what they tell is blind and said so. */
  const descriptors = ['close', 'fcntl', 'fcntl64', 'recvmsg', 'recvmmsg', ...BLIND_SENDS];
  for (const [name, { after = [] }] of Object.entries(HOT_CALLS)) {
    t.true(ROWS.has(name), name);
    t.is(name in SYSCALLS, descriptors.includes(name), name);
    for (const call of after) t.true(ROWS.has(call) && !(call in HOT_CALLS), `${name} after ${call}`);
  }
});

const installed = !execaSync('strace', ['-V'], { reject: false }).failed;
const withStrace = installed ? test : test.skip;

withStrace('strace takes every argument: the hot calls are missing from its log, all others are there', async t => {
  const strace = await findStrace();
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const names = async (mode: 'seccomp' | 'complete'): Promise<Set<string>> => {
    t.is(await probeTracing(strace, mode), null);
    const log = join(folder, mode);
    const { exitCode, stdout } = await execa(strace.path, [...straceArguments(mode, log), 'cat', '/etc/hostname']);
    t.is(exitCode, 0);
    t.not(stdout, '');
    const { stdout: text } = await execa('cat', [log]);
    return new Set(text.split('\n').flatMap(line => /^\d+ +\d+\.\d{6} (\w+)\(/.exec(line)?.[1] ?? []));
  };
  const [complete, filtered] = [await names('complete'), await names('seccomp')];
  t.true(complete.has('read') && complete.has('close'));
  t.deepEqual(filtered, new Set([...complete].filter(name => !(name in HOT_CALLS))));
});
