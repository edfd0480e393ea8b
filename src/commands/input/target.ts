// What a proposal is made for: what the options say, and the unit and systemd of this machine.

import { debug } from '../../debug.ts';
import { UsageError } from '../../errors.ts';
import { thisHost } from '../../host/file-system.ts';
import { accountNamed, groupNamed, kernelFeatures, thisMachine } from '../../host/machine.ts';
import { DIRECTIVE_ROWS } from '../../policy/directives/table.ts';
import type { Assignment } from '../../policy/findings.ts';
import { UNKNOWN_HOST } from '../../policy/host-view.ts';
import type { PathStrategy } from '../../policy/policy.ts';
import type { Target } from '../../policy/propose/target.ts';
import { normalise } from '../../process/resolve.ts';
import { serviceOf } from '../../systemd/service.ts';
import type { Account } from '../../systemd/specifiers.ts';
import type { LoadedUnit } from '../../systemd/unit.ts';
import { missingFeatures, targetSyscallSets, targetVersion } from '../../systemd/version.ts';
import { commandsOf, confinedPrograms } from '../check/look.ts';
import type { TargetArguments } from '../cli/options.ts';
import type { Owner } from './records.ts';
import { account, readerOf } from './unit-input.ts';

/** Name of the drop-in that a proposal is installed as. */
const DROPIN_NAME = 'allowtrace.conf';
/** And that of a learning period. */
const LEARNING_NAME = 'zzzz-allowtrace-learn.conf';

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
  return [...new Set(chosen)];
}

/** systemd needs these for itself, or other settings decide about them. */
const NEVER_CHOSEN: readonly string[] = ['/', '/run', '/tmp', '/var/tmp', '/dev', '/proc', '/sys'];

/** The trees of --empty. */
function trees(text: string, paths: readonly PathStrategy[]): string[] {
  const bad = (why: string, fix: string): UsageError => new UsageError('bad-empty', `--empty ${text}: ${why}`, fix);
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
async function installedUnit(
  { unit, systemd, 'other-host': elsewhere }: TargetArguments,
  user: Account | null,
): Promise<LoadedUnit | null> {
  if (unit === undefined || elsewhere) return null;
  const { loadUnit } = await import('../../systemd/unit.ts');
  try {
    // A proposal that is installed already must not be evidence for the next one.
    const [reader, machine] = [await readerOf(systemd), thisMachine()];
    return loadUnit([unit], { reader, user, machine, installed: true, without: [DROPIN_NAME, LEARNING_NAME] });
  } catch (error) {
    if (error instanceof UsageError && error.code === 'no-such-unit') return null;
    throw error;
  }
}

const hasOwnRoot = (unit: LoadedUnit | null): boolean => {
  const root = unit?.assignments.findLast(({ section, name }) => section === 'Service' && name === 'RootDirectory');
  return root !== undefined && root.value !== '' && root.value !== '/';
};

/** The unit without the sandbox that another one is to replace. */
const withoutSandbox = ({ assignments }: LoadedUnit): Assignment[] =>
  assignments.filter(({ section, name }) => {
    const row = DIRECTIVE_ROWS.get(name);
    return section !== 'Service' || row === undefined || row.lifted === null;
  });

/** Whose records of audit and journal are the unit's own. */
export async function ownerOf(args: TargetArguments): Promise<Owner> {
  const unit = await installedUnit(args, args.user ? account() : null);
  return { unit: unit?.name ?? args.unit ?? null, programs: confinedPrograms(unit?.assignments ?? []) };
}

/** What a proposal is made for, and the unit as it is installed. */
export interface Aim {
  target: Target;
  installed: LoadedUnit | null;
}

/** As the options describe it. */
export async function readTarget(args: TargetArguments): Promise<Aim> {
  const user = args.user ? account() : null;
  const installed = await installedUnit(args, user);
  // Of another version, or another machine, it is not known how it was built.
  const without = args.systemd === undefined && !args['other-host'] ? await missingFeatures() : null;
  const paths = strategies(args.paths);
  if (args.upstream === true && paths.join() !== 'strict')
    throw new UsageError('bad-paths', '--for upstream needs --paths strict', 'leave --paths out');
  const target: Target = {
    systemd: await targetVersion(args.systemd),
    paths,
    ...(args.empty === undefined ? {} : { empty: trees(args.empty, paths) }),
    syscalls: args.syscalls,
    sets: await targetSyscallSets(args.systemd),
    ...(without === null ? {} : { without }),
    // Its paths are those of another root, of which this machine's files tell nothing.
    host: args['other-host'] || hasOwnRoot(installed) ? UNKNOWN_HOST : thisHost(),
    ...(args['block-list'] ? { blockList: true } : {}),
    ...(args.upstream === true ? { upstream: true } : {}),
    trial: args.trial,
    addresses: args.addresses,
    ...(args['as-user'] ? { asUser: (uid: number) => accountNamed(`${uid}`) } : {}),
    ...(user === null ? {} : { home: user.home }),
    ...(args.unit === undefined ? {} : { unit: installed?.name ?? args.unit }),
    ...(installed === null
      ? {}
      : {
          service: serviceOf(installed.assignments, { user: accountNamed, group: groupNamed }),
          installed: {
            assignments: args.upstream === true ? withoutSandbox(installed) : installed.assignments,
            commands: commandsOf(installed.assignments).programs,
          },
          kernel: await kernelFeatures(),
        }),
  };
  debug(() => `target: systemd ${target.systemd}, paths ${paths.join(',')}, system calls ${target.syscalls}`);
  debug(() => (installed === null ? 'no installed unit' : `unit ${installed.name} from ${installed.files.join(', ')}`));
  return { target, installed };
}
