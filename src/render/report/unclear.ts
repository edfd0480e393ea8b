// Everything that was not understood or could not be seen, so that nobody takes the report for more than it is; and what it rests on.

import type { Run } from '../../profile/profile.ts';
import { describe } from '../access-text.ts';
import { html } from './html.ts';
import type { Report, Section } from './report.ts';
import { code, count, number, table, time } from './text.ts';

const MODES: Readonly<Record<Run['mode'], string>> = {
  replay: 'a saved log',
  seccomp: 'all but hot calls',
  complete: 'every call',
  records: 'records of single calls',
};

/** Rows shown of each list. */
const SHOWN = 200;

export function unclear({ profile, folded }: Report): Section {
  const { unrecognised, overflow } = profile;
  const blind = profile.facts.filter(({ kind }) => kind === 'blind' || kind === 'unresolved');
  const origin = (trace: string, line: number): string => `${trace}:${line}`;
  const isClear = unrecognised.count + blind.length + overflow.length === 0;
  return {
    id: 'unclear',
    title: 'Not understood',
    count: number(unrecognised.count + blind.length + overflow.length),
    body: html`${isClear && html`<p>Every line was understood, and nothing happened that a trace cannot show.</p>`}
${
  blind.length > 0 &&
  table(
    'Could not be observed',
    [{ title: 'What' }, { title: 'Where' }, { title: 'Times', kind: 'number' }],
    blind
      .slice(0, SHOWN)
      .map(({ evidence, ...access }) => [
        describe(access),
        html`<span class="origin">${origin(evidence.origin.trace, evidence.origin.line)}</span>`,
        number(evidence.count),
      ]),
  )
}
${blind.length > SHOWN && html`<p>and ${number(blind.length - SHOWN)} more</p>`}
${unrecognised.count > 0 && html`<p>${count(unrecognised.count, 'line')} could not be parsed. The first of them:</p>`}
${
  unrecognised.samples.length > 0 &&
  table(
    'Lines that could not be parsed',
    [{ title: 'Where' }, { title: 'Why', kind: 'word' }, { title: 'Line' }],
    unrecognised.samples.map(({ trace, line, text, why }) => [
      html`<span class="origin">${origin(trace, line)}</span>`,
      why,
      code(text),
    ]),
  )
}
${
  overflow.length > 0 &&
  table(
    'Limits that were reached',
    [{ title: 'What' }, { title: 'Names', kind: 'number' }],
    overflow.slice(0, SHOWN).map(({ what, count: times }) => [what, number(times)]),
  )
}
${
  folded.length > 0 &&
  html`<details class="folded"><summary>${count(
    folded.reduce((sum, { names }) => sum + names, 0),
    'name',
  )} combined in ${count(folded.length, 'pattern')}, because they change from run to run</summary>
${table(
  'Patterns',
  [{ title: 'Pattern' }, { title: 'Names', kind: 'number' }, { title: 'Example' }, { title: 'Why', kind: 'word' }],
  folded
    .slice(0, SHOWN)
    .map(({ pattern, names, samples: [first = ''], why }) => [code(pattern), number(names), code(first), why]),
)}
${folded.length > SHOWN && html`<p>and ${number(folded.length - SHOWN)} more</p>`}</details>`
}`,
  };
}

export function runs({ profile }: Report): Section {
  return {
    id: 'runs',
    title: 'Runs',
    count: number(profile.runs.length),
    body: html`${table(
      'Evidence of this report',
      [
        { title: 'Trace' },
        { title: 'Host', kind: 'word' },
        { title: 'From', kind: 'word' },
        { title: 'Lines', kind: 'number' },
        { title: 'Processes', kind: 'number' },
        { title: 'Traced', kind: 'word' },
      ],
      profile.runs
        .slice(0, SHOWN)
        .map(({ trace, host, start, lines, processes, mode, truncated }) => [
          code(trace),
          host ?? '',
          start === undefined ? '' : time(start),
          number(lines),
          number(processes),
          html`${MODES[mode]}${truncated === true && ', cut short'}`,
        ]),
    )}
${profile.runs.length > SHOWN && html`<p>and ${count(profile.runs.length - SHOWN, 'more run')}</p>`}`,
  };
}
