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

/** Errors are answers here; what is missing should be told without one, since most of the time goes into making it. */
function remember<T>(ask: (path: string) => T | null): (path: string) => T | null {
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

const MAY_BE_MISSING = { throwIfNoEntry: false } as const;

/** This machine. */
export function thisHost(): HostView {
  const type = remember(path => {
    const stats = lstatSync(path, MAY_BE_MISSING);
    return stats === undefined ? null : typeOf(stats);
  });
  return {
    realpath: remember(path => (type(path) === null ? null : realpathSync.native(path))),
    type,
    entries: remember(path => readdirSync(path).sort()),
    owner: remember(path => {
      const stats = statSync(path, MAY_BE_MISSING);
      return stats === undefined ? null : { uid: stats.uid, gid: stats.gid, mode: stats.mode };
    }),
    known: true,
  };
}
