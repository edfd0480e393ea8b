// How what is known grew: over samples (runs or time slices), with the estimated total, and over time.

import type { Coverage } from '../../profile/coverage.ts';
import { curve, type Point } from './curve.ts';
import { type Html, html } from './html.ts';
import type { Report, Section } from './report.ts';
import { count, duration, number, time } from './text.ts';

/** Points of the curve over time at most: more look the same on it. */
const POINTS = 120;

function bySamples(coverage: Coverage): Html {
  const { curve: found, sample, samples, total, totalInterval, observed } = coverage;
  const unit = sample === 'run' ? 'run' : 'time slice';
  const points = [{ x: 0, y: 0 }, ...found.map(({ samples: x, facts: y }) => ({ x, y }))];
  const label = `Known facts by ${unit}s: ${number(observed)} after ${count(samples, unit)}; the estimated total is ${number(Math.round(total))}`;
  return html`<figure>${curve(points, { label, xText: x => number(Math.round(x)), xTitle: `${unit}s`, total: { value: total, interval: totalInterval } })}
<figcaption>By ${unit}s. When the curve flattens, learning is complete. The estimate says at least ${number(Math.round(total))} facts, with 95 % confidence between ${number(Math.round(totalInterval[0]))} and ${number(Math.round(totalInterval[1]))}.</figcaption></figure>`;
}

/** How many facts were known at each time at which one was new, thinned out. */
function timeline({ profile }: Report): Point[] {
  const times = profile.facts.flatMap(({ evidence }) => evidence.first ?? []).sort((a, b) => a - b);
  const end = Math.max(...profile.runs.flatMap(run => run.end ?? []), times.at(-1) ?? 0);
  const width = times.length / POINTS;
  const points = times
    .map((x, i) => ({ x, y: i + 1 }))
    .filter((_, i) => i === times.length - 1 || Math.floor(i / width) !== Math.floor((i - 1) / width));
  const last = points.at(-1);
  return last === undefined ? [] : [...points, { x: end, y: last.y }];
}

function overTime(report: Report): Html | null {
  const points = timeline(report);
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || first.x === last.x) return null;
  const newest = points.at(-2)?.x ?? first.x;
  const span = last.x - first.x;
  const label = `Known facts over time: ${number(last.y)} from ${time(first.x)} to ${time(last.x)}`;
  return html`<figure>${curve(points, { label, xText: x => (x === first.x ? 'start' : `+ ${duration(x - first.x)}`), xTitle: `since ${time(first.x)}` })}
<figcaption>Over time. The newest fact came ${duration(newest - first.x)} after the start, ${duration(last.x - newest)} before the end of ${duration(span)} of learning.</figcaption></figure>`;
}

function numbers(coverage: Coverage): Html {
  const { samples, sample, observed, once, twice, nextNew } = coverage;
  const unit = sample === 'run' ? 'run' : 'time slice';
  return html`<p>Of ${count(observed, 'fact')} in ${count(samples, unit)}, ${number(once)} ${once === 1 ? 'was' : 'were'} observed in only one and ${number(twice)} in only two. The next ${unit} will probably add ${nextNew < 10 ? nextNew.toFixed(1) : number(Math.round(nextNew))} new ones. No estimate covers what never happened while learning.</p>`;
}

export function discovery(report: Report): Section {
  const { coverage } = report;
  return {
    id: 'discovery',
    title: 'Discovery',
    body: html`${coverage === null ? html`<p>Too few runs or time slices to estimate what is missing. Learn longer, or merge more runs.</p>` : numbers(coverage)}
<div class="figures">${coverage !== null && bySamples(coverage)}${overTime(report)}</div>`,
  };
}
