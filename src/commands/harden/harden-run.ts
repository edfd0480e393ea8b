// What `allowtrace harden` does.

import { EXIT, UsageError } from '../../errors.ts';
import { accountNamed } from '../../host/machine.ts';
import { unitWords } from '../../host/program-words.ts';
import { toJson } from '../../json.ts';
import { basePolicy } from '../../policy/harden/base.ts';
import { writeAtomically } from '../../profile/file.ts';
import { renderAssessment } from '../../render/assessment.ts';
import { renderDropin } from '../../render/dropin.ts';
import { PLAIN, styleFor } from '../../render/style.ts';
import { serviceName } from '../../systemd/systemctl.ts';
import type { Io } from '../cli/command.ts';
import { TARGET_DEFAULTS } from '../cli/options.ts';
import { readTarget } from '../input/target.ts';
import { assessor, policyText } from '../proposal/proposal.ts';
import type { HardenArguments } from './harden.ts';

export async function run(args: HardenArguments, io: Io): Promise<number> {
  const [asked, more] = args.operands;
  if (asked === undefined) throw new UsageError('no-unit', 'harden: which unit?', 'allowtrace harden nginx.service');
  if (more !== undefined) throw new UsageError('usage', `harden: one unit at a time, not also '${more}'`);
  const name = serviceName(asked);
  const { target, installed } = await readTarget({
    ...TARGET_DEFAULTS,
    systemd: args.systemd,
    user: args.user,
    unit: name,
    operands: [],
    rest: [],
  });
  if (installed === null || target.service === undefined)
    throw new UsageError('no-such-unit', `${name} is not installed here`, 'systemctl list-unit-files --type=service');
  const user = target.service.user;
  const words = unitWords({
    unit: name,
    lines: installed.assignments,
    programs: [...new Set(target.service.commands.map(({ program }) => program))],
    home: user === undefined || user === 'root' ? null : (accountNamed(user)?.home ?? null),
  });
  const policy = basePolicy(words, target);
  const dropin = renderDropin(policy);
  const assessment = args.verify ? await (await assessor(target, installed))(dropin) : null;
  const style = args.output === undefined ? styleFor(io.stdout, io.env) : PLAIN;
  const proposal =
    args.format === 'json'
      ? `${toJson({ ...policy, ...(assessment === null ? {} : { assessment }) }, 1)}\n`
      : await policyText(policy, assessment, args.format, style);
  if (args.output === undefined) io.stdout.write(proposal);
  else await writeAtomically(args.output, proposal);
  if (assessment === null) return EXIT.ok;
  io.stderr.write(renderAssessment(assessment, dropin, styleFor(io.stderr, io.env)));
  return assessment.problems.length === 0 ? EXIT.ok : EXIT.failed;
}
