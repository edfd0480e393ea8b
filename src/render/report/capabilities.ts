// Capabilities, and the system calls that needed them; namespaces, memory and the rest that decides about directives.

import { describe } from '../access-text.ts';
import { type Html, html } from './html.ts';
import type { Report, Section } from './report.ts';
import { code, number, programs, table } from './text.ts';

/** Capabilities that the proposal keeps although no observed call needed them for sure. */
function kept({ outline }: Report, observed: ReadonlySet<string>): Html | null {
  const names = outline.capabilities?.kept;
  if (names === undefined) return html`<p>The proposal restricts no capability.</p>`;
  const others = names.filter(name => !observed.has(name));
  return html`<p>The proposal keeps ${number(names.length)} of ${number(outline.capabilities?.known ?? 0)}.${others.length > 0 && ` No observed call shows a need for ${others.join(', ')}: the proposal names the reason.`}</p>`;
}

export function capabilities(report: Report): Section {
  const { profile, outline } = report;
  const facts = profile.facts.filter(fact => fact.kind === 'capability');
  const others = profile.facts.filter(({ kind }) => kind === 'namespace' || kind === 'memory' || kind === 'feature');
  return {
    id: 'capabilities',
    title: 'Capabilities',
    count: number(outline.capabilities?.kept.length ?? new Set(facts.map(({ name }) => name)).size),
    body: html`${kept(report, new Set(facts.map(({ name }) => name)))}${
      facts.length === 0
        ? html`<p>No observed call needed a capability.</p>`
        : table(
            'Capabilities and the calls that needed them',
            [
              { title: 'Capability', kind: 'word' },
              { title: 'Call', kind: 'word' },
              { title: 'For' },
              { title: 'Certain', kind: 'word' },
              { title: 'Times', kind: 'number' },
            ],
            facts.map(({ name, syscall, detail, certain, errno, evidence }) => [
              code(name),
              code(syscall),
              detail ?? '',
              errno === undefined ? (certain ? 'yes' : 'perhaps') : `denied: ${errno}`,
              number(evidence.count),
            ]),
          )
    }
${
  others.length > 0 &&
  table(
    'Other observations that decide directives',
    [{ title: 'Observed' }, { title: 'Times', kind: 'number' }, { title: 'By' }],
    others.map(({ evidence, ...access }) => [code(describe(access)), number(evidence.count), programs(evidence.by)]),
  )
}`,
  };
}
