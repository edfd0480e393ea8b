// How complete a profile is, in plain statements: what is new lately, what leaving a part out would have denied, what was not observed.

import type { Completeness } from '../policy/propose/completeness.ts';
import type { LeftOut } from '../policy/propose/leave-one-out.ts';
import { describe } from './access-text.ts';
import { duration } from './coverage.ts';
import { printable } from './printable.ts';

const PARTS: Readonly<Record<LeftOut['sample'], string>> = { run: 'runs', span: 'spans of time' };

/** `in 2 of 14 cases: create /x, mkdir and 3 more`. */
function leftOutText({ sample, cases, denied, accesses, total }: LeftOut): string {
  const asked = `learned from all ${PARTS[sample]} but one, the one left out would have been denied something in`;
  if (denied === 0) return `${asked} none of ${cases} cases`;
  const shown = accesses.map(({ access }) => printable(describe(access))).join(', ');
  const more = total > accesses.length ? ` and ${total - accesses.length} more` : '';
  return `${asked} ${denied} of ${cases} cases: ${shown}${more}`;
}

/** A few lines. */
export function completenessText({ quiet, leftOut, situations }: Completeness): string {
  const lines = [
    quiet === null ? '' : `nothing new for ${duration(quiet.seconds)}; observed for ${duration(quiet.observed)}`,
    leftOut === null
      ? 'leave-one-out: too little was observed to leave any of it out'
      : `leave-one-out: ${leftOutText(leftOut)}`,
    situations.length === 0 ? '' : `not observed: ${situations.join(', ')}`,
  ];
  return `${lines.filter(line => line !== '').join('\n')}\n`;
}
