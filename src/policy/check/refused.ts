// What a sandbox refused while it was in force: calls that failed, that did not fail before, and whose errno is the one that the model of
// the sandbox gives. A service may swallow an error without a word; its log does not. Pure.

import { factKey } from '../../profile/key.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import { fold } from '../../profile/patterns.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { check } from './check.ts';

/** The access as it would have been without the error. */
function granted(fact: Fact): Fact {
  if (!('errno' in fact)) return fact;
  const { errno: _, ...rest } = fact;
  return rest;
}

const failedWith = (fact: Fact): string | undefined => ('errno' in fact ? fact.errno : undefined);

/**
 * The accesses that the sandbox refused, as if they had succeeded. `failed` is the profile of a log of failed calls (`strace -e
 * status=failed`), `learned` what was seen outside of the sandbox: what failed there too, or what this machine does not have, is no matter of
 * the sandbox.
 */
export function refused(failed: Profile, learned: Profile, sandbox: Sandbox): Profile {
  const { into } = fold(mergeProfiles([learned, failed]));
  const keyOf = ({ evidence: _, ...access }: Fact): string => factKey(into(access));
  const before = new Set(learned.facts.map(keyOf));
  /** Key of a suspect → the errno it got; null: a system call, whatever it got. */
  const errnos = new Map<string, string | null>();
  const suspects = failed.facts.flatMap(fact => {
    const errno = failedWith(fact);
    if (before.has(keyOf(fact)) || (errno === undefined && fact.kind !== 'syscall')) return [];
    if (errno === 'ENOENT' && fact.kind === 'path' && sandbox.context.host.type(fact.path) === null) return [];
    const { evidence, ...access } = granted(fact);
    errnos.set(factKey(access), errno ?? null);
    return [{ ...access, evidence }];
  });
  if (suspects.length === 0) return { ...failed, facts: [] };
  const { violations } = check(mergeProfiles([learned, { ...failed, facts: suspects }]), sandbox);
  /** System calls that the filter refuses: it answers first, with an errno that says nothing of what the call was for. */
  const filtered = new Map(
    violations.flatMap(({ access, outcome }) => (access.kind === 'syscall' ? [[access.name, outcome]] : [])),
  );
  const denied = new Set(
    violations.flatMap(({ access, outcome, origin }) => {
      const key = factKey(access);
      const errno = errnos.get(key);
      if (errno === undefined) return [];
      return errno === null || errno === outcome || errno === filtered.get(origin.syscall) ? [key] : [];
    }),
  );
  return { ...failed, facts: suspects.filter(({ evidence: _, ...access }) => denied.has(factKey(access))) };
}
