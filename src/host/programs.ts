// Whether a process belongs to a unit, by what the kernel recorded of it: its executable, which nobody can choose, and the name that it gave
// itself, which tells scripts of one interpreter apart. Sources: systemd's core/exec-invoke.c (rename_process_from_path), execve(2).

import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { candidates } from '../policy/exec-search.ts';
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

/** For the programs that a unit starts. */
export function programsOf(words: readonly string[]): Programs {
  const programs = words.flatMap(candidates);
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
