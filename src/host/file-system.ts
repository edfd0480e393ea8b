// The file system of this machine, as the policy asks for it. Answers are remembered for the run of one command.

import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, normalize } from 'node:path/posix';
import type { FileType, HostView } from '../policy/host-view.ts';
import { accountNamed, groupNamed, groupsOf } from './machine.ts';
import { madeByTmpfiles } from './tmpfiles.ts';

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'fifo';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'device' : 'other';
}

/** Errors are answers here; what is missing should be told without one, since most of the time goes into making it. */
export function remember<T>(ask: (path: string) => T | null): (path: string) => T | null {
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

interface Look {
  type: FileType;
  owner: ReturnType<HostView['owner']>;
}

const ownerOf = ({ uid, gid, mode }: Stats): Look['owner'] => ({ uid, gid, mode });

/** This machine. Of most paths several things are asked: only symlinks are looked at more than once. */
export function thisHost(): HostView {
  const look = remember((path): Look | null => {
    const stats = lstatSync(path, MAY_BE_MISSING);
    return stats === undefined ? null : { type: typeOf(stats), owner: ownerOf(stats) };
  });
  const behind = remember(path => {
    const stats = statSync(path, MAY_BE_MISSING);
    return stats === undefined ? null : ownerOf(stats);
  });
  const realpath = remember((path): string | null => {
    const found = look(path);
    if (found === null) return null;
    // It lies where its directory lies, under its own name.
    if (found.type === 'symlink' || path === '/' || normalize(path) !== path) return realpathSync.native(path);
    const directory = realpath(dirname(path));
    return directory === null ? null : `${directory === '/' ? '' : directory}/${basename(path)}`;
  });
  let tmpfiles: ReadonlySet<string> | undefined;
  return {
    realpath,
    type: path => look(path)?.type ?? null,
    link: remember(path => (look(path)?.type === 'symlink' ? readlinkSync(path) : null)),
    entries: remember(path => readdirSync(path).sort()),
    owner: path => {
      const found = look(path);
      return found?.type === 'symlink' ? behind(path) : (found?.owner ?? null);
    },
    user: remember(name => {
      const account = accountNamed(name);
      return account === null ? null : { ...account, groups: groupsOf(account.name) };
    }),
    group: remember(groupNamed),
    isAbsent: path => look(path) === null,
    isMadeAtBoot: path => {
      tmpfiles ??= madeByTmpfiles();
      return tmpfiles.has(path);
    },
    known: true,
  };
}
