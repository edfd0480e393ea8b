// The shape of an explanation, what it is made from, and the parts that all kinds of them share. See explain.ts.

import type { Fact, Profile } from '../../profile/profile.ts';
import type { Outcome } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import type { Directive, Policy, Reason, Withheld } from '../policy.ts';
import { reasonOf } from '../propose/paths/needs.ts';
import type { Target } from '../propose/target.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** One thing that can be done, how often it was, and what would come of it inside the sandbox. */
export interface Use {
  use: string;
  seen: number;
  outcome: 'allowed' | Outcome;
  /** Name and value of the directive that refuses it. */
  by: string | null;
}

export interface Explanation {
  /** What was asked about, spelt as it is known. */
  subject: string;
  kind: 'path' | 'system call' | 'set' | 'capability' | 'address family' | 'directive';
  /** The answer in one sentence. */
  answer: string;
  uses: Use[];
  /** Directives that allow or refuse it, or are it. */
  directives: Directive[];
  /** Every place where it was seen, by trace and line. */
  evidence: Reason[];
  withheld: Withheld[];
  notes: Policy['notes'];
}

/** A policy with everything it rests on. */
export interface Ground {
  profile: Profile;
  policy: Policy;
  target: Target;
  sandbox: Sandbox;
  /** The directive that an assignment of the sandbox was. */
  directiveOf(by: Assignment): Directive | undefined;
}

/** Order of reasons: by trace and line. */
export const byOrigin = (a: Reason, b: Reason): number =>
  a.origin.trace === b.origin.trace ? a.origin.line - b.origin.line : a.origin.trace < b.origin.trace ? -1 : 1;

export const assignmentText = ({ name, value }: { name: string; value: string }): string => `${name}=${value}`;

/** `once`, `12 times`. */
export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

export const total = (facts: readonly Fact[]): number => facts.reduce((sum, { evidence }) => sum + evidence.count, 0);

/** The parts that every explanation by facts has. */
export function about(
  { policy }: Ground,
  facts: readonly Fact[],
  directives: readonly Directive[],
): Pick<Explanation, 'directives' | 'evidence' | 'withheld' | 'notes'> {
  const evidence = facts.map(reasonOf).sort(byOrigin);
  const keys = new Set(evidence.map(({ access }) => JSON.stringify(access)));
  const concerns = (reasons: readonly Reason[] | undefined): boolean =>
    reasons?.some(({ access }) => keys.has(JSON.stringify(access))) === true;
  return {
    directives: [...directives],
    evidence,
    withheld: policy.withheld.filter(one => concerns(one.evidence)),
    notes: policy.notes.filter(one => concerns(one.evidence)),
  };
}
