// What `allowtrace report` does.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EXIT } from '../../errors.ts';
import { packageFile } from '../../package-files.ts';
import { adviceOn } from '../../policy/propose/advice.ts';
import { completeness } from '../../policy/propose/completeness.ts';
import { linesOf } from '../../policy/propose/corrections/proven.ts';
import { ruleFinder } from '../../policy/propose/paths/rule-for.ts';
import type { Target } from '../../policy/propose/target.ts';
import { outlineOf } from '../../policy/sandbox/outline.ts';
import { sandboxOf } from '../../policy/sandbox/sandbox.ts';
import { inForce } from '../../policy/sandbox/settings.ts';
import { traceHost } from '../../policy/sandbox/trace-host.ts';
import { coverage } from '../../profile/coverage.ts';
import { writeAtomically } from '../../profile/file.ts';
import type { Profile } from '../../profile/profile.ts';
import { renderDropin } from '../../render/dropin.ts';
import { printable } from '../../render/printable.ts';
import { renderReport } from '../../render/report/page.ts';
import type { Report } from '../../render/report/report.ts';
import { summary } from '../../render/summary.ts';
import type { LoadedUnit } from '../../systemd/unit.ts';
import { look } from '../check/look.ts';
import type { Io } from '../cli/command.ts';
import type { TargetArguments } from '../cli/options.ts';
import { loadProfile, tellIdleRules } from '../input/inputs.ts';
import { ownerOf, readTarget } from '../input/target.ts';
import { tellIgnored, tellRelease } from '../input/unit-input.ts';
import { assessor, propose } from './proposal.ts';
import type { ReportArguments } from './report.ts';

/** What the unit that is in force says to what was seen; null without one. */
function checked(
  profile: Profile,
  args: TargetArguments,
  target: Target,
  installed: LoadedUnit | null,
  io: Io,
): Report['check'] {
  if (args.unit === undefined || args['other-host']) return null;
  if (installed === null) {
    io.stderr.write(`${printable(args.unit)} is not installed here, so it is not checked\n`);
    return null;
  }
  return { unit: installed.name ?? args.unit, findings: look(installed, profile, target).findings };
}

/** The compiled script of the page, built beside the renderer. */
const SCRIPT = packageFile('build/src/render/report/browser/page.js');

/** What the report is about, in a word: the programs that nothing else started, or else what was learned from. */
function nameOf({ facts, runs }: Profile): string {
  const first = facts.flatMap(fact =>
    fact.kind === 'process' && fact.parent === undefined ? [basename(fact.exe)] : [],
  );
  const names = [...new Set(first)];
  return names.length > 0 ? names.join(', ') : (runs[0]?.trace ?? 'an empty profile');
}

export async function run(args: ReportArguments, io: Io): Promise<number> {
  const profile = await loadProfile(args.operands, { owner: () => ownerOf(args) }, io);
  const aim = await readTarget(args);
  const { target, installed } = aim;
  tellRelease(target.systemd, io);
  if (installed !== null) tellIgnored(installed, io);
  const assess = await assessor(target, installed);
  const { policy, folding } = propose(profile, aim, args);
  tellIdleRules(folding.idle, io);
  const dropin = renderDropin(policy);
  const assessment = await assess(dropin);
  const after = assessment?.after?.score;
  const known = completeness(folding.profile, target);
  const lines = inForce([...(target.installed?.assignments ?? []), ...linesOf(policy.directives, target)]);
  const outline = outlineOf(sandboxOf(lines, { ...target, host: traceHost(target.host, folding.profile).host }));
  const page = renderReport(
    {
      title: args.unit === undefined ? nameOf(profile) : basename(args.unit),
      profile: folding.profile,
      folded: folding.folded,
      policy,
      dropin,
      coverage: coverage(folding.profile),
      completeness: known,
      outline,
      advice: adviceOn(policy, known, outline),
      exposure: after === undefined ? null : { before: assessment?.before?.score ?? null, after },
      check: checked(profile, args, target, installed, io),
      sets: target.sets,
      ruleFor: ruleFinder(policy.directives, policy.target.systemd),
    },
    await readFile(SCRIPT, 'utf8'),
  );
  if (args.output === undefined) io.stdout.write(page);
  else await writeAtomically(args.output, page);
  io.stderr.write(summary(profile));
  if (args.output !== undefined) io.stderr.write(`Next: open ${printable(args.output)} in a browser\n`);
  return EXIT.ok;
}
