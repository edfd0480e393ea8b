// SystemCallFilter= as an allow-list of what was seen and what follows from it, or SystemCallLog= of everything else for a trial. systemd adds
// @default to the first itself. Sources: systemd.exec(5); libseccomp's names are the kernel's; what else a start needs was tried on systemd 252.

import { type FactOf, indexOf } from '../../../profile/fact-index.ts';
import type { Profile } from '../../../profile/profile.ts';
import { insteadOf } from '../../directives/row.ts';
import { DIRECTIVE_ROWS } from '../../directives/table.ts';
import { kernelName } from '../../kernel-names.ts';
import type { Directive, Note } from '../../policy.ts';
import { FIRST_DEFAULT } from '../../sets.ts';
import { emptyPlan, type Plan, proposed, withheld } from '../plan.ts';
import type { Target } from '../target.ts';
import { inWords, mostlySeen } from './call-sets.ts';
import { followers } from './followers.ts';

type CallFact = FactOf<'syscall'>;

/**
 * What a call outside the list gets. ENOSYS, as from a kernel that does not have the call: libc and careful programs then make another one
 * where they know one (clone for clone3, newfstatat for statx; libc knows none for fchmodat, mkdirat and unlinkat), and give up at EPERM. It
 * is also what systemd answers by itself, since 255, to calls newer than itself, so that the same drop-in behaves alike on older ones.
 */
const REFUSAL = 'ENOSYS';

/** Calls that are allowed beyond those that were seen. */
interface Added {
  calls: readonly string[];
  why: string;
}

/** Calls that the proposal itself or systemd makes necessary. */
function companions(seen: ReadonlySet<string>, others: readonly Directive[], target: Target): Added[] {
  const found: Added[] = [];
  for (const { name, value } of others) {
    const row = value === 'no' ? undefined : DIRECTIVE_ROWS.get(name);
    for (const [call, instead] of row === undefined ? [] : insteadOf(row, target.systemd))
      if (seen.has(call))
        found.push({
          calls: [instead],
          why: `${instead} is what libc falls back to, as ${name}= answers ${call} with ENOSYS`,
        });
  }
  if (target.service?.type === 'exec')
    found.push({
      calls: ['write'],
      why: 'write is how systemd itself, under the filter already, learns that Type=exec has started',
    });
  return found.filter(({ calls }) => !calls.every(call => seen.has(call)));
}

/** The rest of the families of what was seen; `silent`: calls of other machines among them. */
function relatives(
  seen: ReadonlySet<string>,
  others: readonly Directive[],
  target: Target,
): { added: Added[]; silent: ReadonlySet<string> } {
  const { families, elsewhere } = followers(seen, target.sets, others, target.syscalls === 'exact');
  const added = families.map(([family, calls]) => ({ calls, why: family }));
  return { added, silent: elsewhere };
}

/** Where the list rests on anything but observed calls of this architecture. */
function doubts(facts: readonly CallFact[]): string[] {
  // systemd's filter goes by names, for every architecture alike.
  const foreign = facts.flatMap(({ name, abi }) => (abi === undefined ? [] : [name]));
  const observed = new Set(facts.flatMap(({ name, assumed }) => (assumed === true ? [] : [name])));
  const assumed = facts.filter(fact => fact.assumed === true && !observed.has(fact.name)).map(({ name }) => name);
  return [
    ...(assumed.length === 0
      ? []
      : [`${assumed.length} of them were not traced but assumed: ${assumed.sort().join(' ')}`]),
    ...(foreign.length === 0
      ? []
      : [
          `${foreign.length} of them were made by programs of another architecture, and are allowed to all: ${foreign.sort().join(' ')}`,
        ]),
  ];
}

/** `100 calls that add no power; 3 not traced but assumed`. */
function inBrief(wider: readonly string[], following: number, facts: readonly CallFact[]): string {
  const assumed = facts.filter(fact => fact.assumed === true).length;
  const foreign = facts.filter(({ abi }) => abi !== undefined).length;
  const parts = [
    following === 0 ? '' : `${following} more calls that add no power`,
    assumed === 0 ? '' : `${assumed} not traced but assumed`,
    foreign === 0 ? '' : `${foreign} of another architecture`,
    ...wider.filter(text => text.startsWith('@')),
  ];
  return parts.filter(part => part !== '').join('; ');
}

interface List {
  words: string[];
  /** How many calls of the list were seen. */
  observed: number;
  /** How many calls were not seen, but for those that a whole set brings. */
  following: number;
  /** What it allows beyond what was seen, a sentence each. */
  wider: string[];
}

/** More calls than these are counted by family; `explain` tells of each. */
const NAMED = 8;

/** `37 calls that add no power: 2 of 'process', 12 of 'look up' …`. */
function equalPower(related: readonly Added[]): string[] {
  const count = related.reduce((sum, { calls }) => sum + calls.length, 0);
  if (count === 0) return [];
  const what =
    count <= NAMED
      ? related.map(({ calls, why }) => `${calls.join(' ')} (${why})`)
      : related.map(({ calls, why }) => `${why} ${calls.length}`);
  return [`${count} calls that were not observed add no power: ${what.join(', ')}`];
}

/** The list for these calls, all of them known to the target's systemd. */
function listOf(seen: ReadonlySet<string>, others: readonly Directive[], target: Target): List {
  const { sets } = target;
  const always = sets('@default');
  const known = sets('@known');
  // What later releases allow to every service is written down all the same: the drop-in works on an older one, too.
  const isNeeded = (name: string): boolean =>
    !(always.has(name) && FIRST_DEFAULT.has(name)) && (known.size === 0 || known.has(name));
  const list = new Set([...seen].filter(isNeeded));
  const count = list.size;
  const take = (added: readonly Added[]): Added[] =>
    added.flatMap(({ calls, why }) => {
      const fresh = calls.filter(call => isNeeded(call) && !list.has(call));
      for (const call of fresh) list.add(call);
      return fresh.length === 0 ? [] : [{ calls: fresh, why }];
    });
  const { added, silent } = relatives(seen, others, target);
  const needed = take(companions(seen, others, target));
  const related = take(added);
  const following = list.size - count;
  const whole = target.syscalls === 'groups' ? mostlySeen(seen, sets) : [];
  const brought = whole.map(([set, members]): [string, string[]] => [set, members.filter(name => !list.has(name))]);
  for (const [, members] of whole) for (const name of members) list.add(name);
  return {
    words: target.syscalls === 'exact' ? [...list].sort() : inWords(list, silent, sets),
    observed: count,
    following,
    wider: [
      ...needed.map(({ why }) => why),
      ...equalPower(related),
      ...brought.filter(([, calls]) => calls.length > 0).map(([set, calls]) => `${set} adds ${calls.join(' ')}`),
    ],
  };
}

/** Calls that nobody traced: what recorded them knows neither their arguments nor whether they succeeded. */
function recordedNotes(facts: readonly CallFact[]): Note[] {
  const names = facts.flatMap(({ name, evidence: { origin } }) =>
    origin.from === undefined ? [] : [`${name} (${origin.from}, ${origin.trace}:${origin.line})`],
  );
  if (names.length === 0) return [];
  return [{ kind: 'blind', text: `allowed though not traced, because records name them: ${names.join(', ')}` }];
}

/** `others`: the directives proposed so far, some of which make other calls necessary or hold their powers back. */
export function syscallDirectives(profile: Profile, target: Target, others: readonly Directive[]): Plan {
  const plan = emptyPlan();
  const facts = indexOf(profile).ofKind('syscall');
  const named = facts.filter(({ name }) => !/^syscall_0x/.test(kernelName(name)));
  const known = target.sets('@known');
  const isKnown = (name: string): boolean => known.size === 0 || known.has(name);
  const seen = new Set(named.map(({ name }) => kernelName(name)));
  for (const fact of facts)
    if (!named.includes(fact) || !isKnown(kernelName(fact.name)))
      plan.notes.push({
        kind: 'open',
        text: `systemd has no name for ${fact.name}, so no filter can allow it: inside the sandbox the call fails (${REFUSAL})`,
        choices: [
          'Install the proposal on trial: most programs do without a call that fails.',
          'Remove SystemCallFilter= from the proposal, if the service needs the call.',
        ],
      });
  plan.notes.push(...recordedNotes(named));
  const { words, observed: count, following, wider: added } = listOf(seen, others, target);
  const wider = [...doubts(named), ...added];
  const value = words.join(' ');
  if (target.trial === true) {
    plan.directives.push(
      proposed(
        'SystemCallLog',
        `~@default ${value}`.trim(),
        'a trial: every other system call is logged by the kernel (audit, type 1326) and let through',
        named,
        wider,
      ),
    );
    plan.withheld.push(withheld('SystemCallFilter', value, '--trial: other calls are logged, not refused'));
    return plan;
  }
  const brief = wider.length === 0 ? {} : { brief: inBrief(added, following, named) };
  const observed = `the ${count} system calls that were observed${named.some(({ assumed }) => assumed) ? ' or assumed' : ''}`;
  plan.directives.push(
    {
      ...proposed(
        'SystemCallFilter',
        value,
        `${observed}${following === 0 ? '' : `, and ${following} that follow from them`}, beside @default`,
        named,
        wider,
      ),
      ...brief,
    },
    proposed(
      'SystemCallErrorNumber',
      REFUSAL,
      'any other call fails as on a kernel without it; without this line it kills the service',
    ),
  );
  return plan;
}
