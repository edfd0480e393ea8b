// The first thing a reader sees: what the proposal would allow, how sure that is, and what has to be decided by hand.

import type { Policy } from '../../policy/policy.ts';
import type { Completeness } from '../../policy/propose/completeness.ts';
import { describe } from '../dropin.ts';
import { incompleteText } from '../incomplete.ts';
import { type Html, html, type Part } from './html.ts';
import type { Report, Section } from './report.ts';
import { assignment, count, duration, number, reason, time } from './text.ts';

/** Linux 6.12 has 41 capabilities: capabilities(7). */
const CAPABILITIES = 41;
const WORST_EXPOSURE = 10;

const valuesOf = ({ directives }: Policy, ...names: string[]): string[] =>
  directives.filter(({ name }) => names.includes(name)).map(({ value }) => value);

const wordsOf = (values: readonly string[]): string[] =>
  values.flatMap(value => value.split(' ')).filter(word => word !== '');

function listed(parts: readonly Part[]): Html {
  return html`${parts.map((part, i) => html`${i > 0 && (i === parts.length - 1 ? ' and ' : ', ')}${part}`)}`;
}

/** Directives that make all the rest read-only. */
const READ_ONLY: ReadonlySet<string> = new Set(['ProtectSystem', 'TemporaryFileSystem', 'ReadOnlyPaths']);

/** One sentence: what is left when the proposal is in force. */
function sentence({ policy, title, sets }: Report): Html {
  const isReadOnly = policy.directives.some(({ name }) => READ_ONLY.has(name));
  const writable = valuesOf(policy, 'ReadWritePaths', 'BindPaths').filter(value => value !== '').length;
  const filters = valuesOf(policy, 'SystemCallFilter').filter(value => !value.startsWith('~'));
  const calls = new Set(wordsOf(filters).flatMap(word => (word.startsWith('@') ? [...sets(word)] : [word]))).size;
  const hasFilter = policy.directives.some(({ name }) => name === 'SystemCallFilter');
  const hasBound = policy.directives.some(({ name }) => name === 'CapabilityBoundingSet');
  const capabilities = wordsOf(valuesOf(policy, 'CapabilityBoundingSet')).length;
  const families = wordsOf(valuesOf(policy, 'RestrictAddressFamilies')).filter(word => word !== 'none').length;
  const parts = [
    isReadOnly &&
      (writable === 0 ? 'write to no place on the disk' : html`write in <b>${count(writable, 'place')}</b>`),
    hasFilter && html`make <b>${count(calls, 'system call')}</b> beside the basic ones`,
    hasBound &&
      (capabilities === 0
        ? 'use no capability'
        : html`use <b>${number(capabilities)} of ${CAPABILITIES} capabilities</b>`),
    families > 0 && html`open <b>${count(families, 'kind')}</b> of socket`,
  ].filter(part => part !== false);
  const unrestricted = !isReadOnly && html` Writing is not restricted.`;
  if (parts.length === 0)
    return html`<p class="lead">This proposal hardly restricts <b>${title}</b>.${unrestricted}</p>`;
  return html`<p class="lead">With this proposal, <b>${title}</b> can ${listed(parts)}, and no others.${unrestricted}</p>`;
}

const tile = (title: string, value: Part, note: Part): Html =>
  html`<div class="tile"><h3>${title}</h3><p class="value">${value}</p><p class="note">${note}</p></div>`;

function exposureTile({ exposure }: Report): Html {
  if (exposure === null)
    return tile('Exposure', 'not asked', 'systemd-analyze is not there, or the report is for another host');
  const { before, after } = exposure;
  const width = (level: number): string => `${(level / WORST_EXPOSURE) * 100}%`;
  const bars = html`<svg class="bars" width="100%" height="14" aria-hidden="true">
<rect class="scale" width="100%" height="6" y="4" rx="3"/>${before !== null && html`<rect class="before" width="${width(before)}" height="6" y="4" rx="3"/>`}
<rect class="after" width="${width(after)}" height="6" y="4" rx="3"/></svg>`;
  const value =
    before === null ? after.toFixed(1) : html`${before.toFixed(1)} <span class="arrow">→</span> ${after.toFixed(1)}`;
  return tile('Exposure', value, html`${bars}of 10, as systemd-analyze security counts; less is better`);
}

function completenessTile({ quiet, leftOut, situations }: Completeness): Html {
  const lately = quiet === null ? '' : `nothing new for ${duration(quiet.seconds)} of ${duration(quiet.observed)}`;
  const unseen = situations.length === 0 ? '' : `not observed: ${situations.join(', ')}`;
  if (leftOut === null)
    return tile(
      'Leave-one-out',
      'cannot be told',
      sentences('too little was observed to leave any of it out', lately, unseen),
    );
  const { denied, cases, sample, accesses } = leftOut;
  const [first] = accesses;
  return tile(
    'Leave-one-out',
    html`${denied} <small>of ${cases}</small>`,
    sentences(
      `${sample === 'run' ? 'runs' : 'spans of time'} would have been denied something by a proposal made of the others`,
      first === undefined ? '' : `such as ${describe(first.access)}`,
      lately,
      unseen,
    ),
  );
}

const sentences = (...parts: string[]): string => parts.filter(part => part !== '').join('; ');

function doubtTile({ profile }: Report): Html {
  const of = (kind: string): number => profile.facts.filter(fact => fact.kind === kind).length;
  const blind = of('blind');
  const unresolved = of('unresolved');
  const lines = profile.unrecognised.count;
  const sum = blind + unresolved + lines + profile.overflow.length;
  const parts = [
    lines > 0 && count(lines, 'line'),
    blind > 0 && count(blind, 'blind spot'),
    unresolved > 0 && count(unresolved, 'unresolved path'),
    profile.overflow.length > 0 && count(profile.overflow.length, 'bound reached', 'bounds reached'),
  ].filter(part => part !== false);
  return tile(
    'Not understood',
    sum === 0 ? 'nothing' : number(sum),
    sum === 0 ? 'every line of the logs was read' : html`<a href="#unclear">${parts.join(', ')}</a>`,
  );
}

function checkTile({ check }: Report): Html | null {
  if (check === null) return null;
  const { violations, unused } = check.findings;
  return tile(
    'The unit today',
    violations.length === 0 ? 'fits' : count(violations.length, 'violation'),
    html`<a href="#check">${violations.length === 0 ? `nothing that was seen is denied by ${check.unit}` : `seen, but denied by ${check.unit}`}; ${count(unused.length, 'unused rule')}</a>`,
  );
}

function withheld({ policy }: Report): Html {
  if (policy.withheld.length === 0) return html`<p>Nothing: no stricter value was forbidden by what was seen.</p>`;
  return html`<ul class="rows">${policy.withheld.map(
    ({ name, value, because, evidence: [first] }) =>
      html`<li data-find><code class="directive">${assignment({ name, value })}</code><p>${because}${first !== undefined && html`<br>forbidden by ${reason(first)}`}</p></li>`,
  )}</ul>`;
}

const KINDS: Readonly<Record<Policy['notes'][number]['kind'], string>> = {
  warning: 'Warning',
  open: 'To decide',
  assumption: 'Assumed',
  blind: 'Blind spot',
  folded: 'Folded',
  version: 'Version',
  hint: 'Hint',
};

function notes({ policy }: Report): Html | null {
  if (policy.notes.length === 0) return null;
  return html`<h3>To know before you install it</h3>
<ul class="rows notes">${policy.notes.map(
    ({ kind, text }) => html`<li data-find><span class="kind ${kind}">${KINDS[kind]}</span><p>${text}</p></li>`,
  )}</ul>`;
}

/** `8,860 lines of 1 run, 11 processes, 2026-11-24 20:31:52 to 20:31:53 (0.9 s)`. */
export function scope({ profile: { runs } }: Report): Html {
  const sum = (of: (run: (typeof runs)[number]) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const starts = runs.flatMap(({ start }) => start ?? []);
  const ends = runs.flatMap(({ end }) => end ?? []);
  const hosts = new Set(runs.flatMap(({ host }) => host ?? []));
  const span =
    starts.length === 0 || ends.length === 0
      ? ''
      : `, ${time(Math.min(...starts))} to ${time(Math.max(...ends))} (${duration(Math.max(...ends) - Math.min(...starts))})`;
  const where = hosts.size === 0 ? '' : ` on ${count(hosts.size, 'host')}`;
  return html`${count(
    sum(run => run.lines),
    'line',
  )} of ${count(runs.length, 'run')}${where}, ${count(
    sum(run => run.processes),
    'process',
    'processes',
  )}${span}`;
}

export function verdict(report: Report): Section {
  const doubt = incompleteText(report.policy.incomplete);
  return {
    id: 'verdict',
    title: 'Verdict',
    body: html`${doubt !== null && html`<p class="doubt">${doubt}. What rests on it is withheld.</p>`}
${sentence(report)}
<div class="tiles">${[exposureTile(report), completenessTile(report.completeness), doubtTile(report), checkTile(report)]}</div>
<h3>Withheld: stricter, but it would break what was seen</h3>
${withheld(report)}
${notes(report)}`,
  };
}
