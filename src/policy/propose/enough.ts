// Whether enough was observed for a proposal to be put in force, not only to be read. Pure.

import { GAPS, gapsIn } from '../../profile/gaps.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Policy } from '../policy.ts';
import type { LeftOut } from './leave-one-out.ts';
import { BOOT_UNSEEN } from './paths/boot-start.ts';

/** More lines that were not understood than this share, and nothing is sure. */
const UNREAD_AT_MOST = 0.01;

/** Nor where more than this share of the parts would have been denied something by the others. */
const DENIED_AT_MOST = 0.5;

/** What is missing, in one sentence; null: nothing. */
export function notEnough(profile: Profile, { withheld }: Policy, leftOut: LeftOut | null): string | null {
  const [gap] = gapsIn(profile);
  if (gap !== undefined) return GAPS[gap];
  const boot = withheld.find(({ because }) => because.startsWith(BOOT_UNSEEN));
  if (boot !== undefined) return boot.because;
  const lines = profile.runs.reduce((sum, run) => sum + run.lines, 0);
  const { count } = profile.unrecognised;
  if (count > lines * UNREAD_AT_MOST) return `${count} of ${lines} lines were not understood (more than 1 %)`;
  if (leftOut !== null && leftOut.denied > leftOut.cases * DENIED_AT_MOST)
    return `with one part left out, the proposal would have denied it something in ${leftOut.denied} of ${leftOut.cases} cases (more than half)`;
  return null;
}
