// What was withheld and what to know, one row a cause: a long list of the same cause is one row that opens.

import type { Note, Policy, Withheld } from '../../policy/policy.ts';
import type { Folded } from '../../profile/patterns.ts';
import { type Html, html } from './html.ts';
import type { Report } from './report.ts';
import { assignment, count, reason } from './text.ts';

/** Entries with the same key, in the order of the first of each. */
function grouped<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known === undefined) groups.set(key(item), [item]);
    else known.push(item);
  }
  return [...groups.values()];
}

/** What forbade it first, or what was said of it. */
const cause = ({ because, evidence: [first] }: Withheld): string =>
  first === undefined ? because : JSON.stringify([first.access, first.origin.line]);

function withheldRow(group: readonly Withheld[]): Html {
  const reasons = [...new Set(group.map(({ because }) => because))];
  const first = group[0]?.evidence[0];
  return html`<li data-find><p>${group.map((one, i) => html`${i > 0 && html`<br>`}<code class="directive">${assignment(one)}</code>`)}</p>
<p>${reasons.join('; ')}${first !== undefined && html`<br>denied: ${reason(first)}`}</p></li>`;
}

export const withheldRows = ({ withheld }: Policy): Html =>
  withheld.length === 0
    ? html`<p>Nothing: no stricter value would deny what was observed.</p>`
    : html`<ul class="rows">${grouped(withheld, cause).map(withheldRow)}</ul>`;

/** Open questions are decided at the top. */
type Shown = Exclude<Note['kind'], 'open'>;
const isShown = (kind: Note['kind']): kind is Shown => kind !== 'open';

const KINDS: Readonly<Record<Shown, { name: string; sum: (n: number) => string }>> = {
  warning: { name: 'Warning', sum: n => count(n, 'warning') },
  assumption: { name: 'Inferred', sum: n => `${count(n, 'access', 'accesses')} allowed on an inference` },
  blind: { name: 'Blind spot', sum: n => `${count(n, 'behaviour')} that strace cannot show completely` },
  folded: { name: 'Folded', sum: n => `${count(n, 'note')} on names that change` },
  version: { name: 'Version', sum: n => `${count(n, 'directive')} that this systemd does not know` },
  hint: { name: 'Hint', sum: n => `${count(n, 'way')} to a stricter sandbox` },
};

function noteRow(kind: Shown, texts: readonly string[], sum: string): Html {
  const [only] = texts;
  const body =
    texts.length === 1
      ? html`<p>${only ?? ''}</p>`
      : html`<details><summary>${sum}</summary><ul class="texts">${texts.map(text => html`<li>${text}</li>`)}</ul></details>`;
  return html`<li data-find><span class="kind ${kind}">${KINDS[kind].name}</span>${body}</li>`;
}

/** How many names the patterns stand for. */
const foldedSum = (folded: readonly Folded[], notes: number): string =>
  folded.length === 0
    ? KINDS.folded.sum(notes)
    : `${count(
        folded.reduce((sum, { names }) => sum + names, 0),
        'name',
      )} that change from run to run, combined in ${count(folded.length, 'pattern')}`;

export function noteRows({ policy, folded }: Report): Html | null {
  const told = policy.notes.flatMap(({ kind, text }) => (isShown(kind) ? [{ kind, text }] : []));
  if (told.length === 0) return null;
  return html`<h3>Notes</h3>
<ul class="rows notes">${grouped(told, ({ kind }) => kind).map(group => {
    const kind = group[0]?.kind ?? 'hint';
    const sum = kind === 'folded' ? foldedSum(folded, group.length) : KINDS[kind].sum(group.length);
    return noteRow(
      kind,
      group.map(({ text }) => text),
      sum,
    );
  })}</ul>`;
}
