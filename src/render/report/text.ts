// Numbers, times and small pieces of markup as the report writes them.

import type { Directive, Reason } from '../../policy/policy.ts';
import { describe, sourceText } from '../access-text.ts';
import { dateTime } from '../date-time.ts';
import { type Html, html, type Part } from './html.ts';

export const number = (n: number): string => n.toLocaleString('en');

export const count = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;

/** Moments, as everywhere. */
export const time = dateTime;

const DAY = 86_400;

/** `3.2 s`, `12 min`, `4 h`, `3 days`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 2 * DAY ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / DAY)} days`;
}

export const code = (text: string): Html => html`<code>${text}</code>`;

export const assignment = ({ name, value }: Pick<Directive, 'name' | 'value'>): string => `${name}=${value}`;

/** `create /run/smtpd.pid`, and where it was seen. */
export function reason({ access, origin, count: times }: Reason): Html {
  return html`${code(describe(access))} <span class="origin">${sourceText(origin)}${times > 1 ? `, ${number(times)}×` : ''}</span>`;
}

export interface Column {
  title: string;
  /** Numbers stand at the right; words are not broken. */
  kind?: 'number' | 'word';
}

/** A table whose rows can be searched. Each row: its cells. */
export function table(caption: Part, columns: readonly Column[], rows: readonly (readonly Part[])[]): Html {
  const kind = (i: number): string => columns[i]?.kind ?? 'text';
  return html`<table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title }, i) => html`<th scope="col" class="${kind(i)}">${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    cells => html`
<tr data-find>${cells.map((cell, i) => html`<td class="${kind(i)}" data-label="${columns[i]?.title ?? ''}">${cell}</td>`)}</tr>`,
  )}
</tbody></table>`;
}

export const programs = (by: readonly string[]): Html =>
  html`${by.map((exe, i) => html`${i > 0 && ', '}<code>${exe}</code>`)}`;
