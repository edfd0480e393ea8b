// What a report is made of: a profile, the proposal that follows from it, and what was found out beside. Types only.

import type { SyscallSets } from '../../policy/effects.ts';
import type { Findings } from '../../policy/findings.ts';
import type { Directive, Policy } from '../../policy/policy.ts';
import type { Advice } from '../../policy/propose/advice.ts';
import type { Completeness } from '../../policy/propose/completeness.ts';
import type { Outline } from '../../policy/sandbox/outline.ts';
import type { PathAccess } from '../../process/access.ts';
import type { Coverage } from '../../profile/coverage.ts';
import type { Folded } from '../../profile/patterns.ts';
import type { Profile } from '../../profile/profile.ts';

export interface Report {
  /** What the report is about: the unit, or the command or log that was learned from. */
  title: string;
  /** Volatile names are folded already. */
  profile: Profile;
  folded: readonly Folded[];
  policy: Policy;
  /** The drop-in, as `propose` prints it. */
  dropin: string;
  coverage: Coverage | null;
  completeness: Completeness;
  /** Exposure levels of `systemd-analyze security`, 0 (good) to 10; null when they could not be asked. */
  exposure: { before: number | null; after: number } | null;
  /** What `check` says about the unit that is in force, when one was given. */
  check: { unit: string; findings: Findings } | null;
  /** What the proposal, on top of the unit, leaves the service. */
  outline: Outline;
  advice: Advice;
  sets: SyscallSets;
  /** The directive of the proposal that decides about a path. */
  ruleFor: (access: PathAccess) => Directive | null;
}

/** One part of the page. */
export interface Section {
  id: string;
  title: string;
  /** Shown beside the title in the navigation: how much there is. */
  count?: string;
  body: import('./html.ts').Html;
}
