// What the unit itself denies and a proposal allows, since its lines take the place of the unit's: a filter that was lifted while the service
// was learned, a value that the evidence does not bear out.

import { UsageError } from '../../errors.ts';
import { check } from '../../policy/check/check.ts';
import type { Assignment, Violation } from '../../policy/findings.ts';
import type { Note, Policy } from '../../policy/policy.ts';
import { linesOf } from '../../policy/propose/corrections/proven.ts';
import type { Target } from '../../policy/propose/target.ts';
import { sandboxOf } from '../../policy/sandbox/sandbox.ts';
import { inForce } from '../../policy/sandbox/settings.ts';
import { factKey } from '../../profile/key.ts';
import type { Profile } from '../../profile/profile.ts';
import { describe } from '../../render/access-text.ts';
import type { LoadedUnit } from '../../systemd/unit.ts';
import { commandsOf } from '../check/look.ts';

/** One note for each line of the unit, with the first thing that it denies. */
function notes(violations: readonly Violation[]): Note[] {
  const byLine = new Map<Assignment, Violation[]>();
  for (const one of violations) byLine.set(one.by, [...(byLine.get(one.by) ?? []), one]);
  return [...byLine].flatMap(([{ name, value }, [first, ...others]]) => {
    if (first === undefined) return [];
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    const what = `${describe(first.access)}${more}`;
    const evidence = [{ access: first.access, origin: first.origin, count: first.count }];
    return [
      {
        kind: 'open',
        text: `${name}=${value} of the unit denies ${what}; it was observed, so the proposal overrides the line and allows it`,
        choices: [
          'Install the proposal: the service may do what it was observed to do.',
          `Keep ${name}= of the unit: remove the same directive from the proposal.`,
        ],
        evidence,
      },
    ];
  });
}

/** What the installed unit denies of what was seen, and no longer does with the proposal. */
export function overruled(profile: Profile, policy: Policy, target: Target, unit: LoadedUnit): Note[] {
  const { programs } = commandsOf(unit.assignments);
  const denied = (assignments: readonly Assignment[]): readonly Violation[] =>
    check(profile, sandboxOf(assignments, target), programs).violations;
  try {
    const before = denied(unit.assignments);
    if (before.length === 0) return [];
    const proposed = inForce([...unit.assignments, ...linesOf(policy.directives, target)]);
    const after = new Set(denied(proposed).map(({ access }) => factKey(access)));
    return notes(before.filter(({ access }) => !after.has(factKey(access))));
  } catch (error) {
    // A line that systemd ignores is a matter for check.
    if (error instanceof UsageError) return [];
    throw error;
  }
}
