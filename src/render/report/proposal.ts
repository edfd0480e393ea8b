// The proposal, directive by directive with its reasons, and as the text to install.

import type { Directive } from '../../policy/policy.ts';
import { type Html, html } from './html.ts';
import type { Report, Section } from './report.ts';
import { assignment, count, reason } from './text.ts';

/** Longer lists of one directive are folded. */
const LISTED = 8;

/** Consecutive directives of one name are read as one list. */
function grouped(directives: readonly Directive[]): Directive[][] {
  const groups: Directive[][] = [];
  for (const directive of directives) {
    const last = groups.at(-1);
    if (last?.[0]?.name === directive.name) last.push(directive);
    else groups.push([directive]);
  }
  return groups;
}

/** Longer values open on demand. */
const SHORT = 160;

function value(directive: Directive): Html {
  const words = directive.value.split(' ');
  if (directive.value.length <= SHORT || words.length < 2)
    return html`<code class="directive">${assignment(directive)}</code>`;
  return html`<details><summary><code class="directive">${directive.name}=</code> <span class="note">${count(words.length, 'word')}</span></summary><code>${directive.value}</code></details>`;
}

function one(directive: Directive): Html {
  const { because, wider, evidence } = directive;
  return html`<div>${value(directive)}</div>
<p>${because}${evidence.slice(0, 1).map(first => html`<br>${reason(first)}`)}${wider !== undefined && html`<br><span class="wider">broader than observed: ${wider}</span>`}</p>`;
}

function group(directives: readonly Directive[]): Html {
  const [first] = directives;
  if (directives.length <= LISTED || first === undefined)
    return html`${directives.map(directive => html`<li data-find>${one(directive)}</li>`)}`;
  return html`<li data-find><details><summary><code class="directive">${first.name}=</code> <span class="note">${count(directives.length, 'value')}</span></summary>
<ul class="rows">${directives.map(directive => html`<li>${one(directive)}</li>`)}</ul></details></li>`;
}

export function proposal({ policy, dropin }: Report): Section {
  const { systemd, paths, syscalls } = policy.target;
  return {
    id: 'proposal',
    title: 'Proposal',
    count: String(policy.directives.length),
    body: html`<p>For systemd ${systemd}; paths: ${paths.join(' + ')}; system calls: ${syscalls}. Each directive is shown with its reason and its first evidence.</p>
<ul class="rows">${grouped(policy.directives).map(group)}</ul>
<details class="dropin"><summary>The drop-in</summary>
<button type="button" id="copy" hidden>Copy</button>
<pre id="dropin" tabindex="0">${dropin.split('\n').map(
      line => html`${line}
`,
    )}</pre></details>`,
  };
}
