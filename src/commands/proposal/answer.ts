// The answer to one question about a proposal, for `explain` and for --explain.

import { UsageError } from '../../errors.ts';
import { toJson } from '../../json.ts';
import { explain } from '../../policy/explain/explain.ts';
import type { Explanation } from '../../policy/explain/explanation.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Target } from '../../policy/propose/target.ts';
import type { Profile } from '../../profile/profile.ts';
import { renderExplanation } from '../../render/explanation.ts';
import { styleFor } from '../../render/style.ts';
import type { Io } from '../cli/command.ts';

interface Asked {
  profile: Profile;
  policy: Policy;
  target: Target;
}

/** The answer to one question. Throws UsageError for a name that nothing has. */
export function answerTo(what: string, { profile, policy, target }: Asked): Explanation {
  const answer = explain(what, profile, policy, target);
  if ('unknown' in answer)
    throw new UsageError(
      'unknown-name',
      `'${what}' is not an absolute path, system call, @set, capability, address family or directive`,
      answer.near.length === 0 ? undefined : `did you mean ${answer.near.join(', ')}?`,
    );
  return answer;
}

/** Prints the answer to one question. Throws UsageError for a name that nothing has. */
export function printExplanation(what: string, asked: Asked, format: string, io: Io): void {
  const answer = answerTo(what, asked);
  io.stdout.write(
    format === 'json' ? `${toJson(answer, 1)}\n` : renderExplanation(answer, styleFor(io.stdout, io.env)),
  );
}
