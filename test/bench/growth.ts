// Inputs that grow in one respect only, to show that time and memory grow no faster.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatProfile } from '../../src/profile/file.ts';
import { Observer } from '../../src/profile/observer.ts';
import { allowtrace, type Command, shell } from './measure.ts';

/** What grows, to what size, and the command that meets it. */
export interface Growth {
  what: string;
  unit: string;
  largest: number;
  /** Writes the input of a size; resolves to the command. */
  make(folder: string, size: number): Promise<Command>;
}

async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const out = createWriteStream(path, 'latin1');
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < 1 << 20) continue;
    if (!out.write(piece)) await once(out, 'drain');
    piece = '';
  }
  out.end(piece);
  await once(out, 'finish');
}

function* paths(count: number): Generator<string> {
  yield '1 execve("/usr/bin/find", ["find"], 0x7ffd00000000 /* 3 vars */) = 0';
  for (let i = 0; i < count; i++)
    yield `1 openat(AT_FDCWD, "/srv/${i % 100}/${i % 10_000}/file${i}", O_RDONLY|O_CLOEXEC) = 3`;
}

function* processes(count: number): Generator<string> {
  yield '1 execve("/bin/sh", ["sh"], 0x7ffd00000000 /* 3 vars */) = 0';
  for (let i = 2; i < count + 2; i++) {
    yield `1 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f0000000000) = ${i}`;
    yield `${i} openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3`;
    if (i % 2 === 0) yield `${i} +++ exited with 0 +++`;
    else yield `${i} read(3,  <unfinished ...>`;
  }
}

function profileOf(run: number): string {
  const observer = new Observer({ id: `run${run}`, trace: `host${run}.strace`, mode: 'replay' });
  observer.line('1 execve("/usr/sbin/daemon", ["daemon"], 0x7ffd00000000 /* 3 vars */) = 0');
  for (let i = 0; i < 200; i++) observer.line(`1 openat(AT_FDCWD, "/usr/lib/part${i}.so", O_RDONLY) = 3`);
  observer.line(`1 openat(AT_FDCWD, "/var/lib/daemon/${run % 50}", O_RDWR) = 3`);
  observer.end();
  return formatProfile(observer.snapshot()).replace(/\n/g, '');
}

function* profiles(count: number): Generator<string> {
  for (let run = 0; run < count; run++) yield profileOf(run);
}

export const GROWTHS: readonly Growth[] = [
  {
    what: 'distinct paths',
    unit: 'paths',
    largest: 1_000_000,
    async make(folder, size) {
      const path = join(folder, `paths-${size}.strace`);
      await writeLines(path, paths(size));
      return allowtrace('replay', '--other-host', '--allow-incomplete', path);
    },
  },
  {
    what: 'processes, half never ending',
    unit: 'processes',
    largest: 100_000,
    async make(folder, size) {
      const path = join(folder, `processes-${size}.strace`);
      await writeLines(path, processes(size));
      return allowtrace('replay', '--other-host', '--allow-incomplete', path);
    },
  },
  {
    what: 'profiles merged',
    unit: 'profiles',
    largest: 10_000,
    async make(folder, size) {
      const path = join(folder, `profiles-${size}.jsonl`);
      await writeLines(path, profiles(size));
      const { file, args } = allowtrace('merge', '-', '-o', join(folder, 'merged.json'));
      return shell('log=$1; shift; exec "$@" <"$log"', path, file, ...args);
    },
  },
  {
    what: 'length of one line',
    unit: 'MB',
    largest: 100,
    async make(folder, size) {
      const path = join(folder, `line-${size}.strace`);
      const calls = '1 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3\n'.repeat(100);
      await mkdir(folder, { recursive: true });
      await writeFile(path, `${calls}1 write(1, "${'x'.repeat(size * 1e6)}", 1) = 1\n${calls}`);
      return allowtrace('replay', '--other-host', '--allow-incomplete', path);
    },
  },
];
