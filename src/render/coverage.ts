// How complete a profile is, in words: the estimate, what it rests on, when the last new fact came, and the discovery curve.
// The numbers are coverage.ts's of the profile; what they mean and when not to trust them stands in docs/coverage.md.

import { assured, type Coverage } from '../profile/coverage.ts';
import { counted, grouped } from './number.ts';
import { sparkline } from './sparkline.ts';

const percent = (share: number, digits = 1): string => {
  // 99.96 % is not 100.0 %: only what is complete says so.
  const text = (share * 100).toFixed(digits);
  return Number(text) === 100 && share < 1 ? `>${(100 - 10 ** -digits).toFixed(digits)}` : text;
};

/** `3 min`, `2 h`, `5 days`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** `coverage 98.7 % ± 0.4`; what is shown where there is little room. */
export function shortCoverage(estimate: Coverage | null): string {
  if (estimate === null) return 'coverage not known yet';
  return `coverage ${percent(estimate.coverage)} % ± ${(estimate.coverageError * 100).toFixed(1)}`;
}

/** When the newest fact came: in its sample, and how long before `now` (Unix seconds) when the trace has time stamps. */
function lastNew({ lastNew: { sample, time }, sample: unit, samples }: Coverage, now?: number): string {
  const where = `${unit === 'run' ? 'run' : 'time slice'} ${sample} of ${samples}`;
  // A time of day only (strace -t) is no date.
  return time === undefined || now === undefined || time < 86_400 ? where : `${duration(now - time)} ago, in ${where}`;
}

const LITTLE = 0.99;

/** Said where the estimate is better than what it rests on. */
function little(estimate: Coverage): string {
  const sure = assured(estimate);
  if (sure >= Math.min(LITTLE, estimate.coverage - estimate.coverageError)) return '';
  const times = `${grouped(estimate.incidences)} sightings`;
  return sure === 0
    ? `too little to rely on: ${times} in all\n`
    : `little to rely on: ${times} in all cannot show more than ${percent(sure)} %\n`;
}

/** Two lines, the estimate and the curve; a third between them where it rests on little. */
export function describeCoverage(estimate: Coverage | null, now?: number): string {
  if (estimate === null) return 'coverage: too few runs or time slices to estimate what is still unseen\n';
  const { observed, total, totalInterval, curve } = estimate;
  const [, upper] = totalInterval;
  const unseen = Math.round(total) - observed;
  const rest =
    unseen <= 0
      ? 'no sign of more'
      : `about ${counted(unseen, 'fact')} unseen (at most ${Math.round(upper) - observed})`;
  return `${shortCoverage(estimate)}: ${counted(observed, 'fact')} seen, ${rest}; the last new one ${lastNew(estimate, now)}
${little(estimate)}discovery ${sparkline(curve.map(({ facts }) => facts))}
`;
}
