// The smallest change of an installed unit that allows what a profile holds and its sandbox denies: shown, or written to its drop-in.

import { thisHost } from '../../host/file-system.ts';
import { thisMachine } from '../../host/machine.ts';
import { editsWithin } from '../../policy/check/edits.ts';
import type { Edit } from '../../policy/findings.ts';
import type { Profile } from '../../profile/profile.ts';
import { type LoadedUnit, loadUnit } from '../../systemd/unit.ts';
import { account, readerOf } from '../input/unit-input.ts';
import { fixTarget, writeFix } from './fix.ts';
import { look } from './look.ts';

/** One edit may bring another line to light that denies the next thing. */
const ROUNDS = 8;

export interface Fixed {
  /** The file that the edits are for. */
  target: string;
  edits: Edit[];
  written: boolean;
}

/** Looks for the edits; with `write` they are made, and the unit is asked again until nothing is left to do. */
export async function fixUnit(name: string, profile: Profile, user: boolean, write: boolean): Promise<Fixed> {
  const reader = await readerOf(undefined);
  const context = { ...reader, host: thisHost() };
  const options = { reader, user: user ? account() : null, machine: thisMachine() };
  const read = (): LoadedUnit => loadUnit([name], { ...options, installed: true });
  const target = await fixTarget(read(), user);
  const edits: Edit[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const unit = read();
    const { findings, fixer } = look(unit, profile, context);
    const repairs = fixer.plan(findings.violations);
    if (!write) {
      const planned = new Map(repairs.flatMap(({ fix }) => fix.edits.map(edit => [JSON.stringify(edit), edit])));
      const section = findings.violations[0]?.by.section ?? 'Service';
      const asked = [...planned.values()];
      return { target, edits: editsWithin(target, unit.assignments, asked, section), written: false };
    }
    const made = await writeFix(target, unit, repairs);
    if (made.length === 0) break;
    edits.push(...made);
  }
  return { target, edits, written: edits.length > 0 };
}
