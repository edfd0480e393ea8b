// What commands read of units: the unit that the operands make together, and what it is for.

import process from 'node:process';
import { UsageError } from '../../errors.ts';
import { thisHost } from '../../host/file-system.ts';
import { accountNamed, thisMachine } from '../../host/machine.ts';
import { UNKNOWN_HOST } from '../../policy/host-view.ts';
import type { SandboxContext } from '../../policy/sandbox/sandbox.ts';
import type { Account } from '../../systemd/specifiers.ts';
import { type LoadedUnit, loadUnit, type UnitOptions } from '../../systemd/unit.ts';
import { targetSyscallSets, targetVersion } from '../../systemd/version.ts';
import type { Io } from '../cli/command.ts';
import type { UnitArguments } from '../cli/options.ts';

/** Who runs this, for `--user`. */
export function account(): Account {
  const uid = process.getuid?.() ?? 0;
  const found = accountNamed(String(uid));
  if (found === null)
    throw new UsageError('no-account', `--user: /etc/passwd has no user ${uid}`, 'run it as the user of the unit');
  return found;
}

/** How units are read here: for whom, and for which instance of a template. */
export const unitOptions = ({ user, instance }: Pick<UnitArguments, 'user' | 'instance'>): UnitOptions => ({
  user: user ? account() : null,
  machine: thisMachine(),
  ...(instance === undefined ? {} : { instance }),
});

/** The unit that the operands make together; `-` is read from standard input. */
export async function readUnit(operands: readonly string[], args: UnitArguments, io: Io): Promise<LoadedUnit> {
  const piped = operands.includes('-') ? Buffer.concat(await io.stdin.toArray()) : undefined;
  return loadUnit(operands, { ...unitOptions(args), ...(piped === undefined ? {} : { stdin: () => piped }) });
}

/** What sandboxes are modelled with: the version, the sets of system calls, this machine's files. */
export async function sandboxContext(args: UnitArguments): Promise<SandboxContext> {
  return {
    systemd: await targetVersion(args.systemd),
    sets: await targetSyscallSets(args.systemd),
    host: args['other-host'] ? UNKNOWN_HOST : thisHost(),
  };
}
