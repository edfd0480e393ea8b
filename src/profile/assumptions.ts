// What follows from a run that left hot calls out: the calls that may have been made, and what its filter hides or breaks.
// Pure; which calls those are and when they can succeed stands in strace/hot-calls.ts.

import type { Access, FeatureAccess } from '../process/access.ts';
import { HOT_CALLS } from '../strace/hot-calls.ts';
import type { Fact } from './profile.ts';

/** Assumed calls and blind spots, given the facts that the run did see. */
export function assumptions(seen: readonly Fact[]): Access[] {
  return [...assumedCalls(seen, undefined), ...assumedCalls(seen, 'i386'), ...seen.flatMap(filterSideEffects)];
}

function assumedCalls(seen: readonly Fact[], abi: 'i386' | undefined): Access[] {
  const traced = new Set(seen.flatMap(fact => (fact.kind === 'syscall' && fact.abi === abi ? [fact.name] : [])));
  if (traced.size === 0) return [];
  return Object.entries(HOT_CALLS)
    .filter(([name, { after, only }]) => {
      if (traced.has(name) || (only !== undefined && only !== abi)) return false;
      return after === undefined || after.some(call => traced.has(call));
    })
    .map(([name]) => ({ kind: 'syscall', name, ...(abi === undefined ? {} : { abi }), assumed: true }));
}

/** How a program that was executed may gain privileges, in words; null for other features. */
export function gainOf({ name, certain }: FeatureAccess): string | null {
  if (name === 'file-capabilities') return 'has file capabilities';
  return name === 'setuid-exec' ? `${certain === false ? 'may be' : 'is'} set-uid or set-gid` : null;
}

function filterSideEffects(fact: Fact): Access[] {
  if (fact.kind !== 'feature') return [];
  if (fact.name === 'own-seccomp')
    return [{ kind: 'blind', what: `a seccomp filter of its own: the calls it refuses are not in the log${REMEDY}` }];
  const gain = gainOf(fact);
  if (gain === null) return [];
  const program = fact.value ?? 'a program';
  return [
    {
      kind: 'blind',
      what: `${program} ${gain}, but ran without its privileges, because tracing with a filter needs NO_NEW_PRIVS${REMEDY}`,
    },
  ];
}

/** How to see it. */
export const REMEDY = '; learn again with --complete';
