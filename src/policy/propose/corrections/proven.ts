// A proposal put to `check` against its own profile before anybody sees it: a line that denies what was observed is fixed, or withheld with
// the reason. What only the unit's own lines deny, and no drop-in can allow, rejects the proposal. Pure.

import type { Profile } from '../../../profile/profile.ts';
import { check } from '../../check/check.ts';
import { editsWithin, rawWords } from '../../check/edits.ts';
import { examine } from '../../check/examine.ts';
import { NO_COMMANDS } from '../../check/unconfined.ts';
import { DIRECTIVE_ROWS } from '../../directives/table.ts';
import type { Assignment, Edit, Fix, Violation } from '../../findings.ts';
import type { Directive, Policy, Reason } from '../../policy.ts';
import { sandboxOf } from '../../sandbox/sandbox.ts';
import { inForce } from '../../sandbox/settings.ts';
import { withoutSpecifiers } from '../paths/instances.ts';
import type { Target } from '../target.ts';

/** Where the lines of the proposal stand, among those of the unit. */
const PROPOSAL = 'proposal';
const SECTION = 'Service';
/** A fix may bring another line to light that denies the next thing. */
const ROUNDS = 12;
/** Without these an empty root is none, or has no /proc and /dev. */
const ROOT_LINES: ReadonlySet<string> = new Set(['TemporaryFileSystem', 'MountAPIVFS']);

const reasonFor = ({ access, origin, count }: Violation): Reason => ({ access, origin, count });

const isOwn = ({ at }: Assignment): boolean => at.file === PROPOSAL;

/** The lines of a proposal as systemd reads them; `at.line` is the directive's place in the list, from 1. */
export function linesOf(directives: readonly Directive[], target: Target): Assignment[] {
  const met = new Set<string>();
  return directives.flatMap(({ section, name, value }, index) => {
    const line = { section, name, value: withoutSpecifiers(value, target), at: { file: PROPOSAL, line: index + 1 } };
    const reset = !met.has(name) && value !== '' && DIRECTIVE_ROWS.get(name)?.list === 'narrows';
    met.add(name);
    return reset ? [{ ...line, value: '' }, line] : [line];
  });
}

/** One directive after the edits of its line; null: nothing is left of it. */
function editedDirective(directive: Directive, repairs: readonly Repair[]): Directive | null {
  let { value, because } = directive;
  for (const { edit, violation } of repairs)
    if (edit.action === 'replace') {
      value = edit.value;
      because = denies(directive, violation);
    } else
      value = rawWords(value)
        .filter(word => word !== edit.value)
        .join(' ');
  return value === '' && directive.value !== '' ? null : { ...directive, value, because };
}

/** What is to be changed, and what it would have denied. */
interface Repair {
  edit: Edit;
  fix: Fix;
  violation: Violation;
}

const denies = ({ name, value }: Pick<Directive, 'name' | 'value'>, { outcome }: Violation): string =>
  `${name}=${value} would deny what was observed (${outcome})`;

function withEdits(policy: Policy, plan: readonly Omit<Repair, 'edit'>[], lines: readonly Assignment[]): Policy {
  const repairs = new Map<string, Repair>();
  for (const { fix, violation } of plan)
    for (const edit of editsWithin(PROPOSAL, lines, fix.edits, SECTION)) {
      const key = JSON.stringify(edit);
      if (!repairs.has(key)) repairs.set(key, { edit, fix, violation });
    }
  const all = [...repairs.values()];
  const kept = policy.directives.flatMap((directive, index) => {
    const own = all.filter(
      ({ edit }) => edit.action !== 'add' && edit.at.file === PROPOSAL && edit.at.line === index + 1,
    );
    return editedDirective(directive, own) ?? [];
  });
  const added = all.flatMap(({ edit, fix, violation }): Directive[] =>
    edit.action === 'add'
      ? [
          {
            section: SECTION,
            name: edit.name,
            value: edit.value,
            because: `without it ${denies(violation.by, violation)}`,
            evidence: [reasonFor(violation)],
            seen: violation.count,
            ...(fix.wider === undefined ? {} : { wider: fix.wider }),
          },
        ]
      : [],
  );
  return { ...policy, directives: [...kept, ...added] };
}

/** The policy without the lines that deny what was observed. */
function withoutDenying(policy: Policy, violations: readonly Violation[]): Policy {
  const denied = new Map(violations.map(violation => [violation.by.at.line, violation]));
  return {
    ...policy,
    directives: policy.directives.filter((_, index) => !denied.has(index + 1)),
    withheld: [
      ...policy.withheld,
      ...policy.directives.flatMap(({ name, value }, index) => {
        const violation = denied.get(index + 1);
        return violation === undefined
          ? []
          : [
              {
                name,
                value,
                because: denies({ name, value }, violation),
                evidence: [reasonFor(violation)],
              },
            ];
      }),
    ],
  };
}

/** Takes a fix the empty root away? Then `strict` says more. */
const opensRoot = ({ edits }: Fix): boolean =>
  edits.some(edit => edit.action !== 'add' && edit.at.file === PROPOSAL && ROOT_LINES.has(edit.name));

/** Null: it is an empty root that denies what was observed, and nothing less would do. */
export function proven(proposed: Policy, profile: Profile, target: Target): Policy | null {
  const { assignments = [], commands = NO_COMMANDS } = target.installed ?? {};
  let policy = proposed;
  for (let round = 0; ; round++) {
    // What the unit's own umask takes it took while the service was learned, too.
    const isMissed = ({ by }: Violation): boolean => isOwn(by) || by.name !== 'UMask';
    const lines = inForce([...assignments, ...linesOf(policy.directives, target)]);
    if (!check(profile, sandboxOf(lines, target), commands).violations.some(isMissed)) return policy;
    const { findings, fixer } = examine(lines, profile, target, commands);
    const violations = findings.violations.filter(isMissed);
    const plan = round < ROUNDS ? fixer.plan(violations) : [];
    if (plan.some(({ fix }) => opensRoot(fix)) && policy.target.paths.includes('tmpfs')) return null;
    if (plan.length > 0) {
      policy = withEdits(policy, plan, lines);
      continue;
    }
    const own = violations.filter(({ by }) => isOwn(by));
    if (own.some(({ by }) => ROOT_LINES.has(by.name)) && policy.target.paths.includes('tmpfs')) return null;
    if (own.length > 0) policy = withoutDenying(policy, own);
    else
      return {
        ...policy,
        rejected: violations.map(violation => ({
          name: violation.by.name,
          value: violation.by.value,
          outcome: violation.outcome,
          evidence: [reasonFor(violation)],
        })),
      };
  }
}
