// What commands read of units: the unit that the operands make together, and what it is for.

import { thisHost } from '../host/file-system.ts';
import { thisMachine } from '../host/machine.ts';
import { UNKNOWN_HOST } from '../policy/host-view.ts';
import type { SandboxContext } from '../policy/sandbox/sandbox.ts';
import { type LoadedUnit, loadUnit } from '../systemd/unit.ts';
import { targetSyscallSets, targetVersion } from '../systemd/version.ts';
import { account } from './account.ts';
import type { Io } from './command.ts';
import type { UnitArguments } from './options.ts';

/** The unit that the operands make together; `-` is read from standard input. */
export async function readUnit(operands: readonly string[], args: UnitArguments, io: Io): Promise<LoadedUnit> {
  const piped = operands.includes('-') ? Buffer.concat(await io.stdin.toArray()) : undefined;
  return loadUnit(operands, {
    user: args.user ? account() : null,
    machine: thisMachine(),
    ...(args.instance === undefined ? {} : { instance: args.instance }),
    ...(piped === undefined ? {} : { stdin: () => piped }),
  });
}

/** What sandboxes are modelled with: the version, the sets of system calls, this machine's files. */
export async function sandboxContext(args: UnitArguments): Promise<SandboxContext> {
  return {
    systemd: await targetVersion(args.systemd),
    sets: await targetSyscallSets(args.systemd),
    host: args['other-host'] ? UNKNOWN_HOST : thisHost(),
  };
}
