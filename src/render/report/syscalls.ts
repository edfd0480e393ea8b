// System calls in systemd's own groups, with counts, and which of them were not seen but assumed.

import { FIRST_SETS } from '../../policy/syscall-sets.ts';
import type { Fact } from '../../profile/profile.ts';
import { type Html, html } from './html.ts';
import type { Report, Section } from './report.ts';
import { count, number } from './text.ts';

type SyscallFact = Fact & { kind: 'syscall' };

/** Sets made of other sets say nothing about a single call. */
const SPECIFIC = Object.entries(FIRST_SETS)
  .filter(([, members]) => !members.includes('@'))
  .map(([name]) => name);
const NO_GROUP = 'in no group';

/** A call is listed in the smallest group that holds it. */
function groups(facts: readonly SyscallFact[], sets: Report['sets']): [string, SyscallFact[]][] {
  const bySize = SPECIFIC.map(name => ({ name, members: sets(name) })).sort((a, b) => a.members.size - b.members.size);
  const found = new Map<string, SyscallFact[]>();
  for (const fact of facts) {
    const name = bySize.find(({ members }) => members.has(fact.name))?.name ?? NO_GROUP;
    found.set(name, [...(found.get(name) ?? []), fact]);
  }
  return [...found].sort(([a], [b]) => (a === NO_GROUP ? 1 : b === NO_GROUP ? -1 : a < b ? -1 : 1));
}

function call({ name, abi, assumed, evidence }: SyscallFact): Html {
  const label = abi === undefined ? name : `${name} (${abi})`;
  return html`<li class="call${assumed === true && ' assumed'}" data-find><code>${label}</code> <b>${assumed === true ? 'assumed' : number(evidence.count)}</b></li>`;
}

export function syscalls({ profile, sets, outline: { calls } }: Report): Section {
  const facts = profile.facts
    .filter(fact => fact.kind === 'syscall')
    .sort((a, b) => b.evidence.count - a.evidence.count);
  const assumed = facts.filter(fact => fact.assumed === true);
  return {
    id: 'syscalls',
    title: 'System calls',
    count: number(facts.length),
    body: html`<p>${count(facts.length, 'system call')} observed, each in the smallest systemd group that contains it, with its count.${calls !== null && ` The proposal allows ${number(calls.allowed)} of ${number(calls.known)}: these, the calls that follow from them, and @default.`}${assumed.length > 0 && ` ${count(assumed.length, 'call')} ${assumed.length === 1 ? 'is' : 'are'} assumed and marked: tracing every read and write would slow the service down.`}</p>
<div class="groups">${groups(facts, sets).map(
      ([name, members]) =>
        html`<section class="group"><h3><code>${name}</code>${name !== NO_GROUP && html` <span class="note">${number(members.length)} of ${number(sets(name).size)}</span>`}</h3><ul class="calls">${members.map(call)}</ul></section>`,
    )}</div>`,
  };
}
