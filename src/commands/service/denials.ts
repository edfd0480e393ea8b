// `allowtrace service denials`: what the sandbox of a unit has denied since it was installed, as the journal tells and the model confirms.

import { existsSync, statSync } from 'node:fs';
import { EXIT, UsageError } from '../../errors.ts';
import { thisMachine } from '../../host/machine.ts';
import { toJson } from '../../json.ts';
import { asProfile, DENIAL_WORDS, loggedDenials } from '../../policy/check/logged-denials.ts';
import type { Fix } from '../../policy/findings.ts';
import { type SandboxContext, sandboxOf } from '../../policy/sandbox/sandbox.ts';
import { readProfile } from '../../profile/file.ts';
import { factKey } from '../../profile/key.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import { type DenialsOf, denialsText } from '../../render/denials.ts';
import { operand } from '../../render/operand.ts';
import { styleFor } from '../../render/style.ts';
import { journalOf } from '../../systemd/journal.ts';
import { type Places, places } from '../../systemd/places.ts';
import { type LoadedUnit, loadUnit } from '../../systemd/unit.ts';
import { look } from '../check/look.ts';
import { spanOption } from '../cli/values.ts';
import { account, readerOf, sandboxContext } from '../input/unit-input.ts';
import type { Task } from './service.ts';

/** When the sandbox came into force: that of the proposal where one is installed or tried, else of the newest file of the unit. Seconds. */
export function inForceSince(
  { trial, installed }: Pick<Places, 'trial' | 'installed'>,
  files: readonly string[],
): number {
  const own = [trial, installed].filter(path => existsSync(path));
  return Math.max(0, ...(own.length > 0 ? own : files).map(path => statSync(path).mtimeMs / 1000));
}

/** The smallest change of the unit that allows each of these, by the model: key of the access → fix. */
async function fixes(
  unit: LoadedUnit,
  denials: ReturnType<typeof loggedDenials>,
  profile: string,
  context: SandboxContext,
): Promise<Map<string, Fix | null>> {
  const accesses = denials.flatMap(({ access }) => access ?? []);
  if (accesses.length === 0) return new Map();
  const learned = existsSync(profile) ? [await readProfile(profile)] : [];
  const { findings } = look(unit, mergeProfiles([...learned, asProfile(accesses)]), context);
  return new Map(findings.violations.map(({ access, fix }) => [factKey(access), fix]));
}

export async function denials(task: Task): Promise<number> {
  const { name, args, io, systemctl, scope } = task;
  const unit = (await systemctl.show(name))('Id');
  const options = { reader: await readerOf(undefined), user: scope.user ? account() : null, machine: thisMachine() };
  const loaded = loadUnit([unit], { ...options, installed: true });
  const where = places(unit, scope, false);
  const installed = inForceSince(where, loaded.files);
  const since =
    args.since === undefined ? installed : Math.max(installed, Date.now() / 1000 - spanOption('since', args.since));
  const messages = await journalOf({ units: [unit], since, user: scope.user, grep: DENIAL_WORDS });
  if (messages === null)
    throw new UsageError(
      'no-journal',
      `the journal of ${unit} cannot be read, so its denials are unknown`,
      `journalctl ${scope.user ? '--user-unit' : '-u'} ${unit} says why; root and the group systemd-journal may read it`,
    );
  const context = await sandboxContext({ ...args, instance: undefined, 'other-host': false });
  const found = loggedDenials(messages, sandboxOf(loaded.assignments, context));
  const known = await fixes(loaded, found, where.profile, context);
  const answer: DenialsOf = {
    unit,
    since,
    denials: found.map(one => ({
      ...one,
      fix: one.access === null ? null : (known.get(factKey(one.access)) ?? null),
    })),
  };
  io.stdout.write(args.json === true ? `${toJson(answer, 1)}\n` : denialsText(answer, styleFor(io.stdout, io.env)));
  if (found.length === 0) return EXIT.ok;
  const own = operand(unit, scope.user);
  io.stderr.write(
    `messages are the word of the service: allow only what it should do\nnext: allowtrace service diagnose ${own} confirms it and names what no message tells\n`,
  );
  return EXIT.findings;
}
