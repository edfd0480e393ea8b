// The calls that follow from those that were seen: the rest of their families (equal-power.ts), as far as they bring no power that none of
// the family's calls that were seen has, every filter allows, or another line of the same proposal holds back.

import type { SyscallSets } from '../../effects.ts';
import { EQUAL_POWER, type Family } from '../../equal-power.ts';
import type { Directive } from '../../policy.ts';
import { isHeld, type Power, powersOf } from '../../power.ts';

const ROWS: [string, Family][] = Object.entries(EQUAL_POWER);

const words = (text: string | undefined): string[] => text?.split(' ') ?? [];

export interface Followers {
  /** Family → its calls that follow, and of which machines they are. */
  families: [family: string, calls: string[]][];
  /** Calls that follow and that this kind of machine does not have: they say only whether a set is wholly inside. */
  elsewhere: ReadonlySet<string>;
}

/** The calls of a family that show it; null: it is not shown. */
function shownBy(family: Family, seen: ReadonlySet<string>): string[] | null {
  if (family.with !== undefined && !words(family.with).some(call => seen.has(call))) return null;
  if (family.shown === 'always') return [];
  const shown = words(family.shown ?? `${family.calls} ${family.elsewhere ?? ''}`).filter(call => seen.has(call));
  return shown.length === 0 ? null : shown;
}

/** The families that a call belongs to. */
export const familiesOf = (call: string): [name: string, family: Family][] =>
  ROWS.filter(([, { calls, elsewhere }]) => [...words(calls), ...words(elsewhere)].includes(call));

/** `seen`: the kernel's names of the calls that were made; `proposal`: the directives beside this one; `exact`: only the families of every list. */
export function followers(
  seen: ReadonlySet<string>,
  sets: SyscallSets,
  proposal: readonly Directive[],
  exact = false,
): Followers {
  const all = (calls: Iterable<string>): Power[] => [...calls].flatMap(call => [...powersOf(call, sets)]);
  const always = sets('@default');
  const everybody = all(always);
  const isElsewhere = ROWS.some(([, { elsewhere }]) => words(elsewhere).some(call => seen.has(call)));
  const found: Followers['families'] = [];
  const others = new Set<string>();
  const taken = new Set<string>([...seen, ...always]);
  for (const [name, family] of ROWS) {
    const shown = exact && family.exact !== true ? null : shownBy(family, seen);
    if (shown === null) continue;
    const powers = new Set<Power>([...everybody, ...all(shown), ...(family.beyond ?? [])]);
    const follows = (call: string): boolean =>
      !taken.has(call) && [...powersOf(call, sets)].every(power => powers.has(power) || isHeld(power, proposal));
    const calls = words(family.calls).filter(follows);
    const foreign = words(family.elsewhere).filter(follows);
    if (isElsewhere) calls.push(...foreign);
    else for (const call of foreign) others.add(call);
    for (const call of calls) taken.add(call);
    if (calls.length > 0) found.push([name, calls]);
  }
  return { families: found, elsewhere: others };
}
