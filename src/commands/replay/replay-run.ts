// What `allowtrace replay` does. The log comes first: what its profile is answered with is loaded while a thread of its own reads it.

import type { Io } from '../cli/command.ts';
import { loadProfile } from '../input/inputs.ts';
import type { Owner } from '../input/records.ts';
import type { ReplayArguments } from './replay.ts';

/** Loads what is needed in the end, and asks systemd what the answer needs of it. */
async function ending(): Promise<typeof import('./replay-end.ts')> {
  const end = await import('./replay-end.ts');
  end.prepare();
  return end;
}

/** Asked only where records are read. */
const ownerOf = async (args: ReplayArguments): Promise<Owner> => (await import('../input/target.ts')).ownerOf(args);

export async function run(args: ReplayArguments, io: Io): Promise<number> {
  if (args.profile !== undefined)
    await (await import('../../profile/file.ts')).checkReplaceable(args.profile, 'allowtrace-profile');
  const [profile, { conclude }] = await Promise.all([
    loadProfile(args.operands, { cwd: args.cwd, host: args.host, owner: () => ownerOf(args) }, io),
    ending(),
  ]);
  return conclude(profile, args, io);
}
