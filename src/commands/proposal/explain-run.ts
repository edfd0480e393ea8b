// What `allowtrace explain` does.

import { EXIT, UsageError } from '../../errors.ts';
import type { Io } from '../cli/command.ts';
import { loadProfile, tellIdleRules } from '../input/inputs.ts';
import { readTarget } from '../input/target.ts';
import { printExplanation } from './answer.ts';
import type { ExplainArguments } from './explain.ts';
import { propose } from './proposal.ts';

export async function run(args: ExplainArguments, io: Io): Promise<number> {
  const [what, ...operands] = args.operands;
  if (what === undefined)
    throw new UsageError('no-question', 'nothing to explain', 'such as: allowtrace explain /etc/shadow daemon.json');
  const profile = await loadProfile(operands, {}, io);
  const aim = await readTarget(args);
  const { policy, folding } = propose(profile, aim, args);
  tellIdleRules(folding.idle, io);
  printExplanation(what, { profile: folding.profile, policy, target: aim.target }, args.format, io);
  return EXIT.ok;
}
