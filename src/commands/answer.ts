// The answer to one question about a proposal, for `explain` and for --explain.

import { UsageError } from '../errors.ts';
import { explain } from '../policy/explain/explain.ts';
import type { Policy } from '../policy/policy.ts';
import type { Target } from '../policy/propose/target.ts';
import type { Profile } from '../profile/profile.ts';
import { renderExplanation } from '../render/explanation.ts';
import { styleFor } from '../render/style.ts';
import type { Io } from './command.ts';

/** Prints the answer to one question. Throws UsageError for a name that nothing has. */
export function printExplanation(
  what: string,
  { profile, policy, target }: { profile: Profile; policy: Policy; target: Target },
  format: string,
  io: Io,
): void {
  const answer = explain(what, profile, policy, target);
  if ('unknown' in answer)
    throw new UsageError(
      'unknown-name',
      `'${what}' is no absolute path, system call, @set, capability, address family or directive`,
      answer.near.length === 0 ? undefined : `did you mean ${answer.near.join(', ')}?`,
    );
  io.stdout.write(
    format === 'json' ? `${JSON.stringify(answer, null, 1)}\n` : renderExplanation(answer, styleFor(io.stdout, io.env)),
  );
}
