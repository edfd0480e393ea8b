// Every service of a host at a glance, as one HTML page without a script.

import { type Audit, auditNotes, auditRow } from './audit.ts';
import { document, type Html, html } from './report/html.ts';
import { STYLE } from './report/style.ts';

const TABLE = `${STYLE}
.audit { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
.audit th, .audit td { text-align: left; padding: 0.35rem 0.8rem 0.35rem 0; border-bottom: 1px solid var(--line); }
.audit th[scope=row] { font-weight: 500; font-family: var(--mono); font-size: 0.86em; }
.audit .stopped { color: var(--soft); }
.audit .finding { color: var(--danger); font-weight: 620; }
.wide { overflow-x: auto; }
`;

export function auditPage(audit: Audit): string {
  const rows = audit.units.map(unit => {
    const { name, exposure, sandbox, learned, sure, drift, denied } = auditRow(unit);
    const mark = (count: number | null, text: string): Html =>
      count !== null && count > 0 ? html`<td class="finding">${text}</td>` : html`<td>${text}</td>`;
    return html`<tr class="${unit.active === 'active' ? 'running' : 'stopped'}"><th scope="row">${name}</th><td>${exposure}</td><td>${sandbox}</td><td>${learned}</td><td>${sure}</td>${mark(unit.drift, drift)}${mark(unit.denials, denied)}</tr>
`;
  });
  const body = html`<header><p class="brand">allowtrace audit</p><h1>${audit.host}</h1><p class="scope">${audit.units.length} services of systemd ${audit.systemd}</p></header>
<main>
<div class="wide" role="region" aria-label="Services" tabindex="0">
<table class="audit">
<thead><tr><th scope="col">Unit</th><th scope="col">Exposure</th><th scope="col">Sandbox</th><th scope="col">Learned</th><th scope="col">Sure</th><th scope="col">Drift</th><th scope="col">Denied</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
</div>
${auditNotes(audit).map(note => html`<p>${note}</p>`)}
</main>`;
  return document({ title: `${audit.host}: its services`, style: TABLE }, body);
}
