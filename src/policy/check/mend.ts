// The smallest change of a unit that would allow what it denies. Ways out are proposed from narrow to wide and put to the model:
// the first one under which the access passes is the mend. A mend that allows more than was observed says so.

import type { Access, AddressAccess } from '../../process/access.ts';
import { parentOf } from '../../process/resolve.ts';
import type { Assignment, Edit, Mend, Violation } from '../findings.ts';
import { isLoopback } from '../sandbox/network.ts';
import { edited, rawWords } from './edits.ts';
import { ENTRIES, moveMends, pathMends, type Situation } from './mend-paths.ts';
import { plainValue, strictness } from './strictness.ts';

/** A sandbox as far as it is asked here: which line ends the start, and which denies an access; null when none does. */
export interface Trial {
  failure: Assignment | null;
  denies: (access: Access) => Assignment | null;
}

/** Outcome of a start that fails because a mount cannot be made. */
const NO_START = '226/NAMESPACE';

/** An access may be denied by several lines, one behind the other. */
const LINES_AT_MOST = 8;
/** So many denied names of one directory are mended by the directory. */
const MANY = 12;
/** Mends that are tried again on what the same line denies. */
const TRIED = 16;

/** Another value of the setting itself, or none of it: allows all that it denied. */
function loosened(by: Assignment): Mend[] {
  const values = strictness(by.name);
  const looser = values.slice(values.indexOf(plainValue(by.value)) + 1);
  return looser.map(value => ({
    edits: [{ action: 'replace', name: by.name, value, at: by.at }],
    wider: `everything that ${by.name}=${by.value} denies and ${by.name}=${value} does not`,
  }));
}

const add = (name: string, value: string): Mend => ({ edits: [{ action: 'add', name, value }] });

/** A port to listen at, or a peer to speak with. Who would speak to a server is not in its log: whoever can reach its address. */
function reachable({ op, family, transport, port, address }: AddressAccess, { name }: Assignment): Mend[] {
  if (name === 'SocketBindDeny') {
    const words = [family === 'AF_INET6' ? 'ipv6' : 'ipv4', ...(transport === undefined ? [] : [transport])];
    return [add('SocketBindAllow', [...words, port === undefined || port === 0 ? 'any' : port].join(':'))];
  }
  if (name !== 'IPAddressDeny') return [];
  if (op !== 'bind') return [add('IPAddressAllow', address.replace(/%.*/, ''))];
  const peers = isLoopback(address) ? 'localhost' : 'any';
  return [
    {
      ...add('IPAddressAllow', peers),
      wider: `${peers} may be spoken with, because a log does not tell who will call`,
    },
  ];
}

/** What a list of the unit lacks to allow the access. */
function listed(access: Access, by: Assignment): Mend[] {
  const { name } = by;
  switch (access.kind) {
    case 'address':
      return reachable(access, by);
    case 'syscall':
      if (name === 'SystemCallFilter') return [add(name, access.name)];
      return name === 'SystemCallArchitectures' ? [add(name, access.abi === 'x32' ? 'x32' : 'x86')] : [];
    case 'socket':
      return name === 'RestrictAddressFamilies' ? [add(name, access.family)] : [];
    case 'namespace':
      return name === 'RestrictNamespaces' ? [add(name, access.type)] : [];
    case 'capability':
      if (name === 'CapabilityBoundingSet') return [add(name, access.name)];
      return [add('AmbientCapabilities', access.name)];
    default:
      return [];
  }
}

/** A path that is missing when the service starts need not end the start: one word of the line, or all of them. */
function tolerant(by: Assignment): Mend[] {
  // Settings of one value name no path themselves.
  if (strictness(by.name).length > 0) return [];
  const words = rawWords(by.value);
  const may = (word: string): string => word.replace(/^(["']?)-?/, '$1-');
  const values = [...words.map((_, i) => words.map((word, j) => (i === j ? may(word) : word))), words.map(may)];
  return values.map(value => ({ edits: [{ action: 'replace', name: by.name, value: value.join(' '), at: by.at }] }));
}

/** Ways out for one access and the line that denies it, narrowest first. */
function ways(access: Access, by: Assignment, situation: Situation): Mend[] {
  const own =
    access.kind === 'path'
      ? pathMends(access, by, situation)
      : access.kind === 'move'
        ? moveMends(access, situation)
        : listed(access, by);
  return [...own, ...loosened(by)];
}

const depth = ({ access }: Violation): number => (access.kind === 'path' ? access.path.split('/').length : 0);

/** Those whose mend is the widest first. */
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

const joined = (first: Mend, then: Mend): Mend => {
  const wider = [first.wider, then.wider].filter(text => text !== undefined).join('; ');
  return { edits: [...first.edits, ...then.edits], ...(wider === '' ? {} : { wider }) };
};

/** Looks for mends of one unit. */
export class Mender {
  readonly #situation: Situation;
  readonly #sandbox: (assignments: readonly Assignment[]) => Trial;
  /** Edits → the sandbox they make: many accesses share a mend. */
  readonly #trials = new Map<string, Trial>();

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

  /** The first way that lets the access pass, or leads on to another line that can be mended too. */
  #search(access: Access, by: Assignment, before: Mend | null, depth: number): Mend | null {
    let onward: { mend: Mend; by: Assignment } | null = null;
    const starts = this.#trial([], by.section).failure === null;
    for (const way of ways(access, by, this.#situation)) {
      const mend = before === null ? way : joined(before, way);
      const trial = this.#trial(mend.edits, by.section);
      if (starts && trial.failure !== null) continue;
      const next = denier(trial, access);
      if (next === null) return mend;
      if (!sameLine(next, by) && next.at.line > 0) onward ??= { mend, by: next };
    }
    return onward === null || depth >= LINES_AT_MOST ? null : this.#search(access, onward.by, onward.mend, depth + 1);
  }

  /** The path that ends the start may be missing: the first word of the line with which another line, or none, ends it. */
  #start(by: Assignment): Mend | null {
    const helps = ({ edits }: Mend): boolean => {
      const { failure } = this.#trial(edits, by.section);
      return failure === null || !sameLine(failure, by);
    };
    return [...tolerant(by), ...loosened(by)].find(helps) ?? null;
  }

  #mend({ access, by, outcome }: Violation): Mend | null {
    return outcome === NO_START ? this.#start(by) : this.#search(access, by, null, 1);
  }

  /** The access would pass after these edits. */
  allows({ edits }: Mend, { access, by, outcome }: Violation): boolean {
    const trial = this.#trial(edits, by.section);
    return outcome === NO_START ? trial.failure === null : denier(trial, access) === null;
  }

  /**
   * All violations, each with its mend. What mends one often mends others: of one line's violations those come first whose mend is a
   * directory, and the higher one before the deeper. Many names of one directory get the directory.
   */
  mendAll(violations: readonly Violation[]): Violation[] {
    const mends = new Map<Violation, Mend | null>();
    for (const group of byLine(violations)) {
      const names = namesByDirectory(group);
      let found: Mend[] = [];
      for (const violation of [...group].sort(byBreadth)) {
        const shared = found.find(one => this.allows(one, violation));
        const mend = shared ?? this.#mendDirectory(violation, names) ?? this.#mend(violation);
        mends.set(violation, mend);
        // The last one that helped is tried first.
        if (mend !== null) found = [mend, ...found.filter(one => one !== mend)].slice(0, TRIED);
      }
    }
    return violations.map(violation => ({ ...violation, mend: mends.get(violation) ?? null }));
  }

  /** Of mended violations, those whose mends together allow all of them: what another one's mend allows needs none of its own. */
  plan(violations: readonly Violation[]): { mend: Mend; violation: Violation }[] {
    const chosen: { mend: Mend; violation: Violation }[] = [];
    let edits: Edit[] = [];
    for (const violation of violations) {
      const { mend } = violation;
      if (mend === null || (edits.length > 0 && this.allows({ edits }, violation))) continue;
      const known = new Set(edits.map(edit => JSON.stringify(edit)));
      edits = [...edits, ...mend.edits.filter(edit => !known.has(JSON.stringify(edit)))];
      chosen.push({ mend, violation });
    }
    return chosen;
  }

  #mendDirectory({ access, by }: Violation, names: ReadonlyMap<string, Set<string>>): Mend | null {
    if (access.kind !== 'path' || ENTRIES.has(access.mode)) return null;
    const path = parentOf(access.path);
    const count = names.get(path)?.size ?? 0;
    if (count <= MANY) return null;
    const mend = this.#search({ ...access, path }, by, null, 1);
    if (mend === null || this.#trial(mend.edits, by.section).denies(access) !== null) return null;
    return { ...mend, wider: mend.wider ?? `all of ${path}, because ${count} names in it were denied` };
  }
}
