// The options that shape a proposal, shared by replay, learn and propose, and the proposal itself.

import { UsageError } from '../errors.ts';
import { thisHost } from '../host/file-system.ts';
import { derive } from '../policy/derive.ts';
import { UNKNOWN_HOST } from '../policy/host-view.ts';
import type { PathStrategy, Policy } from '../policy/policy.ts';
import { type FoldResult, fold } from '../profile/patterns.ts';
import type { Profile } from '../profile/profile.ts';
import { renderDropin } from '../render/dropin.ts';
import { printable } from '../render/printable.ts';
import { localSyscallSets, targetVersion } from '../systemd/version.ts';
import type { Arguments, Io, OptionTable } from './command.ts';

export const PROPOSAL_OPTIONS = {
  paths: {
    type: 'string',
    describe:
      'strategy for paths: strict (read-only but for what was written), tmpfs (nothing but what was used), exec (only known programs run); joined by commas',
    default: 'strict',
    requiresArg: true,
  },
  syscalls: {
    choices: ['exact', 'groups'],
    describe: 'allow the calls that were seen, or whole @groups of which half was seen',
    default: 'exact',
  },
  systemd: {
    type: 'string',
    describe: "version of systemd the drop-in is for (default: this machine's)",
    requiresArg: true,
  },
  unit: { type: 'string', describe: 'name of the unit, for the comments', requiresArg: true },
  'other-host': {
    type: 'boolean',
    describe: "the log comes from another machine: do not look at this one's files",
    default: false,
  },
  fold: { type: 'string', array: true, describe: 'treat all paths that match GLOB as one', requiresArg: true },
  ignore: { type: 'string', array: true, describe: 'leave out paths that match GLOB', requiresArg: true },
  format: { choices: ['dropin', 'json'], describe: 'a systemd drop-in, or the policy as JSON', default: 'dropin' },
} as const satisfies OptionTable;

export type ProposalArguments = Arguments<typeof PROPOSAL_OPTIONS>;

const STRATEGIES: readonly PathStrategy[] = ['strict', 'tmpfs', 'exec'];

function strategies(text: string): PathStrategy[] {
  const chosen = text.split(/[,+]/).map(word => {
    const strategy = STRATEGIES.find(known => known === word.trim());
    if (strategy === undefined)
      throw new UsageError(
        'bad-paths',
        `--paths ${text}: '${word}' is no strategy`,
        `choose from ${STRATEGIES.join(', ')}`,
      );
    return strategy;
  });
  if (chosen.includes('strict') && chosen.includes('tmpfs'))
    throw new UsageError(
      'bad-paths',
      `--paths ${text}: strict and tmpfs exclude each other`,
      'tmpfs is the stricter one; exec goes with either',
    );
  return chosen;
}

/** Folds volatile names and derives the policy. */
export async function propose(
  profile: Profile,
  args: ProposalArguments,
): Promise<{ policy: Policy; folding: FoldResult }> {
  const folding = fold(profile, { fold: args.fold, ignore: args.ignore });
  const policy = derive(folding.profile, {
    systemd: await targetVersion(args.systemd),
    paths: strategies(args.paths),
    syscalls: args.syscalls === 'groups' ? 'groups' : 'exact',
    sets: await localSyscallSets(),
    host: args['other-host'] ? UNKNOWN_HOST : thisHost(),
    ...(args.unit === undefined ? {} : { unit: args.unit }),
  });
  const notes = folding.folded.map(({ pattern, names, samples, why }) => ({
    kind: 'folded' as const,
    text: `${pattern} stands for ${names} ${names === 1 ? 'name' : 'names'} (${why}), such as ${samples[0] ?? ''}`,
  }));
  for (const path of folding.ignored) notes.push({ kind: 'folded', text: `${path} is left out (--ignore)` });
  return { policy: { ...policy, notes: [...policy.notes, ...notes] }, folding };
}

/** Derives and prints a proposal: the result on stdout, what was folded on stderr. */
export async function printProposal(profile: Profile, args: ProposalArguments, io: Io): Promise<void> {
  const { policy, folding } = await propose(profile, args);
  for (const { pattern, names, samples } of folding.folded)
    io.stderr.write(
      `folded: ${printable(pattern)} (${names} ${names === 1 ? 'name' : 'names'}, such as ${printable(samples[0] ?? '')})\n`,
    );
  io.stdout.write(args.format === 'json' ? `${JSON.stringify(policy, null, 1)}\n` : renderDropin(policy));
}
