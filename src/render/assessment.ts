// What systemd says of a proposal, in a line or two for stderr.

import { printable } from './printable.ts';
import { PLAIN, type Style } from './style.ts';

interface Exposure {
  score: number;
  level: string;
}

/** What `systemd-analyze` said: see systemd/analyze.ts. */
export interface Assessed {
  before: Exposure | null;
  after: Exposure | null;
  problems: readonly { line: number; text: string }[];
}

const level = ({ score, level: word }: Exposure): string => `${score.toFixed(1)} ${word}`;

/** `exposure: 9.6 UNSAFE → 2.4 OK`. */
export const exposureText = ({ before, after }: Assessed): string | null =>
  before === null || after === null ? null : `${level(before)} → ${level(after)}`;

/** `dropin`: the text that was looked at, to quote the lines that systemd does not take. */
export function renderAssessment(assessment: Assessed, dropin: string, style: Style = PLAIN): string {
  const lines = dropin.split('\n');
  const exposure = exposureText(assessment);
  const told = exposure === null ? '' : `exposure (systemd-analyze security): ${style.bold(exposure)}\n`;
  if (assessment.problems.length === 0) return told;
  const problems = assessment.problems.map(
    ({ line, text }) => `  line ${line}: ${printable(text)}\n    ${style.dim(printable(lines[line - 1] ?? ''))}\n`,
  );
  return `${told}${style.red('error: systemd rejects lines of this proposal')}\n${problems.join('')}`;
}
