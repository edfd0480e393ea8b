// What a proposal is made for: the options that say so, and the unit and systemd of this machine.

import { UsageError } from '../errors.ts';
import { thisHost } from '../host/file-system.ts';
import { accountNamed, kernelFeatures, thisMachine } from '../host/machine.ts';
import { UNKNOWN_HOST } from '../policy/host-view.ts';
import type { PathStrategy } from '../policy/policy.ts';
import type { Target } from '../policy/propose/target.ts';
import { normalise } from '../process/resolve.ts';
import { serviceOf } from '../systemd/service.ts';
import type { Account } from '../systemd/specifiers.ts';
import { type LoadedUnit, loadUnit } from '../systemd/unit.ts';
import { localSyscallSets, missingFeatures, targetVersion } from '../systemd/version.ts';
import type { Arguments, OptionTable } from './command.ts';
import { account } from './unit-input.ts';

export const TARGET_OPTIONS = {
  paths: {
    type: 'string',
    describe:
      'strategy for paths: strict (read-only but for what was written), tmpfs (nothing but what was used), exec (only known programs run); joined by commas',
    default: 'strict',
    requiresArg: true,
    metavar: 'STRATEGY',
  },
  empty: {
    type: 'string',
    describe: 'with --paths tmpfs: the trees to be emptied instead of the root, such as /etc,/var',
    requiresArg: true,
    metavar: 'DIRECTORY,…',
  },
  syscalls: {
    choices: ['exact', 'groups'],
    describe: 'allow the calls that were seen, or whole @groups of which half was seen',
    default: 'exact',
  },
  trial: {
    type: 'boolean',
    describe: 'log system calls outside the list (SystemCallLog=) instead of refusing them, to watch first',
    default: false,
  },
  addresses: {
    type: 'boolean',
    describe: 'allow only the IP addresses that were seen (IPAddressAllow=)',
    default: false,
  },
  'as-user': {
    type: 'boolean',
    describe: 'start the service as the user it drops to (User=), where it needs root for nothing else; try it well',
    default: false,
  },
  systemd: {
    type: 'string',
    describe: "version of systemd the drop-in is for (default: this machine's)",
    requiresArg: true,
    metavar: 'VERSION',
  },
  unit: {
    type: 'string',
    describe: 'the unit it is for: its user, type and commands are taken into account when it is installed here',
    requiresArg: true,
    metavar: 'UNIT',
  },
  user: {
    type: 'boolean',
    describe: 'the unit is one of your own service manager (systemctl --user): your home is written as %h',
    default: false,
  },
  'other-host': {
    type: 'boolean',
    describe: "the log comes from another machine: do not look at this one's files and units",
    default: false,
  },
} as const satisfies OptionTable;

export type TargetArguments = Arguments<typeof TARGET_OPTIONS>;

/** Name of the drop-in that a proposal is installed as. */
const DROPIN_NAME = 'allowtrace.conf';

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

/** systemd needs these for itself, or other settings decide about them. */
const NEVER_CHOSEN: readonly string[] = ['/', '/run', '/tmp', '/var/tmp', '/dev', '/proc', '/sys'];

/** The trees of --empty. */
function trees(text: string, paths: readonly PathStrategy[]): string[] {
  const bad = (why: string, mend: string): UsageError => new UsageError('bad-empty', `--empty ${text}: ${why}`, mend);
  if (!paths.includes('tmpfs')) throw bad('nothing is emptied without --paths tmpfs', 'add --paths tmpfs');
  return text.split(',').map(word => {
    const tree = word.trim().replace(/\/+$/, '') || '/';
    if (!tree.startsWith('/') || normalise(tree) !== tree)
      throw bad(`'${word}' is no plain absolute path`, 'name directories, such as /etc,/var');
    if (NEVER_CHOSEN.some(path => path === tree || (path !== '/' && tree.startsWith(`${path}/`))))
      throw bad(`${tree} cannot be emptied alone`, 'leave --empty out for an empty root');
    return tree;
  });
}

/** The installed unit of that name; null when this machine has none, or is not the one that matters. */
function installedUnit({ unit, 'other-host': elsewhere }: TargetArguments, user: Account | null): LoadedUnit | null {
  if (unit === undefined || elsewhere) return null;
  try {
    // A proposal that is installed already must not be evidence for the next one.
    return loadUnit([unit], { user, machine: thisMachine(), without: DROPIN_NAME });
  } catch (error) {
    if (error instanceof UsageError && error.code === 'no-such-unit') return null;
    throw error;
  }
}

const hasOwnRoot = (unit: LoadedUnit | null): boolean => {
  const root = unit?.assignments.findLast(({ section, name }) => section === 'Service' && name === 'RootDirectory');
  return root !== undefined && root.value !== '' && root.value !== '/';
};

/** The target that the options describe, and the unit as it is installed. */
export async function readTarget(args: TargetArguments): Promise<{ target: Target; installed: LoadedUnit | null }> {
  const user = args.user ? account() : null;
  const installed = installedUnit(args, user);
  // Of another version, or another machine, it is not known how it was built.
  const without = args.systemd === undefined && !args['other-host'] ? await missingFeatures() : null;
  const paths = strategies(args.paths);
  const target: Target = {
    systemd: await targetVersion(args.systemd),
    paths,
    ...(args.empty === undefined ? {} : { empty: trees(args.empty, paths) }),
    syscalls: args.syscalls === 'groups' ? 'groups' : 'exact',
    sets: await localSyscallSets(),
    ...(without === null ? {} : { without }),
    // Its paths are those of another root, of which this machine's files tell nothing.
    host: args['other-host'] || hasOwnRoot(installed) ? UNKNOWN_HOST : thisHost(),
    trial: args.trial,
    addresses: args.addresses,
    ...(args['as-user'] ? { asUser: (uid: number) => accountNamed(`${uid}`) } : {}),
    ...(user === null ? {} : { home: user.home }),
    ...(args.unit === undefined ? {} : { unit: installed?.name ?? args.unit }),
    ...(installed === null
      ? {}
      : {
          service: serviceOf(installed.assignments, user => accountNamed(user)?.uid),
          kernel: await kernelFeatures(),
        }),
  };
  return { target, installed };
}
