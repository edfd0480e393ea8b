// A discovery curve as a small SVG: known facts over samples or time, as steps, with the estimated total as a dashed line in its
// confidence band. Classes, not colours: the style sheet colours it for light and dark.

import { type Html, html } from './html.ts';
import { number } from './text.ts';

export interface Point {
  x: number;
  y: number;
}

export interface CurveOptions {
  /** What the curve shows, for those who do not see it. */
  label: string;
  /** How positions on the x axis are written. */
  xText: (x: number) => string;
  xTitle: string;
  total?: { value: number; interval: readonly [number, number] };
}

const WIDTH = 400;
const HEIGHT = 236;
const LEFT = 44;
const RIGHT = 14;
const TOP = 16;
const BOTTOM = 40;
/** The estimate may lie far above what is known: beyond this multiple it is only told. */
const HEADROOM = 1.7;

/** 1, 2, 2.5 or 5 times a power of ten, so that about four steps fit. */
function step(range: number): number {
  const rough = range / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 2.5, 5, 10].find(factor => factor * power >= rough) ?? 10) * power;
}

/** At least two points, ascending in x. */
export function curve(points: readonly Point[], { label, xText, xTitle, total }: CurveOptions): Html {
  const first = points[0]?.x ?? 0;
  const last = points.at(-1)?.x ?? 1;
  const known = points.at(-1)?.y ?? 0;
  const wanted = Math.max(known, total?.value ?? 0, Math.min(total?.interval[1] ?? 0, known * HEADROOM));
  const high = Math.max(1, Math.min(wanted * 1.06, known * HEADROOM));
  const x = (value: number): number => round(LEFT + ((value - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT));
  const y = (value: number): number =>
    round(HEIGHT - BOTTOM - (Math.min(value, high) / high) * (HEIGHT - TOP - BOTTOM));
  const line = points
    .map((point, i) => `${i === 0 ? 'M' : 'H'}${x(point.x)}${i === 0 ? ' ' : 'V'}${y(point.y)}`)
    .join('');
  const area = `${line}V${y(0)}H${x(first)}Z`;
  const spacing = Math.max(1, Math.floor(step(high)));
  const ticks = Array.from({ length: Math.floor(high / spacing) + 1 }, (_, i) => i * spacing);
  const ends = [first, (first + last) / 2, last];
  const fits = total !== undefined && total.value <= high;
  return html`<svg class="curve" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${ticks.map(tick => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick end" x="${LEFT - 8}" y="${y(tick) + 4}">${number(tick)}</text>`)}
${fits && total.interval[1] > total.interval[0] && html`<rect class="band" x="${LEFT}" width="${WIDTH - LEFT - RIGHT}" y="${y(total.interval[1])}" height="${round(y(total.interval[0]) - y(total.interval[1]))}"/>`}
<path class="area" d="${area}"/><path class="line" d="${line}"/>
${fits && html`<line class="total" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(total.value)}" y2="${y(total.value)}"/><text class="label" x="${LEFT + 6}" y="${y(total.value) - 5}">estimated total ${number(Math.round(total.value))}</text>`}
<circle class="end" cx="${x(last)}" cy="${y(known)}" r="3.5"/><text class="label end strong" x="${WIDTH - RIGHT - 8}" y="${y(known) + 18}">${number(known)} known</text>
${ends.map((at, i) => html`<text class="tick ${i === 0 ? 'start' : i === 1 ? 'middle' : 'end'}" x="${x(at)}" y="${HEIGHT - BOTTOM + 17}">${xText(at)}</text>`)}
<text class="tick middle" x="${LEFT + (WIDTH - LEFT - RIGHT) / 2}" y="${HEIGHT - 5}">${xTitle}</text>
</svg>`;
}

const round = (n: number): number => Math.round(n * 10) / 10;
