// SystemCallFilter= as an allow-list of what was seen, or SystemCallLog= of everything else for a trial. systemd adds @default to the
// first itself. Sources: systemd.exec(5); libseccomp's names are the kernel's; what else a start needs was tried on systemd 252.

import { type FactOf, indexOf } from '../../profile/fact-index.ts';
import type { Profile } from '../../profile/profile.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import { kernelName } from '../kernel-names.ts';
import type { Directive } from '../policy.ts';
import { SYSCALL_SETS } from '../syscall-sets.ts';
import { emptyPlan, type Plan, proposed, withheld } from './plan.ts';
import type { Target } from './target.ts';

type CallFact = FactOf<'syscall'>;

/** Sets too broad, or too dangerous, to be taken whole whatever was seen of them. */
const NEVER_WHOLE: ReadonlySet<string> = new Set([
  '@clock',
  '@cpu-emulation',
  '@debug',
  '@default',
  '@keyring',
  '@known',
  '@module',
  '@mount',
  '@obsolete',
  '@pkey',
  '@privileged',
  '@raw-io',
  '@reboot',
  '@swap',
  '@system-service',
]);
/** A set is taken whole when at least this share of it was seen. */
const SHARE = 0.5;

/**
 * What a call outside the list gets. ENOSYS, as from a kernel that does not have the call: libc and careful programs then make an older one
 * (clone for clone3, fstatat for statx), and give up at EPERM. It is also what systemd answers by itself, since 255, to calls newer than
 * itself, so that the same drop-in behaves alike on older ones.
 */
const REFUSAL = 'ENOSYS';

/** Calls that are made only when something is not ready yet: a pipe that is full, a process that has not ended. */
const WAITS = ['poll', 'ppoll', 'pselect6', 'select'] as const;

interface Words {
  words: string[];
  /** Set → its members that were not seen. */
  added: [set: string, calls: string[]][];
}

/** Whole sets where enough of them was seen, and the rest by name. */
function grouped(names: ReadonlySet<string>, target: Target): Words {
  const covered = new Set<string>();
  const added: Words['added'] = [];
  const always = target.sets('@default');
  for (const set of Object.keys(SYSCALL_SETS)) {
    if (NEVER_WHOLE.has(set)) continue;
    const members = [...target.sets(set)].filter(name => !always.has(name));
    const seen = members.filter(name => names.has(name));
    if (seen.length < 2 || seen.length < members.length * SHARE) continue;
    added.push([set, members.filter(name => !names.has(name))]);
    for (const name of members) covered.add(name);
  }
  return { words: [...added.map(([set]) => set), ...[...names].filter(name => !covered.has(name))], added };
}

/** Calls that were not seen and are needed all the same, with the reason. */
function companions(
  names: ReadonlySet<string>,
  others: readonly Directive[],
  target: Target,
): [name: string, why: string][] {
  const found: [string, string][] = [];
  for (const { name, value } of others)
    for (const [call, instead] of Object.entries(DIRECTIVE_ROWS.get(name)?.instead ?? {}))
      if (names.has(call) && !names.has(instead) && value !== 'no')
        found.push([instead, `${instead} is what libc falls back to, as ${name}= turns ${call} away`]);
  const waits = WAITS.filter(name => !names.has(name));
  for (const name of waits)
    found.push([name, `${waits.join(' ')}: whether a program has to wait is a matter of time, not of what it does`]);
  if (target.service?.type === 'exec' && !names.has('write'))
    found.push(['write', 'write is how systemd itself, under the filter already, learns that Type=exec has started']);
  return found;
}

/** What the list allows beyond what was seen. */
function widerThanSeen(
  facts: readonly CallFact[],
  added: Words['added'],
  needed: readonly [string, string][],
): string[] {
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
    ...added.filter(([, calls]) => calls.length > 0).map(([set, calls]) => `${set} adds ${calls.join(' ')}`),
    ...new Set(needed.map(([, why]) => why)),
  ];
}

/** `others`: the directives proposed so far, some of which make other calls necessary. */
export function syscallDirectives(profile: Profile, target: Target, others: readonly Directive[]): Plan {
  const plan = emptyPlan();
  const facts = indexOf(profile).ofKind('syscall');
  const named = facts.filter(({ name }) => !/^syscall_0x/.test(kernelName(name)));
  const known = target.sets('@known');
  const always = target.sets('@default');
  const isKnown = (name: string): boolean => known.size === 0 || known.has(name);
  const all = new Set(named.map(({ name }) => kernelName(name)));
  for (const fact of facts)
    if (!named.includes(fact) || !isKnown(kernelName(fact.name)))
      plan.notes.push({
        kind: 'open',
        text: `systemd has no name for ${fact.name}, so it cannot be allowed: inside the sandbox the call fails (${REFUSAL})`,
      });
  const needed = companions(all, others, target);
  const allowed = new Set([...all, ...needed.map(([name]) => name)]);
  const names = new Set([...allowed].filter(name => !always.has(name) && isKnown(name)));
  const exact = { words: [...names], added: [] };
  const { words, added } = target.syscalls === 'groups' ? grouped(names, target) : exact;
  const wider = widerThanSeen(named, added, needed);
  const value = words.sort().join(' ');
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
  plan.directives.push(
    proposed(
      'SystemCallFilter',
      value,
      `the ${[...names].filter(name => all.has(name)).length} system calls that were seen${named.some(({ assumed }) => assumed) ? ' or assumed' : ''}, beside @default`,
      named,
      wider,
    ),
    proposed(
      'SystemCallErrorNumber',
      REFUSAL,
      'any other call fails as on a kernel without it, so that libc makes an older one; without this line it kills the service',
    ),
  );
  return plan;
}
