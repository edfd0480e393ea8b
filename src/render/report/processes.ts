// Which programs ran: who started whom, where their root and first working directory were.

import type { Fact } from '../../profile/profile.ts';
import { type Html, html } from './html.ts';
import type { Report, Section } from './report.ts';
import { number } from './text.ts';

type ProcessFact = Fact & { kind: 'process' };

function place({ root, cwd, evidence }: ProcessFact): Html {
  return html`<li>${root !== undefined && root !== '/' && html`root <code>${root}</code>, `}${cwd === undefined ? 'working directory unknown' : html`in <code>${cwd}</code>`} <span class="note">${number(evidence.count)}×</span></li>`;
}

function branch(
  exe: string,
  facts: readonly ProcessFact[],
  children: ReadonlyMap<string, ReadonlyMap<string, ProcessFact[]>>,
  above: readonly string[],
): Html {
  const below = above.includes(exe) ? [] : [...(children.get(exe) ?? [])];
  return html`<li data-find><code class="exe">${exe}</code>${above.includes(exe) && html` <span class="note">as above</span>`}<ul class="places">${facts.map(place)}</ul>
${below.length > 0 && html`<ul class="processes">${below.map(([child, own]) => branch(child, own, children, [...above, exe]))}</ul>`}</li>`;
}

export function processes({ profile }: Report): Section {
  const facts = profile.facts.filter(fact => fact.kind === 'process');
  const children = new Map<string, Map<string, ProcessFact[]>>();
  for (const fact of facts) {
    const parent = fact.parent ?? '';
    const siblings = children.get(parent) ?? new Map<string, ProcessFact[]>();
    siblings.set(fact.exe, [...(siblings.get(fact.exe) ?? []), fact]);
    children.set(parent, siblings);
  }
  const known = new Set(facts.map(({ exe }) => exe));
  const roots = [...children].filter(([parent]) => !known.has(parent)).flatMap(([, siblings]) => [...siblings]);
  return {
    id: 'processes',
    title: 'Processes',
    count: number(known.size),
    body: html`<p>Which program started which, and its working directory.</p>
<ul class="processes top">${roots.map(([exe, own]) => branch(exe, own, children, []))}</ul>`,
  };
}
