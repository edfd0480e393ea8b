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

function one(directive: Directive): Html {
  const { because, wider, evidence } = directive;
  return html`<code class="directive">${assignment(directive)}</code>
<p>${because}${evidence.slice(0, 1).map(first => html`<br>${reason(first)}`)}${wider !== undefined && html`<br><span class="wider">wider than seen: ${wider}</span>`}</p>`;
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
    body: html`<p>For systemd ${systemd}; paths: ${paths.join(' + ')}; system calls: ${syscalls}. Each directive stands with what it was derived from.</p>
<ul class="rows">${grouped(policy.directives).map(group)}</ul>
<details class="dropin"><summary>The drop-in, to install</summary>
<button type="button" id="copy" hidden>Copy</button>
<pre id="dropin" tabindex="0">${dropin.split('\n').map(
      line => html`${line}
`,
    )}</pre></details>`,
  };
}
