// Capabilities, and the system calls that needed them; namespaces, memory and the rest that decides about directives.

import { describe } from '../dropin.ts';
import { html } from './html.ts';
import type { Report, Section } from './report.ts';
import { code, number, programs, table } from './text.ts';

export function capabilities({ profile }: Report): Section {
  const facts = profile.facts.filter(fact => fact.kind === 'capability');
  const others = profile.facts.filter(({ kind }) => kind === 'namespace' || kind === 'memory' || kind === 'feature');
  return {
    id: 'capabilities',
    title: 'Capabilities',
    count: number(new Set(facts.map(({ name }) => name)).size),
    body: html`${
      facts.length === 0
        ? html`<p>No call needed a capability.</p>`
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
              errno === undefined ? (certain ? 'yes' : 'perhaps') : `refused: ${errno}`,
              number(evidence.count),
            ]),
          )
    }
${
  others.length > 0 &&
  table(
    'Other things that decide about directives',
    [{ title: 'Seen' }, { title: 'Times', kind: 'number' }, { title: 'By' }],
    others.map(({ evidence, ...access }) => [code(describe(access)), number(evidence.count), programs(evidence.by)]),
  )
}`,
  };
}
