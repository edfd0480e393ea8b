// Whether a process belongs to a unit, by what the kernel recorded of it: its executable, which nobody can choose, and the name that it gave
// itself, which tells scripts of one interpreter apart. Sources: systemd's core/exec-invoke.c (rename_process_from_path), execve(2).

import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { inspectProgram } from './interpreters.ts';

/** TASK_COMM_LEN less its NUL. */
const COMM_LENGTH = 15;
/** A child of systemd's that is not yet the service. */
const MANAGER = /\/systemd(?:-executor)?$/;

export interface Programs {
  runs(process: { exe: string | null; comm: string }): boolean;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Where systemd looks for a command without a path (systemd.service(5), «Command lines»). */
const SEARCHED = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** For the programs that a unit starts. */
export function programsOf(words: readonly string[]): Programs {
  const programs = words.flatMap(word => (word.includes('/') ? [word] : SEARCHED.map(path => `${path}/${word}`)));
  const binaries = new Set(programs.flatMap(path => [path, real(path)]));
  const scripts = programs.flatMap(path => {
    const [first] = inspectProgram(path)?.needs ?? [];
    return first?.why.startsWith('#!') === true
      ? [{ exe: real(first.path), comm: basename(path).slice(0, COMM_LENGTH) }]
      : [];
  });
  const isPending = (comm: string): boolean => {
    const name = /^\((.+)\)$/.exec(comm)?.[1];
    return (
      name !== undefined && programs.some(path => basename(path).endsWith(name) || basename(path).startsWith(name))
    );
  };
  return {
    runs: ({ exe, comm }) =>
      exe !== null &&
      (binaries.has(exe) ||
        scripts.some(script => script.exe === exe && script.comm === comm) ||
        (MANAGER.test(exe) && isPending(comm))),
  };
}
