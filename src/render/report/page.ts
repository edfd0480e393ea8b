// The whole page: its sections in their order.

import { capabilities } from './capabilities.ts';
import { check } from './check.ts';
import { discovery } from './discovery.ts';
import { document, html } from './html.ts';
import { network } from './network.ts';
import { pathsOf, USES } from './paths.ts';
import { processes } from './processes.ts';
import { proposal } from './proposal.ts';
import type { Report, Section } from './report.ts';
import { STYLE } from './style.ts';
import { syscalls } from './syscalls.ts';
import { count, number } from './text.ts';
import { renderPathTree } from './tree.ts';
import { runs, unclear } from './unclear.ts';
import { scope, verdict } from './verdict.ts';

/** Places named in a sentence. */
const NAMED = 6;
const listed = (places: readonly string[]): string =>
  `${places.slice(0, NAMED).join(', ')}${places.length > NAMED ? ', …' : ''}`;

function paths(report: Report): Section {
  const { writable } = report.outline;
  const root = pathsOf(report);
  const known = new Set(report.profile.facts.flatMap(fact => (fact.kind === 'path' ? [fact.path] : [])));
  return {
    id: 'paths',
    title: 'Paths',
    count: number(known.size),
    body: html`<p>Every path that the service used or looked up${writable !== null && `; it can write in ${count(writable.length, 'place')}: ${listed(writable)}`}. Open one to see when, by which program, and which rule decides it.</p>
${renderPathTree(root)}
<ul class="tree flat" id="results" hidden></ul><p id="nothing" hidden>No path matches.</p>`,
  };
}

const SEARCH = html`<form id="search" role="search" hidden>
<label for="query">Search</label><input type="search" id="query" autocomplete="off" spellcheck="false" placeholder="path, call, program, rule …">
<div role="group" aria-label="Show only paths with this use">${USES.map(use => html`<button type="button" class="use ${use}" data-use="${use}" aria-pressed="false">${use}</button>`)}</div>
<output id="answer" for="query"></output></form>`;

/** `script` is the compiled browser/page.ts. */
export function renderReport(report: Report, script: string): string {
  const sections = [
    verdict(report),
    proposal(report),
    check(report),
    paths(report),
    discovery(report),
    syscalls(report),
    processes(report),
    network(report),
    capabilities(report),
    unclear(report),
    runs(report),
  ].filter(section => section !== null);
  const body = html`<a class="skip" href="#verdict">To the verdict</a>
<header><p class="brand">allowtrace report</p><h1>${report.title}</h1><p class="scope">${scope(report)}</p></header>
<div class="columns">
<nav aria-label="Sections"><ul>${sections.map(({ id, title, count }) => html`<li><a href="#${id}">${title}${count !== undefined && html` <span class="count">${count}</span>`}</a></li>`)}</ul></nav>
<main>
${SEARCH}
${sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}</main>
</div>`;
  return document({ title: `${report.title}: what it does`, style: STYLE, script }, body);
}
