// The proposal that replay, learn and propose end with.

import { basename } from 'node:path';
import { debug } from '../../debug.ts';
import { EXIT } from '../../errors.ts';
import { toJson } from '../../json.ts';
import type { Policy, Rejected } from '../../policy/policy.ts';
import { type Completeness, completeness } from '../../policy/propose/completeness.ts';
import { derive } from '../../policy/propose/derive.ts';
import type { Target } from '../../policy/propose/target.ts';
import { type Coverage, coverage } from '../../profile/coverage.ts';
import { writeAtomically } from '../../profile/file.ts';
import { shortfalls } from '../../profile/gaps.ts';
import { type FoldResult, fold } from '../../profile/patterns.ts';
import type { Profile } from '../../profile/profile.ts';
import { reasonText } from '../../render/access-text.ts';
import { renderAssessment } from '../../render/assessment.ts';
import { completenessText } from '../../render/completeness.ts';
import { renderDropin } from '../../render/dropin.ts';
import { incompleteWarning } from '../../render/incomplete.ts';
import { counted } from '../../render/number.ts';
import { printable } from '../../render/printable.ts';
import { PLAIN, type Style, styleFor } from '../../render/style.ts';
import { summary } from '../../render/summary.ts';
import { renderUpstream } from '../../render/upstream.ts';
import { type Assessment, assess } from '../../systemd/analyze.ts';
import type { LoadedUnit } from '../../systemd/unit.ts';
import { hasUnitSuffix } from '../../systemd/unit-paths.ts';
import { systemdVersion } from '../../systemd/version.ts';
import type { Arguments, Io } from '../cli/command.ts';
import type { FOLD_OPTIONS, ProposalArguments } from '../cli/options.ts';
import { tellIdleRules } from '../input/inputs.ts';
import { type Aim, readTarget } from '../input/target.ts';
import { tellIgnored, tellRelease } from '../input/unit-input.ts';
import { overruled } from './overruled.ts';

/** Folds volatile names and derives the policy. */
export function propose(
  profile: Profile,
  { target, installed }: Aim,
  rules: Arguments<typeof FOLD_OPTIONS>,
): { policy: Policy; folding: FoldResult } {
  const folding = fold(profile, { fold: rules.fold, ignore: rules.ignore });
  const policy = derive(folding.profile, target);
  debug(() => `derived ${policy.directives.length} directives, withheld ${policy.withheld.length}`);
  const notes = folding.folded.map(({ pattern, names, samples, why }) => ({
    kind: 'folded' as const,
    text: `${pattern} stands for ${names} ${names === 1 ? 'name' : 'names'} (${why}), such as ${samples[0] ?? ''}`,
  }));
  for (const path of folding.ignored) notes.push({ kind: 'folded', text: `${path} is left out (--ignore)` });
  const lifted = installed === null ? [] : overruled(folding.profile, policy, target, installed);
  return { policy: { ...policy, notes: [...policy.notes, ...lifted, ...notes] }, folding };
}

/**
 * Begins to ask systemd for its own view of a proposal: what the unit is without one, it says while the proposal is made. Null where it
 * cannot be asked, or would read a newer drop-in than it can.
 */
export async function assessor(
  target: Target,
  installed: LoadedUnit | null,
): Promise<(dropin: string) => Promise<Assessment | null>> {
  const local = await systemdVersion();
  if (local === null || local < target.systemd) return () => Promise.resolve(null);
  return assess({ name: installed?.name ?? 'service.service', files: installed?.files ?? [] });
}

interface Proposed {
  policy: Policy;
  assessment: Assessment | null;
  coverage: Coverage | null;
  completeness: Completeness;
}

/** For a machine, or for those who ship the unit. */
const dropinText = (policy: Policy): string => (policy.target.upstream ? renderUpstream(policy) : renderDropin(policy));

/** A policy in one of the formats that are made of it alone. */
export async function policyText(
  policy: Policy,
  assessment: Assessment | null,
  format: string,
  style: Style,
): Promise<string> {
  switch (format) {
    case 'table':
      return (await import('../../render/policy-table.ts')).renderPolicyTable(policy, assessment, style);
    case 'nix':
      return (await import('../../render/formats/nix.ts')).renderNix(policy);
    case 'ansible':
      return (await import('../../render/formats/ansible.ts')).renderAnsible(policy);
    case 'oci':
      return (await import('../../render/formats/oci.ts')).renderOci(policy);
    case 'apparmor':
      return (await import('../../render/formats/apparmor.ts')).renderApparmor(policy);
    case 'full':
      return (await import('../../render/full-dropin.ts')).renderFullDropin(policy);
    default:
      return dropinText(policy);
  }
}

/** The same with all that is known beside it, for programs. */
function json({ policy, assessment, coverage: complete, completeness: known }: Proposed): string {
  const parts = {
    ...policy,
    ...(complete === null ? {} : { coverage: complete }),
    completeness: known,
    ...(assessment === null ? {} : { assessment }),
  };
  return `${toJson(parts, 1)}\n`;
}

/** Why nothing is proposed, line by line. */
function rejection(rejected: readonly Rejected[]): string {
  const lines = rejected.map(({ name, value, outcome, evidence }) => {
    const what = evidence.map(reasonText).join(', ');
    return `  ${printable(`${name}=${value}`)} of the unit denies ${printable(what)} (${outcome})\n`;
  });
  return `allowtrace: no proposal: no drop-in can allow everything observed:\n${lines.join('')}remove these lines from the unit, then propose again\n`;
}

/**
 * Derives and prints a proposal, and says what comes `next`: the result on stdout or to the file `output`; what was folded, how complete the profile is, what systemd
 * says of the result, and what it rests on, on stderr. Resolves to the exit status: a line that systemd does not take is a failure, what
 * no drop-in can allow rejects the proposal, and incomplete evidence proves nothing.
 */
export async function printProposal(
  profile: Profile,
  args: ProposalArguments,
  io: Io,
  output?: string,
  next: string = nextText(args, output),
): Promise<number> {
  const status = await answer(profile, args, io, output);
  io.stderr.write(summary(profile));
  const incomplete = shortfalls(profile);
  if (incomplete.length === 0) {
    if (status === EXIT.ok && args.explain === undefined && args.format !== 'json') io.stderr.write(next);
    return status;
  }
  io.stderr.write(incompleteWarning(incomplete, args['allow-incomplete']));
  const proposes = args.explain === undefined && !args['allow-incomplete'];
  return status === EXIT.ok && proposes ? EXIT.unproven : status;
}

/** One line, however many names it is. */
function foldedText(folded: FoldResult['folded']): string {
  const names = folded.reduce((sum, one) => sum + one.names, 0);
  return `folded: ${counted(names, 'name')} that change from run to run, combined in ${counted(folded.length, 'pattern')} (--format full lists them)\n`;
}

/** What to do with a drop-in that was printed. */
function nextText({ unit, user }: ProposalArguments, output: string | undefined): string {
  const name = printable(
    unit === undefined ? 'NAME.service' : hasUnitSuffix(basename(unit)) ? basename(unit) : `${unit}.service`,
  );
  const directory = user ? '~/.config/systemd/user' : '/etc/systemd/system';
  const systemctl = user ? 'systemctl --user' : 'systemctl';
  const what = output === undefined ? 'it' : printable(output);
  return `Next: review ${what}, save it as ${directory}/${name}.d/allowtrace.conf, then run \`${systemctl} daemon-reload && ${systemctl} restart ${name}\`\n`;
}

/** The proposal, or what was asked about it. */
async function answer(profile: Profile, args: ProposalArguments, io: Io, output?: string): Promise<number> {
  const aim = await readTarget(args);
  const { target, installed } = aim;
  tellRelease(target.systemd, io);
  if (installed !== null) tellIgnored(installed, io);
  const asked = args.verify && args.explain === undefined ? await assessor(target, installed) : null;
  const { policy, folding } = propose(profile, aim, args);
  tellIdleRules(folding.idle, io);
  if (args.explain !== undefined) {
    const { printExplanation } = await import('./answer.ts');
    printExplanation(args.explain, { profile: folding.profile, policy, target }, args.format, io);
    return EXIT.ok;
  }
  if (folding.folded.length > 0) io.stderr.write(foldedText(folding.folded));
  if (policy.rejected !== undefined) {
    io.stderr.write(rejection(policy.rejected));
    return EXIT.unproven;
  }
  if (args.unit !== undefined && installed === null && !args['other-host'])
    io.stderr.write(
      `${printable(args.unit)} is not installed here, so the proposal does not take its settings into account\n`,
    );
  const dropin = dropinText(policy);
  const assessing = asked?.(dropin) ?? null;
  const complete = coverage(folding.profile);
  const known = completeness(folding.profile, target);
  const assessment = await assessing;
  const style = output === undefined ? styleFor(io.stdout, io.env) : PLAIN;
  debug(() => `systemd-analyze: ${assessment === null ? 'not asked' : `${assessment.problems.length} problems`}`);
  const proposal =
    args.format === 'json'
      ? json({ policy, assessment, coverage: complete, completeness: known })
      : await policyText(policy, assessment, args.format, style);
  if (output === undefined) io.stdout.write(proposal);
  else await writeAtomically(output, proposal);
  io.stderr.write(completenessText(known));
  if (assessment === null) return EXIT.ok;
  io.stderr.write(renderAssessment(assessment, dropin, styleFor(io.stderr, io.env)));
  return assessment.problems.length === 0 ? EXIT.ok : EXIT.failed;
}
