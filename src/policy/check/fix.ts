// The smallest change of a unit that would allow what it denies. Ways out are proposed from narrow to wide and put to the model:
// the first one under which the access passes, and nothing else that was observed is denied for it, is the fix. One that allows more than
// was observed says so.

import type { Access } from '../../process/access.ts';
import { isBelow, parentOf } from '../../process/resolve.ts';
import type { Assignment, Edit, Fix, Violation } from '../findings.ts';
import { endsStart } from '../sandbox/starts.ts';
import { edited, rawWords } from './edits.ts';
import { COVERS, ENTRIES, pathOfWord, type Situation } from './fix-paths.ts';
import { loosened, tolerant, ways } from './fix-ways.ts';

/** A sandbox as far as it is asked here: which lines end the start, and which denies an access; null when none does. */
export interface Trial {
  failures: readonly Assignment[];
  denies: (access: Access) => Assignment | null;
}

/** An access may be denied by several lines, one behind the other. */
const LINES_AT_MOST = 8;
/** Unfinished ways that are followed side by side, and how many ways are put to the model for one access. */
const UNFINISHED_AT_MOST = 6;
const TRIALS_AT_MOST = 200;
/** So many denied names of one directory are fixed by the directory. */
const MANY = 12;
/** Fixes that are tried again on what the same line denies. */
const TRIED = 16;

const depth = ({ access }: Violation): number => (access.kind === 'path' ? access.path.split('/').length : 0);

/** Those whose fix is the widest first. */
const byBreadth = (a: Violation, b: Violation): number =>
  Number(changesEntries(b)) - Number(changesEntries(a)) || depth(a) - depth(b);

const changesEntries = ({ access }: Violation): boolean => access.kind === 'path' && ENTRIES.has(access.mode);

/** Violations of the same line. */
function byLine(violations: readonly Violation[]): Violation[][] {
  const groups = new Map<string, Violation[]>();
  for (const violation of violations) {
    const { by } = violation;
    const key = `${by.at.file}\0${by.at.line}\0${by.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [violation]);
    else group.push(violation);
  }
  return [...groups.values()];
}

/** directory → its names that were denied. */
function namesByDirectory(violations: readonly Violation[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const { access } of violations) {
    if (access.kind !== 'path') continue;
    const directory = parentOf(access.path);
    const known = names.get(directory) ?? new Set<string>();
    names.set(directory, known.add(access.path));
  }
  return names;
}

/** Which line denies an access. A move passes only where its names can be taken away and made, not where they are hidden. */
function denier({ denies }: Trial, access: Access): Assignment | null {
  if (access.kind !== 'move') return denies(access);
  return (
    denies(access) ??
    denies({ kind: 'path', mode: 'delete', path: access.from }) ??
    denies({ kind: 'path', mode: 'create', path: access.to })
  );
}

const sameLine = (a: Assignment, b: Assignment): boolean =>
  a.name === b.name && a.at.line === b.at.line && a.at.file === b.at.file;

/** Below which directories an edit may take something away. What is added to a list that only allows takes nothing. */
function touched(edit: Edit): string[] {
  if (COVERS.has(edit.name)) return rawWords(edit.value).map(pathOfWord);
  return edit.action === 'add' ? [] : ['/'];
}

/** The paths that an access is about. */
function namesOf(access: Access): string[] {
  if (access.kind === 'move') return [access.from, access.to];
  return access.kind === 'path' ? [access.path, access.asked ?? access.path] : [];
}

/** An access, and the line that does not let it pass. */
interface Blocked {
  access: Access;
  by: Assignment;
}

const isSame = (a: Blocked, b: Blocked): boolean => a.access === b.access && sameLine(a.by, b.by);

const joined = (first: Fix, then: Fix): Fix => {
  const wider = [first.wider, then.wider].filter(text => text !== undefined).join('; ');
  return { edits: [...first.edits, ...then.edits], ...(wider === '' ? {} : { wider }) };
};

/** Looks for fixes of one unit. */
export class Fixer {
  readonly #situation: Situation;
  readonly #sandbox: (assignments: readonly Assignment[]) => Trial;
  /** Edits → the sandbox they make: many accesses share a fix. */
  readonly #trials = new Map<string, Trial>();
  /** Edits → what they deny that passed before. */
  readonly #breaks = new Map<string, Blocked | null>();

  /** `sandbox` gives the sandbox that lines make. */
  constructor(situation: Situation, sandbox: (assignments: readonly Assignment[]) => Trial) {
    this.#situation = situation;
    this.#sandbox = sandbox;
  }

  #trial(edits: readonly Edit[], section: string): Trial {
    const key = JSON.stringify(edits);
    const known = this.#trials.get(key);
    if (known !== undefined) return known;
    const trial = this.#sandbox(edited(this.#situation.assignments, edits, section));
    this.#trials.set(key, trial);
    return trial;
  }

  /** The first thing that was observed, passes without these edits and would not pass with them. */
  #broken(edits: readonly Edit[], section: string): Blocked | null {
    const key = JSON.stringify(edits);
    const known = this.#breaks.get(key);
    if (known !== undefined) return known;
    const [before, after] = [this.#trial([], section), this.#trial(edits, section)];
    const tops = edits.flatMap(touched);
    let found: Blocked | null = null;
    for (const access of this.#situation.accesses) {
      if (!namesOf(access).some(name => tops.some(top => isBelow(name, top)))) continue;
      const by = denier(after, access);
      if (by === null || denier(before, access) !== null) continue;
      found = { access, by };
      break;
    }
    this.#breaks.set(key, found);
    return found;
  }

  /** What still stands in the way: the end of a start that did not fail before, the access itself, or another one that the edits deny. */
  #blocked(edits: readonly Edit[], access: Access, section: string): Blocked | null {
    const trial = this.#trial(edits, section);
    const { failures } = this.#trial([], section);
    const by = trial.failures.find(one => !failures.some(known => sameLine(known, one))) ?? denier(trial, access);
    return by === null ? this.#broken(edits, section) : { access, by };
  }

  /** The first way that lets the access pass; where none does, the ways that lead on to another line are followed from there. */
  #search(access: Access, by: Assignment): Fix | null {
    let unfinished: { fix: Fix; blocked: Blocked }[] = [{ fix: { edits: [] }, blocked: { access, by } }];
    let trials = 0;
    for (let lines = 1; lines <= LINES_AT_MOST; lines++) {
      const onward: typeof unfinished = [];
      for (const { fix: before, blocked } of unfinished)
        for (const way of ways(blocked.access, blocked.by, this.#situation)) {
          if (++trials > TRIALS_AT_MOST) return null;
          const fix = joined(before, way);
          const next = this.#blocked(fix.edits, access, by.section);
          if (next === null) return fix;
          // What the edits themselves deny is no way on.
          if (next.by.at.line > 0 && !isSame(next, blocked) && !onward.some(one => isSame(one.blocked, next)))
            onward.push({ fix, blocked: next });
        }
      unfinished = onward.slice(0, UNFINISHED_AT_MOST);
    }
    return null;
  }

  /** Does this line not end the start after the edits? */
  #starts(edits: readonly Edit[], by: Assignment): boolean {
    return !this.#trial(edits, by.section).failures.some(failure => sameLine(failure, by));
  }

  /** The path that ends the start may be missing: the first word with which the line does not end it. */
  #start(by: Assignment): Fix | null {
    return (
      [...tolerant(by), ...loosened(by, this.#situation.systemd)].find(({ edits }) => this.#starts(edits, by)) ?? null
    );
  }

  #fix({ access, by, outcome }: Violation): Fix | null {
    return endsStart(outcome) ? this.#start(by) : this.#search(access, by);
  }

  /** The access would pass after these edits. */
  allows({ edits }: Fix, { access, by, outcome }: Violation): boolean {
    const trial = this.#trial(edits, by.section);
    return endsStart(outcome) ? this.#starts(edits, by) : denier(trial, access) === null;
  }

  /**
   * All violations, each with its fix. What fixes one often fixes others: of one line's violations those come first whose fix is a
   * directory, and the higher one before the deeper. Many names of one directory get the directory.
   */
  fixAll(violations: readonly Violation[]): Violation[] {
    const fixes = new Map<Violation, Fix | null>();
    for (const group of byLine(violations)) {
      const names = namesByDirectory(group);
      let found: Fix[] = [];
      for (const violation of [...group].sort(byBreadth)) {
        const shared = found.find(one => this.allows(one, violation));
        const fix = shared ?? this.#fixDirectory(violation, names) ?? this.#fix(violation);
        fixes.set(violation, fix);
        // The last one that helped is tried first.
        if (fix !== null) found = [fix, ...found.filter(one => one !== fix)].slice(0, TRIED);
      }
    }
    return violations.map(violation => ({ ...violation, fix: fixes.get(violation) ?? null }));
  }

  /**
   * Of fixed violations, those whose fixes go together: what another one's fix allows needs none of its own, and a fix that would undo
   * another one waits until that is written and a check has been made again.
   */
  plan(violations: readonly Violation[]): { fix: Fix; violation: Violation }[] {
    const chosen: { fix: Fix; violation: Violation }[] = [];
    let edits: Edit[] = [];
    for (const violation of violations) {
      const { fix } = violation;
      if (fix === null || (edits.length > 0 && this.allows({ edits }, violation))) continue;
      const known = new Set(edits.map(edit => JSON.stringify(edit)));
      const together = [...edits, ...fix.edits.filter(edit => !known.has(JSON.stringify(edit)))];
      const fixed = [...chosen.map(one => one.violation), violation];
      if (chosen.length > 0 && !this.#agree(together, fixed)) continue;
      edits = together;
      chosen.push({ fix, violation });
    }
    return chosen;
  }

  #agree(edits: Edit[], fixed: readonly Violation[]): boolean {
    return fixed.every(one => this.allows({ edits }, one) && this.#broken(edits, one.by.section) === null);
  }

  #fixDirectory({ access, by }: Violation, names: ReadonlyMap<string, Set<string>>): Fix | null {
    if (access.kind !== 'path' || ENTRIES.has(access.mode)) return null;
    const path = parentOf(access.path);
    const count = names.get(path)?.size ?? 0;
    if (count <= MANY) return null;
    const fix = this.#search({ ...access, path }, by);
    if (fix === null || this.#trial(fix.edits, by.section).denies(access) !== null) return null;
    return { ...fix, wider: fix.wider ?? `all of ${path}, because ${count} names in it were denied` };
  }
}
