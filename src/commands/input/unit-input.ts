// What commands read of units: the unit that the operands make together, and what it is for.

import process from 'node:process';
import { UsageError } from '../../errors.ts';
import { thisHost } from '../../host/file-system.ts';
import { accountNamed, thisMachine } from '../../host/machine.ts';
import { UNKNOWN_HOST } from '../../policy/host-view.ts';
import type { SandboxContext } from '../../policy/sandbox/sandbox.ts';
import { printable } from '../../render/printable.ts';
import type { Account } from '../../systemd/specifiers.ts';
import { type LoadedUnit, loadUnit, type UnitOptions } from '../../systemd/unit.ts';
import { releaseDoubt, targetSyscallSets, targetVersion } from '../../systemd/version.ts';
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
export const unitOptions = ({
  user,
  instance,
}: Pick<UnitArguments, 'user' | 'instance'>): Omit<UnitOptions, 'reader'> => ({
  user: user ? account() : null,
  machine: thisMachine(),
  ...(instance === undefined ? {} : { instance }),
});

/** The systemd that reads the unit. */
export const readerOf = async (asked: string | undefined): Promise<UnitOptions['reader']> => ({
  systemd: await targetVersion(asked),
  sets: await targetSyscallSets(asked),
});

/** The unit that the operands make together; `-` is read from standard input. */
export async function readUnit(operands: readonly string[], args: UnitArguments, io: Io): Promise<LoadedUnit> {
  const reader = await readerOf(args.systemd);
  const piped = operands.includes('-') ? Buffer.concat(await io.stdin.toArray()) : undefined;
  return loadUnit(operands, { reader, ...unitOptions(args), ...(piped === undefined ? {} : { stdin: () => piped }) });
}

/** What sandboxes are modelled with: the version, the sets of system calls, this machine's files. */
export async function sandboxContext(args: UnitArguments): Promise<SandboxContext> {
  return {
    ...(await readerOf(args.systemd)),
    host: args['other-host'] ? UNKNOWN_HOST : thisHost(),
  };
}

/** Says what systemd ignores of a unit. */
export function tellIgnored(unit: LoadedUnit, io: Io): void {
  for (const { message, hint } of unit.ignored)
    io.stderr.write(`${printable(message)}${hint === null ? '' : ` (${printable(hint)})`}\n`);
}

/** Says when the rules of the target are not those of its own release. */
export function tellRelease(systemd: number, io: Io): void {
  const doubt = releaseDoubt(systemd);
  if (doubt !== null) io.stderr.write(`${doubt}\n`);
}
