// The order of a profile's facts, which is that of their keys; no key is made where kinds or paths tell the facts apart.

import type { Access } from '../process/access.ts';
import { byKey, factKey } from './key.ts';
import type { Fact } from './profile.ts';

/** The access of a fact, without its evidence. */
export function accessOf(fact: Fact): Access {
  const { evidence: _, ...access } = fact;
  return access;
}

/** The key of a fact's access. */
export const keyOf = (fact: Fact): string => factKey(fact.kind === 'path' ? fact : accessOf(fact));

/** Negative when `a` comes first; 0 for two facts about the same access. */
export function byFact(a: Fact, b: Fact): number {
  if (a.kind !== b.kind) return byKey(a.kind, b.kind);
  if (a.kind === 'path' && b.kind === 'path' && a.path !== b.path) return byKey(a.path, b.path);
  return byKey(keyOf(a), keyOf(b));
}
