// Other versions of strace: what they write comes to the same profile, and learning works with them as they are. Their logs are recorded
// (fixtures/versions); newer ones than the system's are fetched from other suites of Debian, where those can be reached.

import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import { execa, execaSync } from 'execa';
import { statusOf } from '../../src/host/tracees.ts';
import { readProfile } from '../../src/profile/file.ts';
import { Observer } from '../../src/profile/observer.ts';
import { accessOf } from '../../src/profile/order.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { bin, fixtureText } from '../support/fixtures.ts';
import { otherStrace } from '../support/straces.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-versions-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const accesses = ({ facts }: Profile): string[] => facts.map(fact => JSON.stringify(accessOf(fact)));
const without = (left: string[], right: string[]): string[] => left.filter(access => !right.includes(access));

function recorded(name: string): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv/fixture' });
  observer.push(Buffer.from(fixtureText(`versions/${name}.strace`), 'latin1'));
  observer.end();
  return observer.snapshot();
}

/** What another strace cannot show that 6.1 shows, and what it shows beside that. */
const DIFFERENCES: Readonly<Record<string, { less: string[]; more: string[] }>> = {
  '5.10': {
    less: [
      '{"kind":"path","mode":"mount","path":"/nowhere","errno":"EINVAL"}',
      '{"kind":"syscall","name":"mount_setattr"}',
    ],
    more: [
      // Until 5.18 the mark of a deleted file cannot be told from a part of its name.
      '{"kind":"path","mode":"meta","path":"/srv/fixture/work/gone <1> (deleted)"}',
      '{"kind":"syscall","name":"syscall_0x1ba"}',
    ],
  },
  '6.1': { less: [], more: [] },
  '6.13': {
    less: [
      '{"kind":"blind","what":"syscall_0x1c4 is unknown: what it did to files is not in the log"}',
      '{"kind":"syscall","name":"syscall_0x1c4"}',
    ],
    more: [
      '{"kind":"path","mode":"meta","path":"/srv/fixture/work/daemon.pid"}',
      '{"kind":"syscall","name":"fchmodat2"}',
    ],
  },
};

test('one run, recorded by strace 5.10, 6.1, 6.13 and 7.2 with -y and with -yy, comes to one profile', t => {
  const known = accesses(recorded('y-6.1'));
  t.true(known.length > 120);
  for (const [version, like] of Object.entries({ '5.10': '5.10', '6.1': '6.1', '6.13': '6.13', '7.2': '6.13' }))
    for (const name of [`y-${version}`, `yy-${version}`]) {
      const profile = recorded(name);
      t.is(profile.unrecognised.count, 0, name);
      const seen = accesses(profile);
      t.deepEqual({ less: without(known, seen), more: without(seen, known) }, DIFFERENCES[like], name);
    }
});

const installed = !execaSync('strace', ['-V'], { reject: false }).failed;

/** What other suites have. One that has moved on is left out: whether it may differ is for a person to say, who then changes this. */
const SUITES = { trixie: '6.13', sid: '7.2' } as const;

/** A folder that holds the strace of another suite; or why there is none. */
function straceOf(suite: string, version: string): { suite: string; path: string; obstacle: string | null } {
  const path = join(folder, suite);
  const { version: found, obstacle } = otherStrace(suite, path);
  const isExpected = found.endsWith(` ${version}`);
  return { suite, path, obstacle: obstacle ?? (isExpected ? null : `it is ${found} by now`) };
}

const NEWER = installed ? Object.entries(SUITES).map(([suite, version]) => straceOf(suite, version)) : [];

/** A script with pipes, a daemon that forks twice, and a program that has threads. */
const WORK = `cat /etc/passwd | sort >sorted; (setsid sh -c 'sleep 0.1; mv sorted done' &); python3 -Sc '
import threading
t = [threading.Thread(target=lambda n=n: open(n).close()) for n in ("/etc/hostname", "/etc/shells")]
for each in t: each.start()
for each in t: each.join()'`;

/** What is learned of WORK. */
async function learned(name: string, mode: string, path: string): Promise<Profile> {
  const cwd = join(folder, 'work');
  await rm(cwd, { recursive: true, force: true });
  await mkdir(cwd);
  const profile = join(folder, `${name}-${mode}.json`);
  const words = ['learn', '--tracing', mode, '--no-verify', '--profile', profile, '-o', join(folder, 'proposal')];
  // The same environment for the command, whatever strace is used.
  const command = ['env', '-i', 'PATH=/usr/bin:/bin', 'sh', '-c', WORK];
  await execa(bin, [...words, '--', ...command], { cwd, env: { PATH: path }, stdin: 'ignore' });
  return readProfile(profile);
}

/** PATH with another strace in front. */
const pathWith = (strace: string): string => `${strace}:${process.env.PATH ?? ''}`;

for (const { suite, path, obstacle } of NEWER) {
  const newer = obstacle === null ? test.serial : test.serial.skip;
  const reason = obstacle === null ? '' : ` (skipped: ${obstacle})`;

  newer(`[debian] the strace of ${suite} and the system's learn the same${reason}`, async t => {
    for (const mode of ['seccomp', 'complete']) {
      const known = await learned('system', mode, process.env.PATH ?? '');
      const seen = await learned(suite, mode, pathWith(path));
      t.is(seen.unrecognised.count, 0);
      t.not(seen.runs[0]?.strace, known.runs[0]?.strace);
      const [before, now] = [accesses(known), accesses(seen)];
      t.deepEqual({ less: without(before, now), more: without(now, before) }, { less: [], more: [] }, mode);
    }
  });

  newer(
    `[debian] kill -9 of the strace of ${suite}, which filters: the kernel leaves nothing behind${reason}`,
    async t => {
      const cwd = join(folder, `${suite}-killed`);
      await mkdir(cwd);
      const pidIn = async (name: string): Promise<number> =>
        Number(await until(async () => (await readFile(join(cwd, name), 'utf8')).trim() || null));
      const script = "mkfifo fifo; setsid sh -c 'echo $$ >other; read x <fifo' & echo $$ >pid; read x <fifo";
      const words = ['learn', '--tracing', 'seccomp', '--no-verify', '-o', '/dev/null', '--', 'sh', '-c', script];
      const run = execa(bin, words, { cwd, env: { PATH: pathWith(path) }, reject: false, stdin: 'ignore' });
      const left = [await pidIn('pid'), await pidIn('other')];
      process.kill(statusOf(left[0] ?? 0)?.tracer ?? 0, 'SIGKILL');
      const { signal, stderr } = await run;
      t.is(signal, 'SIGKILL');
      t.regex(stderr, /strace was killed: the command cannot go on/);
      for (const pid of left) t.is(statusOf(pid), null);
    },
  );
}
