// Explanations of what has a name of its own: system calls, sets of them, capabilities, address families, directives.

import type { Fact } from '../../profile/profile.ts';
import { DIRECTIVE_ROWS, sinceVersion } from '../directives/table.ts';
import { kernelName } from '../kernel-names.ts';
import type { Directive, Withheld } from '../policy.ts';
import { familiesOf } from '../propose/lists/followers.ts';
import type { Target } from '../propose/target.ts';
import { judge } from '../sandbox/judge.ts';
import { about, byOrigin, type Explanation, type Ground, times, total } from './explanation.ts';

/** A value that lists words, the word among them or in one of its sets. */
const lists = ({ value }: Directive, word: string, { sets }: Target): boolean =>
  value
    .replace(/^~/, '')
    .split(' ')
    .some(one => one === word || (one.startsWith('@') && sets(one).has(word)));

/** Why a call is allowed that was never made. */
const kinship = (call: string): string =>
  familiesOf(call)
    .slice(0, 1)
    .map(([name, { why, source }]) => `, as one of equal power (${name}: ${why}; see ${source})`)
    .join('');

export function explainCall(name: string, ground: Ground): Explanation {
  const { profile, policy, target, sandbox, directiveOf } = ground;
  const call = kernelName(name);
  const facts = profile.facts.filter(fact => fact.kind === 'syscall' && kernelName(fact.name) === call);
  const denied = judge({ kind: 'syscall', name }, sandbox, { host: target.host, made: () => false });
  const by = denied === null ? undefined : directiveOf(denied.by);
  const always = target.sets('@default').has(call);
  const inside =
    denied === null
      ? always && policy.directives.some(one => one.name === 'SystemCallFilter')
        ? 'systemd allows it to every service (@default)'
        : `the sandbox allows it${facts.length === 0 ? kinship(call) : ''}`
      : `the sandbox refuses it with ${denied.outcome}`;
  const assumed = facts.some(fact => fact.kind === 'syscall' && fact.assumed === true);
  const filters = policy.directives.filter(
    one =>
      one === by || ((one.name === 'SystemCallFilter' || one.name === 'SystemCallLog') && lists(one, call, target)),
  );
  return {
    subject: name,
    kind: 'system call',
    answer: `it was ${facts.length === 0 ? 'never called' : `called ${times(total(facts))}`}${assumed ? ' (assumed: such calls were not traced)' : ''}; ${inside}`,
    uses: [
      { use: 'call', seen: total(facts), outcome: denied?.outcome ?? 'allowed', by: by === undefined ? null : by.name },
    ],
    ...about(ground, facts, filters),
  };
}

export function explainSet(name: string, ground: Ground): Explanation {
  const { profile, policy, target } = ground;
  const members = target.sets(name);
  const facts = profile.facts.filter(fact => fact.kind === 'syscall' && members.has(kernelName(fact.name)));
  const seen = new Set(facts.flatMap(fact => (fact.kind === 'syscall' ? [kernelName(fact.name)] : [])));
  const filters = policy.directives.filter(
    one => one.name === 'SystemCallFilter' && one.value.split(' ').includes(name),
  );
  return {
    subject: name,
    kind: 'set',
    answer: `${seen.size} of its ${members.size} calls were seen; ${filters.length > 0 ? 'it is allowed as a whole' : 'it is not allowed as a whole, only what was seen of it'}`,
    uses: [],
    ...about(ground, facts, filters),
  };
}

/** Something that is allowed by being listed in one directive: capabilities, address families. */
export function explainListed(
  subject: string,
  kind: Explanation['kind'],
  directive: string,
  facts: readonly Fact[],
  ground: Ground,
): Explanation {
  const lines = ground.policy.directives.filter(one => one.name === directive);
  const allowed = lines.length === 0 || lines.some(({ value }) => value.split(' ').includes(subject));
  return {
    subject,
    kind,
    answer: `it was ${facts.length === 0 ? 'never needed' : `needed ${times(total(facts))}`}; the sandbox ${allowed ? 'allows' : 'refuses'} it`,
    uses: [],
    ...about(ground, facts, lines),
  };
}

const whyNot = ({ name, value, because, evidence }: Withheld): string =>
  evidence.length === 0
    ? `${name}=${value}: ${because}`
    : `${name}=${value} would have denied an observed access (${because})`;

export function explainDirective(name: string, ground: Ground): Explanation {
  const { policy } = ground;
  const row = DIRECTIVE_ROWS.get(name);
  const lines = policy.directives.filter(one => one.name === name);
  const withheld = policy.withheld.filter(one => one.name === name);
  const since = sinceVersion(name, '');
  const answer =
    lines.length > 0
      ? `it is proposed: ${[...new Set(lines.map(({ because }) => because))].slice(0, 3).join('; ')}`
      : withheld.length > 0
        ? `it is not proposed: ${withheld.map(whyNot).join('; ')}`
        : since > policy.target.systemd
          ? `it is not proposed: systemd ${policy.target.systemd} does not know it (systemd ${since} does)`
          : `it is not proposed${row?.never === undefined ? ': nothing that was seen calls for it' : `: ${row.never}`}`;
  const reasons = [...lines, ...withheld].flatMap(({ evidence }) => evidence);
  return {
    subject: name,
    kind: 'directive',
    answer,
    uses: [],
    directives: lines,
    evidence: reasons.sort(byOrigin),
    withheld,
    notes: policy.notes.filter(({ text }) => text.includes(`${name}=`)),
  };
}
