// The few words in which every directive is described, and the one interpreter that says whether an effect denies an access.
// Effects are data: the table of directives holds them, `derive` asks which it may impose, `check` asks which were imposed.
// What paths look like inside the sandbox (mounts) is in mounts.ts. Sources: systemd.exec(5) and src/shared/seccomp-util.c of systemd.

import type { Access } from '../process/access.ts';
import { isBelow } from '../process/resolve.ts';

/** What an effect does to whoever runs into it. */
export type Outcome =
  | 'EPERM'
  | 'EACCES'
  | 'ENOENT'
  | 'EROFS'
  | 'EXDEV'
  | 'EAFNOSUPPORT'
  | 'SIGSYS'
  | '226/NAMESPACE'
  | string;

export type Effect =
  /** These system calls (names or @sets) are refused. */
  | { deny: 'syscalls'; names: readonly string[]; outcome?: Outcome }
  /** All system calls but these are refused. */
  | { deny: 'syscalls-except'; names: readonly string[]; outcome: Outcome; errnos?: Readonly<Record<string, Outcome>> }
  /** Calls of other architectures than the native one. */
  | { deny: 'foreign-abi' }
  /** The capability is missing: calls that certainly need it fail. */
  | { deny: 'capability'; names: readonly string[] }
  | { deny: 'capabilities-except'; names: readonly string[] }
  /** Below these paths (but not below `except`) these uses are refused: anything, writing, or executing. */
  | {
      deny: 'paths';
      under: readonly string[];
      except?: readonly string[];
      uses: 'all' | 'write' | 'exec';
      outcome: Outcome;
    }
  /** Only these entries of a directory are there. */
  | { deny: 'other-paths'; under: string; only: readonly string[]; outcome: Outcome }
  | { deny: 'families'; names: readonly string[] }
  | { deny: 'families-except'; names: readonly string[] }
  | { deny: 'namespaces'; names: readonly string[] }
  | { deny: 'memory' }
  /** Features by name, or only with one of these values. */
  | { deny: 'feature'; name: string; values?: readonly string[] }
  /** Addresses outside the loopback of a network of its own; sockets of the named families are useless there. */
  | { deny: 'network' };

const WRITES: ReadonlySet<string> = new Set(['write', 'create', 'delete', 'meta', 'bind']);
const EXECS: ReadonlySet<string> = new Set(['exec', 'map']);

/** Members of a set of system calls, sets inside resolved; a plain name stands for itself. */
export type SyscallSets = (name: string) => ReadonlySet<string>;

/** Does this use of a path count as `uses`? */
const isUse = (mode: string, uses: 'all' | 'write' | 'exec'): boolean =>
  uses === 'all' || (uses === 'write' ? WRITES.has(mode) : EXECS.has(mode));

const covers = (names: readonly string[], syscall: string, sets: SyscallSets): boolean =>
  names.some(name => (name.startsWith('@') ? sets(name).has(syscall) : name === syscall));

/** Local sockets and the kernel's own: they mean something in a network namespace of one's own. */
const LOCAL_FAMILIES: ReadonlySet<string> = new Set(['AF_UNIX', 'AF_LOCAL', 'AF_ALG', 'AF_NETLINK']);

/** The outcome that `effect` has for `access`, or null when it lets it pass. Accesses that failed when seen are the caller's business. */
export function denies(effect: Effect, access: Access, sets: SyscallSets): Outcome | null {
  switch (effect.deny) {
    case 'syscalls':
      return access.kind === 'syscall' && covers(effect.names, access.name, sets) ? (effect.outcome ?? 'EPERM') : null;
    case 'syscalls-except':
      if (access.kind !== 'syscall' || access.abi !== undefined || covers(effect.names, access.name, sets)) return null;
      return effect.errnos?.[access.name] ?? effect.outcome;
    case 'foreign-abi':
      return access.kind === 'syscall' && access.abi !== undefined ? 'SIGSYS' : null;
    case 'capability':
      return access.kind === 'capability' && access.certain && effect.names.includes(access.name)
        ? capabilityErrno(access.syscall)
        : null;
    case 'capabilities-except':
      return access.kind === 'capability' && access.certain && !effect.names.includes(access.name)
        ? capabilityErrno(access.syscall)
        : null;
    case 'paths':
      return deniesPath(effect, access);
    case 'other-paths': {
      if (access.kind !== 'path' || access.path === effect.under || !isBelow(access.path, effect.under)) return null;
      return effect.only.some(only => isBelow(access.path, only) || isBelow(only, access.path)) ? null : effect.outcome;
    }
    case 'families':
      return access.kind === 'socket' && effect.names.includes(access.family) ? 'EAFNOSUPPORT' : null;
    case 'families-except':
      return access.kind === 'socket' && !effect.names.includes(access.family) ? 'EAFNOSUPPORT' : null;
    case 'namespaces':
      return access.kind === 'namespace' && (access.type === 'any' || effect.names.includes(access.type))
        ? 'EPERM'
        : null;
    case 'memory':
      return access.kind === 'memory' ? 'EPERM' : null;
    case 'feature':
      if (access.kind !== 'feature' || access.name !== effect.name) return null;
      return effect.values === undefined || effect.values.includes(access.value ?? '') ? 'EPERM' : null;
    case 'network':
      if (access.kind === 'socket') return LOCAL_FAMILIES.has(access.family) ? null : 'ENETUNREACH';
      return access.kind === 'address' ? 'ENETUNREACH' : null;
  }
}

function deniesPath(effect: Effect & { deny: 'paths' }, access: Access): Outcome | null {
  if (access.kind !== 'path' || !isUse(access.mode, effect.uses)) return null;
  // Creating and deleting change the directory above.
  const below = (top: string): boolean => isBelow(access.path, top);
  return effect.under.some(below) && !(effect.except ?? []).some(below) ? effect.outcome : null;
}

/** A missing capability shows as EACCES where file permissions and privileged ports are checked, else as EPERM: capabilities(7), bind(2). */
const capabilityErrno = (syscall: string): Outcome =>
  syscall === 'bind' || syscall.startsWith('open') ? 'EACCES' : 'EPERM';
