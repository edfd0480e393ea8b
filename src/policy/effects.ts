// The few words in which every directive is described, and the one interpreter that says whether an effect denies an access.
// Effects are data: the table of directives holds them, `derive` asks which it may impose, `check` asks which were imposed.
// What paths look like inside the sandbox (mounts) is in mounts.ts. Sources: systemd.exec(5) and src/shared/seccomp-util.c of systemd.

import type { Access, PathAccess } from '../process/access.ts';
import { isBelow } from '../process/resolve.ts';
import { rowOf } from '../row.ts';
import { kernelName } from './kernel-names.ts';

/**
 * What an effect does to whoever runs into it: an errno, a signal, `apart`: the call works, but others do not see what it did, or it
 * not them, or `empty`: what is read or listed is not refused, but there is nothing in it.
 */
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
  /** `calls`: these need it in the service's own user namespace, where it has all of them. */
  | { deny: 'capabilities-except'; names: readonly string[]; calls?: readonly string[] }
  /** Below these paths (but not below `except`) these uses are refused. */
  | { deny: 'paths'; under: readonly string[]; except?: readonly string[]; uses: Uses; outcome: Outcome }
  /** Only these entries of a directory are there, by whatever name they are reached. */
  | { deny: 'other-paths'; under: string; only: readonly string[]; uses: 'all'; outcome: Outcome }
  /** No device can be opened but these, of which some only for reading: a control group's say, whatever is there. */
  | { deny: 'devices'; except: readonly string[]; readOnly?: readonly string[] }
  | { deny: 'families'; names: readonly string[] }
  | { deny: 'families-except'; names: readonly string[] }
  | { deny: 'namespaces'; names: readonly string[] }
  | { deny: 'memory'; outcome?: Outcome }
  /** Features by name, whatever their value is or for all but these values. */
  | { deny: 'feature'; name: string; except?: readonly string[]; outcome?: Outcome }
  /** The host's network and its abstract sockets: only a loopback of its own is left. */
  | { deny: 'network' };

/** The kinds of accesses that an effect can deny: it need not be asked about others. */
// biome-ignore format: one effect a line
export const CONCERNS: Readonly<Record<Effect['deny'], readonly Access['kind'][]>> = {
  'syscalls':            ['syscall'],
  'syscalls-except':     ['syscall'],
  'foreign-abi':         ['syscall'],
  'capability':          ['capability'],
  'capabilities-except': ['capability'],
  'paths':               ['path'],
  'other-paths':         ['path'],
  'devices':             ['path'],
  'families':            ['socket'],
  'families-except':     ['socket'],
  'namespaces':          ['namespace'],
  'memory':              ['memory'],
  'feature':             ['feature'],
  'network':             ['socket', 'address'],
};

/**
 * `write`: any change · `inodes`: names appear or disappear, owners and modes change · `content`: what is in it is read, listed or written
 * · `open`: it is opened · `exec`: run, or mapped executable.
 */
export type Uses = 'all' | 'write' | 'inodes' | 'content' | 'open' | 'exec';

const USES: Readonly<Record<Exclude<Uses, 'all'>, ReadonlySet<string>>> = {
  write: new Set(['write', 'create', 'delete', 'meta', 'bind']),
  inodes: new Set(['create', 'delete', 'bind', 'meta']),
  content: new Set(['read', 'list', 'write', 'watch']),
  open: new Set(['read', 'write']),
  exec: new Set(['exec', 'map']),
};

/** Devices that every /dev has, the private one too. */
export const NODES: readonly string[] = [
  '/dev/null',
  '/dev/zero',
  '/dev/full',
  '/dev/random',
  '/dev/urandom',
  '/dev/tty',
];

/** Shells redirect with O_CREAT: a device that is there is opened and not made, so that it matters nothing who may make files beside it. */
export const asOpened = (access: PathAccess): PathAccess =>
  access.mode === 'create' && NODES.includes(access.path) ? { ...access, mode: 'write' } : access;

/** Members of a set of system calls, sets inside resolved; a plain name stands for itself. */
export type SyscallSets = (name: string) => ReadonlySet<string>;

/** Does this use of a path count as `uses`? */
const isUse = (mode: string, uses: Uses): boolean => uses === 'all' || USES[uses].has(mode);

/** Does it lie below `under`, and neither at, below nor above any of `only`? */
const isOther = (name: string, under: string, only: readonly string[]): boolean =>
  name !== under && isBelow(name, under) && !only.some(one => isBelow(name, one) || isBelow(one, name));

/** Is the call (by strace's name) one of these names (systemd's) or sets? */
function coversCall(names: readonly string[], syscall: string, sets: SyscallSets): boolean {
  const call = kernelName(syscall);
  return names.some(name => (name.startsWith('@') ? sets(name).has(call) : name === call));
}

/** Families that do not belong to a network namespace: unix(7) (but for abstract names), the kernel's crypto, vsock(7). */
const LOCAL_FAMILIES: ReadonlySet<string> = new Set(['AF_UNIX', 'AF_LOCAL', 'AF_ALG', 'AF_VSOCK']);

/** Of netlink(7), routes can be asked for in any network namespace: libc does, to learn whether there is IPv6. Device events and filters are the host's. */
const staysLocal = ({ family, protocol }: Access & { kind: 'socket' }): boolean =>
  LOCAL_FAMILIES.has(family) || (family === 'AF_NETLINK' && protocol === 'NETLINK_ROUTE');

/** The directories of which an effect speaks. */
export function placesOfEffect(effect: Effect): readonly string[] {
  if (effect.deny === 'paths') return effect.under;
  if (effect.deny === 'devices') return ['/dev'];
  return effect.deny === 'other-paths' ? [effect.under] : [];
}

/** The outcome that `effect` has for `access`, or null when it lets it pass. Accesses that failed when seen are the caller's business. */
export function denies(effect: Effect, access: Access, sets: SyscallSets): Outcome | null {
  switch (effect.deny) {
    case 'syscalls':
      return access.kind === 'syscall' && coversCall(effect.names, access.name, sets)
        ? (effect.outcome ?? 'EPERM')
        : null;
    case 'syscalls-except':
      if (access.kind !== 'syscall' || access.abi !== undefined || coversCall(effect.names, access.name, sets))
        return null;
      return rowOf(effect.errnos ?? {}, access.name) ?? effect.outcome;
    case 'foreign-abi':
      return access.kind === 'syscall' && access.abi !== undefined ? 'SIGSYS' : null;
    case 'capability':
      return access.kind === 'capability' && access.certain && effect.names.includes(access.name)
        ? capabilityErrno(access)
        : null;
    case 'capabilities-except':
      if (access.kind !== 'capability' || !access.certain || effect.names.includes(access.name)) return null;
      return effect.calls?.includes(access.syscall) === true ? null : capabilityErrno(access);
    case 'paths':
      return deniesPath(effect, access);
    case 'other-paths': {
      if (access.kind !== 'path' || !isUse(access.mode, effect.uses)) return null;
      // What is hidden is hidden by each of its names, such as /proc/mounts for /proc/self/mounts.
      const names = [access.path, access.asked ?? access.path];
      return names.some(name => isOther(name, effect.under, effect.only)) ? effect.outcome : null;
    }
    case 'devices': {
      if (access.kind !== 'path' || !isUse(access.mode, 'open')) return null;
      const isReadOnly = (effect.readOnly ?? []).some(only => isBelow(access.path, only));
      if (isReadOnly) return access.mode === 'write' ? 'EPERM' : null;
      return isOther(access.path, '/dev', effect.except) ? 'EPERM' : null;
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
      return access.kind === 'memory' ? (effect.outcome ?? 'EPERM') : null;
    case 'feature':
      if (access.kind !== 'feature' || access.certain === false || access.name !== effect.name) return null;
      return effect.except?.includes(access.value ?? '') === true ? null : (effect.outcome ?? 'EPERM');
    case 'network':
      if (access.kind === 'socket') return staysLocal(access) ? null : 'ENETUNREACH';
      return access.kind === 'address' ? 'ENETUNREACH' : null;
  }
}

function deniesPath(effect: Effect & { deny: 'paths' }, access: Access): Outcome | null {
  if (access.kind !== 'path' || !isUse(asOpened(access).mode, effect.uses)) return null;
  // Creating and deleting change the directory above.
  const below = (top: string): boolean => isBelow(access.path, top);
  return effect.under.some(below) && !(effect.except ?? []).some(below) ? effect.outcome : null;
}

/** A missing capability shows as EACCES where file permissions, privileged ports and priorities are checked, else as EPERM: bind(2), setpriority(2). */
const capabilityErrno = ({ name, syscall }: Access & { kind: 'capability' }): Outcome =>
  syscall === 'bind' || syscall === 'setpriority' || (syscall.startsWith('open') && name.startsWith('CAP_DAC_'))
    ? 'EACCES'
    : 'EPERM';
