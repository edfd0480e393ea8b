// How time and memory follow what grows → one drawing of small charts, in colours for a light and a dark page.

/** One measured size. */
export interface Point {
  size: number;
  seconds: number;
  megabytes: number;
}

export interface Curve {
  what: string;
  /** Of the sizes. */
  unit: string;
  points: readonly Point[];
}

const WIDTH = 220;
const HEIGHT = 120;
const LEFT = 56;
const TOP = 44;
const GAP = { across: 74, down: 56 } as const;

const STYLE = `text { font: 12px system-ui, sans-serif; fill: #444 } .title { font-weight: 600 } .axis { stroke: #999 }
.even { stroke: #999; stroke-dasharray: 4 4; fill: none } .time { stroke: #0b6bcb; fill: none } .memory { stroke: #b3541e; fill: none }
polyline { stroke-width: 2 } circle.time { fill: #0b6bcb } circle.memory { fill: #b3541e }
@media (prefers-color-scheme: dark) { text { fill: #ccc } .time { stroke: #6cb6ff } .memory { stroke: #f0883e } circle.time { fill: #6cb6ff } circle.memory { fill: #f0883e } }`;

const short = (value: number): string =>
  value >= 1e6 ? `${value / 1e6} M` : value >= 1e4 ? `${Math.round(value / 1e3)} k` : value.toLocaleString('en');

/** The least of 1, 2 and 5 with any zeros that is not less. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-3)));
  return power * ([1, 2, 5, 10].find(step => step * power >= value) ?? 10);
}

function chart(
  x: number,
  y: number,
  title: string,
  of: 'time' | 'memory',
  unit: string,
  values: readonly (readonly [size: number, value: number])[],
): string {
  const [right = 1, last = 0] = values.at(-1) ?? [];
  const top = ceiling(Math.max(0, ...values.map(([, value]) => value)));
  const at = ([size, value]: readonly [number, number]): [number, number] => [
    Math.round(x + (size / right) * WIDTH),
    Math.round(y + HEIGHT - (value / top) * HEIGHT),
  ];
  const even = [at([0, 0]), at([right, last])].map(point => point.join()).join(' ');
  const [bottom, end] = [y + HEIGHT, x + WIDTH];
  return `<text class="title" x="${x}" y="${y - 14}">${title}</text>
<path class="axis" fill="none" d="M${x} ${y}V${bottom}H${end}"/>
<text text-anchor="end" x="${x - 6}" y="${y + 9}">${top} ${of === 'time' ? 's' : 'MB'}</text><text text-anchor="end" x="${x - 6}" y="${bottom}">0</text>
<text text-anchor="end" x="${end}" y="${bottom + 16}">${short(right)} ${unit}</text>
${of === 'time' ? `<polyline class="even" points="${even}"/>\n` : ''}<polyline class="${of}" points="${values.map(value => at(value).join()).join(' ')}"/>
${values.map(value => `<circle class="${of}" r="3" cx="${at(value)[0]}" cy="${at(value)[1]}"/>`).join('')}`;
}

/** An SVG; time stands above memory, and a dashed line is what would be in proportion. */
export function drawing(curves: readonly Curve[]): string {
  const charts = curves.flatMap(({ what, unit, points }, column) => {
    const x = LEFT + column * (WIDTH + GAP.across);
    const second = TOP + HEIGHT + GAP.down;
    return [
      chart(
        x,
        TOP,
        `${what}: time`,
        'time',
        unit,
        points.map(({ size, seconds }) => [size, seconds]),
      ),
      chart(
        x,
        second,
        'memory',
        'memory',
        unit,
        points.map(({ size, megabytes }) => [size, megabytes]),
      ),
    ];
  });
  const width = LEFT + curves.length * (WIDTH + GAP.across);
  const height = TOP + 2 * HEIGHT + GAP.down + 28;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<style>${STYLE}</style>
${charts.join('\n')}
</svg>
`;
}
