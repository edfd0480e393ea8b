// The file system of this machine, as the policy asks for it. Answers are remembered for the run of one command.

import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import type { FileType, HostView } from '../policy/host-view.ts';

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isSocket()) return 'socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'device' : 'other';
}

function remember<T>(ask: (path: string) => T): (path: string) => T | null {
  const answers = new Map<string, T | null>();
  return path => {
    const known = answers.get(path);
    if (known !== undefined) return known;
    let answer: T | null;
    try {
      answer = ask(path);
    } catch {
      answer = null;
    }
    answers.set(path, answer);
    return answer;
  };
}

/** This machine. */
export function thisHost(): HostView {
  return {
    realpath: remember(path => realpathSync(path)),
    type: remember(path => typeOf(lstatSync(path))),
    entries: remember(path => readdirSync(path).sort()),
    owner: remember(path => {
      const { uid, gid, mode } = statSync(path);
      return { uid, gid, mode };
    }),
    known: true,
  };
}
