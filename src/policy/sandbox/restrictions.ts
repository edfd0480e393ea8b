// Capabilities, address families and namespaces: lists whose first line says whether they allow or deny, and which later lines change.
// Sources: config_parse_capability_set(), config_parse_address_families(), config_parse_namespace_flags() of systemd 252; capabilities(7).

import { CAPABILITIES } from '../../process/constants/capabilities.ts';
import { holds, type Versions } from '../directives/row.ts';
import type { Assignment } from '../findings.ts';
import { badValue, booleanOf, type Rule, wordsOf } from './settings.ts';

export interface Capabilities {
  /** Those the service can have. */
  has: ReadonlySet<string>;
  /** Those that a program may bring along in its file. */
  bounding: ReadonlySet<string>;
  /** Which line keeps it from having another. */
  without: (name: string) => Assignment | null;
}

/** `~` in front: all but these. */
const list = (by: Assignment): { invert: boolean; names: string[] } => {
  const invert = by.value.startsWith('~');
  return { invert, names: wordsOf(by, {}, invert ? by.value.slice(1) : by.value).map(({ text }) => text) };
};

function capabilityNames(by: Assignment): { invert: boolean; names: string[] } {
  const { invert, names } = list(by);
  const known = names.map(name => {
    const full = name.toUpperCase();
    if (!CAPABILITIES.includes(full))
      throw badValue(by, `'${name}' is not a capability, so systemd ignores it`, 'capabilities(7)');
    return full;
  });
  return { invert, names: known };
}

/** One set, line by line. `initial`: what it holds before the first line. */
function capabilitySet(
  lines: readonly Assignment[],
  initial: ReadonlySet<string>,
): { set: ReadonlySet<string>; by: Map<string, Assignment> } {
  let set = initial;
  const by = new Map<string, Assignment>();
  for (const line of lines) {
    const { invert, names } = capabilityNames(line);
    const before = set;
    if (names.length === 0 || set.size === initial.size)
      set = new Set(invert ? CAPABILITIES.filter(name => !names.includes(name)) : names);
    else if (invert) set = new Set([...set].filter(name => !names.includes(name)));
    else set = new Set([...set, ...names]);
    for (const name of CAPABILITIES) if (before.has(name) !== set.has(name)) by.set(name, line);
  }
  return { set, by };
}

export function capabilitiesOf(assignments: readonly Assignment[], user: Assignment | null): Capabilities {
  const lines = (name: string): Assignment[] => assignments.filter(one => one.name === name);
  const bounding = capabilitySet(lines('CapabilityBoundingSet'), new Set(CAPABILITIES));
  if (user === null)
    return { has: bounding.set, bounding: bounding.set, without: name => bounding.by.get(name) ?? null };
  const ambient = capabilitySet(lines('AmbientCapabilities'), new Set());
  return {
    has: new Set([...ambient.set].filter(name => bounding.set.has(name))),
    bounding: bounding.set,
    without: name => (bounding.set.has(name) ? user : (bounding.by.get(name) ?? user)),
  };
}

/** RestrictAddressFamilies=. */
export function familiesOf(assignments: readonly Assignment[]): Rule[] {
  let names = new Map<string, Assignment>();
  let allow: { by: Assignment } | null = null;
  let deny = false;
  /** The next line says whether it is a list that allows or one that denies: at first, and again after `none`. */
  let open = true;
  for (const by of assignments) {
    if (by.name !== 'RestrictAddressFamilies') continue;
    if (by.value === 'none') {
      names = new Map();
      allow = { by };
      deny = false;
      open = true;
      continue;
    }
    const { invert, names: given } = list(by);
    if (open) {
      deny = invert;
      allow = invert ? null : { by };
      open = false;
    }
    for (const name of given) {
      if (!/^AF_[A-Z0-9]+$/.test(name))
        throw badValue(by, `'${name}' is not an address family, so systemd ignores it`, 'such as AF_INET');
      const family = name === 'AF_LOCAL' ? 'AF_UNIX' : name;
      if (invert === deny) names.set(family, by);
      else names.delete(family);
    }
  }
  const all = withAliases([...names.keys()]);
  if (allow !== null) return [{ effect: { deny: 'families-except', names: all }, by: allow.by }];
  return [...names].map(([name, by]) => ({ effect: { deny: 'families', names: withAliases([name]) }, by }));
}

const withAliases = (names: readonly string[]): string[] =>
  names.includes('AF_UNIX') ? [...names, 'AF_LOCAL'] : [...names];

/** The kinds of namespaces that every release has a word for, and may refuse. */
const ALWAYS: readonly string[] = ['cgroup', 'ipc', 'net', 'mnt', 'pid', 'user', 'uts'];
/** Tried: 247 has no word for time namespaces and never refuses them, 252 has. */
const KNOWS_TIME: Versions = { since: 248 };
/** Up to 257 NAMESPACE_FLAGS_ALL leaves them out: they are refused whenever anything is, unless they are listed. Tried: in 262 it does not. */
const ALL_HAS_TIME: Versions = { since: 258 };

const knownIn = (systemd: number): readonly string[] => (holds(KNOWS_TIME, systemd) ? [...ALWAYS, 'time'] : ALWAYS);
const allIn = (systemd: number): readonly string[] => (holds(ALL_HAS_TIME, systemd) ? [...ALWAYS, 'time'] : ALWAYS);

/** The kinds that may be made after one more line; null before: no line yet. */
function namespacesAfter(before: ReadonlySet<string> | null, by: Assignment, systemd: number): ReadonlySet<string> {
  const yes = booleanOf(by.value);
  const all = allIn(systemd);
  const kinds = knownIn(systemd);
  if (yes !== null) return new Set(yes ? [] : all);
  const { invert, names } = list(by);
  const unknown = names.find(name => !kinds.includes(name));
  if (unknown !== undefined)
    throw badValue(by, `'${unknown}' is not a namespace type, so systemd ignores the line`, kinds.join(', '));
  if (before === null && !invert) return new Set(names);
  const start = [...(before ?? all)];
  return new Set(invert ? start.filter(name => !names.includes(name)) : [...start, ...names]);
}

/** RestrictNamespaces=. */
export function namespacesOf(assignments: readonly Assignment[], systemd: number): Rule[] {
  let kept: ReadonlySet<string> | null = null;
  const denied = new Map<string, Assignment>();
  for (const by of assignments) {
    if (by.name !== 'RestrictNamespaces') continue;
    const after = namespacesAfter(kept, by, systemd);
    for (const name of knownIn(systemd)) {
      if (after.has(name)) denied.delete(name);
      else if (!denied.has(name)) denied.set(name, by);
    }
    kept = after;
  }
  if (allIn(systemd).every(name => !denied.has(name))) return [];
  return [...denied].map(([name, by]) => ({ effect: { deny: 'namespaces', names: [name] }, by }));
}
