// `allowtrace report`: what a service does, and what the proposal makes of it, as one HTML page for whoever has to decide.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EXIT } from '../errors.ts';
import { ruleFinder } from '../policy/rule-for.ts';
import { coverage } from '../profile/coverage.ts';
import { writeAtomically } from '../profile/file.ts';
import type { Profile } from '../profile/profile.ts';
import { renderDropin } from '../render/dropin.ts';
import { renderReport } from '../render/report/page.ts';
import { summary } from '../render/summary.ts';
import { defineCommand } from './command.ts';
import { loadProfile } from './inputs.ts';
import { assessed, FOLD_OPTIONS, propose } from './proposal.ts';
import { readTarget, TARGET_OPTIONS } from './target.ts';

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
  },
  examples: [
    ['allowtrace report daemon.json -o report.html', 'a page to look at'],
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
        title: args.unit ?? nameOf(profile),
        profile: folding.profile,
        folded: folding.folded,
        policy,
        dropin,
        coverage: coverage(folding.profile),
        exposure: after === undefined ? null : { before: assessment?.before?.score ?? null, after },
        check: null,
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
