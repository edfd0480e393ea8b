// What a profile tells beside its single facts: what was made when, which calls were made, which names led to one place.
// `judge` asks it about an access in the light of all others.

import type { AddressAccess, Origin } from '../../process/access.ts';
import { parentOf } from '../../process/resolve.ts';
import { GAPS } from '../../profile/gaps.ts';
import type { Fact } from '../../profile/profile.ts';
import type { HostView } from '../host-view.ts';
import type { Denial, Knowledge } from './denial.ts';
import { judge, judgeWithRights } from './judge.ts';
import type { Sandbox } from './sandbox.ts';
import { hasFailed } from './trace-host.ts';

/** Which calls were made; of a profile that does not hold all of them, any may have been. */
function calls(facts: readonly Fact[]): (syscall: string) => boolean {
  const made = new Set(facts.flatMap(fact => (fact.kind === 'syscall' ? [fact.name] : [])));
  const partial = facts.some(fact => fact.kind === 'blind' && fact.what === GAPS.calls);
  return syscall => partial || made.size === 0 || made.has(syscall);
}

/** A server of the service's own, at the address or at all of its host's. */
function servers(facts: readonly Fact[]): (access: AddressAccess) => boolean {
  const bound = facts.flatMap(fact =>
    fact.kind === 'address' && fact.op === 'bind' && !hasFailed(fact) ? [fact] : [],
  );
  return ({ address, port }) =>
    bound.some(
      own =>
        (own.port ?? 0) === (port ?? 0) &&
        (own.address === address || own.address === '0.0.0.0' || own.address === '::'),
    );
}

/** Other names by which a path, or a directory above it, was asked for. */
function aliases(facts: readonly Fact[]): (path: string) => string[] {
  const asked = new Map<string, Set<string>>();
  for (const fact of facts)
    if (fact.kind === 'path' && fact.asked !== undefined && !hasFailed(fact))
      asked.set(fact.path, (asked.get(fact.path) ?? new Set()).add(fact.asked));
  return path => {
    const found: string[] = [];
    for (let top = path; top !== '/'; top = parentOf(top))
      for (const name of asked.get(top) ?? []) found.push(name + path.slice(top.length));
    return found;
  };
}

/** Calls on an open descriptor: the name it was opened by is what counts, and strace shows only where it led. */
const ON_DESCRIPTOR =
  /^(?:getdents|getdents64|mmap|fchmod|fchown|ftruncate|fstat|fstatfs|fsetxattr|fremovexattr|fchdir|fallocate)$/;

/** Calls that look at a symlink, and not behind it: path_resolution(7). */
const LINK_ITSELF = /^(?:lstat|lstat64|readlink|readlinkat|lchown|lgetxattr|llistxattr|lsetxattr|lremovexattr)$/;

/** What is known of the machine; `at`: of the moment when a fact was first seen. */
export interface Scene {
  host: HostView;
  made: (path: string, at: Origin) => boolean;
}

/** The question to put to a sandbox about each fact of a profile. */
export function witness(
  facts: readonly Fact[],
  { host, made }: Scene,
): (fact: Fact, sandbox: Sandbox) => Denial | null {
  const called = calls(facts);
  const serves = servers(facts);
  const others = aliases(facts);
  return (fact, sandbox) => {
    const { origin } = fact.evidence;
    const known: Knowledge = {
      host,
      called,
      serves,
      made: path => made(path, origin),
      itself: LINK_ITSELF.test(origin.syscall),
    };
    // link(2) counts the links of a file, but asks for no right to write it.
    if (fact.kind === 'path' && fact.mode === 'meta' && origin.syscall.startsWith('link'))
      return judge({ ...fact, mode: 'stat' }, sandbox, known);
    const denied = judgeWithRights(fact, sandbox, known);
    if (denied === null || fact.kind !== 'path' || fact.asked !== undefined || !ON_DESCRIPTOR.test(origin.syscall))
      return denied;
    const opened = others(fact.path).some(asked => judge({ ...fact, asked }, sandbox, known) === null);
    return opened ? null : denied;
  };
}
