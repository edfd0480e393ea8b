// `allowtrace report`: what a service does, and what the proposal makes of it, as one HTML page for whoever has to decide.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EXIT } from '../errors.ts';
import { ruleFinder } from '../policy/propose/rule-for.ts';
import type { Target } from '../policy/propose/target.ts';
import { coverage } from '../profile/coverage.ts';
import { writeAtomically } from '../profile/file.ts';
import type { Profile } from '../profile/profile.ts';
import { renderDropin } from '../render/dropin.ts';
import { printable } from '../render/printable.ts';
import { renderReport } from '../render/report/page.ts';
import type { Report } from '../render/report/report.ts';
import { summary } from '../render/summary.ts';
import type { LoadedUnit } from '../systemd/unit.ts';
import { defineCommand, type Io } from './command.ts';
import { loadProfile } from './inputs.ts';
import { look } from './look.ts';
import { assessed, FOLD_OPTIONS, propose } from './proposal.ts';
import { readTarget, TARGET_OPTIONS, type TargetArguments } from './target.ts';

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
    io.stderr.write(`${printable(args.unit)} is not installed here: it is not checked\n`);
    return null;
  }
  return { unit: installed.name ?? args.unit, findings: look(installed, profile, target).findings };
}

/** The compiled script of the page, built beside the renderer. */
const SCRIPT = new URL('../render/report/browser/page.js', import.meta.url);

/** What the report is about, in a word: the programs that nothing else started, or else what was learnt from. */
function nameOf({ facts, runs }: Profile): string {
  const first = facts.flatMap(fact =>
    fact.kind === 'process' && fact.parent === undefined ? [basename(fact.exe)] : [],
  );
  const names = [...new Set(first)];
  return names.length > 0 ? names.join(', ') : (runs[0]?.trace ?? 'an empty profile');
}

export default defineCommand({
  operands: 'PROFILE…',
  description:
    'Writes one HTML page that shows what the profiles hold and what follows from it: the verdict and the proposal with all reasons, the tree of paths, the discovery curve, system calls, processes, sockets, capabilities, and everything that was not understood. The page needs no network and no other file; it can be searched, printed, and read without JavaScript.',
  options: {
    output: {
      type: 'string',
      alias: 'o',
      describe: 'write the page to FILE instead of standard output',
      requiresArg: true,
    },
    ...TARGET_OPTIONS,
    ...FOLD_OPTIONS,
    unit: {
      type: 'string',
      describe: 'what the page is about: UNIT (a name or a file) is also checked against what was seen',
      requiresArg: true,
    },
  },
  examples: [
    ['allowtrace report daemon.json -o report.html', 'a page to look at'],
    ['allowtrace report --unit nginx nginx.json -o nginx.html', 'also check the unit that is installed'],
    ['allowtrace report --paths tmpfs,exec hosts/*.json > report.html', 'of many hosts, with the strictest proposal'],
  ],
  async run(args, io) {
    const profile = await loadProfile(args.operands, {}, io);
    const { target, installed } = await readTarget(args);
    const { policy, folding } = propose(profile, target, args);
    const dropin = renderDropin(policy);
    const assessment = await assessed(dropin, { policy, installed });
    const after = assessment?.after?.score;
    const page = renderReport(
      {
        title: args.unit === undefined ? nameOf(profile) : basename(args.unit),
        profile: folding.profile,
        folded: folding.folded,
        policy,
        dropin,
        coverage: coverage(folding.profile),
        exposure: after === undefined ? null : { before: assessment?.before?.score ?? null, after },
        check: checked(profile, args, target, installed, io),
        sets: target.sets,
        ruleFor: ruleFinder(policy.directives),
      },
      await readFile(SCRIPT, 'utf8'),
    );
    if (args.output === undefined) io.stdout.write(page);
    else await writeAtomically(args.output, page);
    io.stderr.write(summary(profile));
    return EXIT.ok;
  },
});
