// The first thing a reader sees: what to do now, what the proposal would allow, how complete the evidence is, and what was withheld.

import type { Completeness } from '../../policy/propose/completeness.ts';
import { describe } from '../access-text.ts';
import { incompleteText } from '../incomplete.ts';
import { adviceBox } from './advice.ts';
import { type Html, html, type Part } from './html.ts';
import type { Report, Section } from './report.ts';
import { count, duration, number, time } from './text.ts';
import { noteRows, withheldRows } from './withheld.ts';

const WORST_EXPOSURE = 10;

const listed = (parts: readonly Part[]): Html =>
  html`${parts.map((part, i) => html`${i > 0 && (i === parts.length - 1 ? ' and ' : ', ')}${part}`)}`;

/** What the sandbox leaves of each kind, null where it restricts nothing, and what to call the kind. */
function limits({ outline, profile }: Report): { kind: string; left: Part | null }[] {
  const { writable, calls, capabilities, families } = outline;
  const observed = profile.facts.filter(({ kind }) => kind === 'syscall').length;
  return [
    {
      kind: 'where it writes',
      left:
        writable === null
          ? null
          : writable.length === 0
            ? 'write nowhere on the disk'
            : html`write in <b>${count(writable.length, 'place')}</b>`,
    },
    {
      kind: 'system calls',
      left:
        calls === null
          ? null
          : html`make <b>${number(calls.allowed)} of ${number(calls.known)} system calls</b> (${number(observed)} observed)`,
    },
    {
      kind: 'capabilities',
      left:
        capabilities === null
          ? null
          : capabilities.kept.length === 0
            ? 'use no capability'
            : html`use <b>${number(capabilities.kept.length)} of ${number(capabilities.known)} capabilities</b>`,
    },
    {
      kind: 'kinds of sockets',
      left:
        families === null
          ? null
          : families.length === 0
            ? 'open no socket'
            : html`open sockets of <b>${count(families.length, 'address family', 'address families')}</b>`,
    },
  ];
}

/** What the service can do when the proposal is in force, and what stays unrestricted. */
function sentence(report: Report): Html {
  const all = limits(report);
  const left = all.flatMap(one => one.left ?? []);
  const free = all.filter(one => one.left === null).map(({ kind }) => kind);
  if (left.length === 0)
    return html`<p class="lead">The proposal restricts none of these for <b>${report.title}</b>: ${listed(free)}.</p>`;
  const unrestricted = free.length > 0 && html` Not restricted: ${listed(free)}.`;
  return html`<p class="lead">With the proposal, <b>${report.title}</b> can ${listed(left)}.${unrestricted}</p>`;
}

const tile = (title: string, value: Part, note: Part): Html =>
  html`<div class="tile"><h3>${title}</h3><p class="value">${value}</p><p class="note">${note}</p></div>`;

function exposureTile({ exposure }: Report): Html {
  if (exposure === null)
    return tile('Exposure', 'not measured', 'systemd-analyze is missing, or the report is for another host');
  const { before, after } = exposure;
  const width = (level: number): string => `${(level / WORST_EXPOSURE) * 100}%`;
  const bars = html`<svg class="bars" width="100%" height="14" aria-hidden="true">
<rect class="scale" width="100%" height="6" y="4" rx="3"/>${before !== null && html`<rect class="before" width="${width(before)}" height="6" y="4" rx="3"/>`}
<rect class="after" width="${width(after)}" height="6" y="4" rx="3"/></svg>`;
  const value =
    before === null ? after.toFixed(1) : html`${before.toFixed(1)} <span class="arrow">→</span> ${after.toFixed(1)}`;
  return tile('Exposure', value, html`${bars}out of 10 by systemd-analyze security; lower is better`);
}

function completenessTile({ quiet, leftOut, situations }: Completeness): Html {
  const lately = quiet === null ? '' : `nothing new for ${duration(quiet.seconds)} of ${duration(quiet.observed)}`;
  const unseen = situations.length === 0 ? '' : `not observed: ${situations.join(', ')}`;
  if (leftOut === null)
    return tile('Leave-one-out', 'unknown', sentences('too little was observed to leave a part out', lately, unseen));
  const { denied, cases, sample, accesses } = leftOut;
  const [first] = accesses;
  return tile(
    'Leave-one-out',
    html`${denied} <small>of ${cases}</small>`,
    sentences(
      `${sample === 'run' ? 'runs' : 'time spans'} would have been denied something by a proposal from the others`,
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
    profile.overflow.length > 0 && count(profile.overflow.length, 'limit reached', 'limits reached'),
  ].filter(part => part !== false);
  return tile(
    'Not understood',
    sum === 0 ? 'nothing' : number(sum),
    sum === 0 ? 'every line of the logs was understood' : html`<a href="#unclear">${parts.join(', ')}</a>`,
  );
}

function checkTile({ check }: Report): Html | null {
  if (check === null) return null;
  const { violations, unused } = check.findings;
  return tile(
    'Unit in force',
    violations.length === 0 ? 'fits' : count(violations.length, 'violation'),
    html`<a href="#check">${violations.length === 0 ? `${check.unit} allows everything observed` : `${check.unit} denies observed accesses`}; ${count(unused.length, 'unused rule')}</a>`,
  );
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
${adviceBox(report)}
${sentence(report)}
<div class="tiles">${[exposureTile(report), completenessTile(report.completeness), doubtTile(report), checkTile(report)]}</div>
<h3>Withheld: stricter values that would deny observed accesses</h3>
${withheldRows(report.policy)}
${noteRows(report)}`,
  };
}
