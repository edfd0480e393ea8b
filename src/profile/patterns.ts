// Volatile names: pids, mkstemp names, UUIDs, hashes, dates, counters. A name that will be another one tomorrow must not become
// a rule; it is folded into a pattern (`/tmp/app-*`), its evidence is kept, and every fold is listed. Folding is conservative:
// a name folds when its shape is unmistakable and the service made it, or when many siblings differ in nothing but that part.
// Names that were written and names that were only read are never folded together.

import picomatch from 'picomatch';
import type { Access, Mode } from '../process/access.ts';
import { parentOf } from '../process/resolve.ts';
import { factKey } from './key.ts';
import { accessOf, joinFacts } from './merge.ts';
import type { Fact, Profile } from './profile.ts';

/** A pattern and what it stands for. */
export interface Folded {
  /** Absolute path in which `*` stands for the volatile part of a component. */
  pattern: string;
  /** How many different names were folded, and the first few of them. */
  names: number;
  samples: string[];
  /** The shape that was recognised, in words, or the user's own glob. */
  why: string;
}

export interface FoldRules {
  /** Globs (picomatch): every path that matches one is folded into it. */
  fold?: readonly string[] | undefined;
  /** Globs: facts about matching paths are left out. */
  ignore?: readonly string[] | undefined;
  /** False: only these rules are followed, volatile names stay as they are. */
  volatile?: boolean;
}

export interface FoldResult {
  profile: Profile;
  folded: Folded[];
  /** Paths left out by `ignore`. */
  ignored: string[];
  /** An access as it was folded. */
  into: (access: Access) => Access;
}

/**
 * Shapes of volatile parts. `alone`: one name is enough, if the service created it; else several siblings are needed.
 * Sources: RFC 4122 (UUID), mktemp(3) (six random letters and digits), Python's tempfile (eight of [a-z0-9_]).
 */
// biome-ignore format: one shape a line
const SHAPES: readonly { why: string; alone: boolean; pattern: RegExp }[] = [
  { why: 'UUID',              alone: true,  pattern: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi },
  { why: 'hash',              alone: true,  pattern: /(?<![0-9a-z])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,}(?![0-9a-z])/gi },
  { why: 'date or time',      alone: true,  pattern: /(?<!\d)20\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?:[T_.-]?[0-2]\d[-_.:]?[0-5]\d(?:[-_.:]?[0-5]\d)?)?(?!\d)/g },
  { why: 'random name',       alone: true,  pattern: /(?<=[.\-_])(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Z])[A-Za-z0-9]{6}$|(?<=^tmp|[.\-_]tmp)(?=\w*[\d_])[a-z0-9_]{8}$/g },
  { why: 'hexadecimal name',  alone: false, pattern: /(?<![0-9a-z])[0-9a-f]{6,15}(?![0-9a-z])/gi },
  { why: 'number',            alone: false, pattern: /\d+/g },
];

/** Siblings that must differ in nothing but the volatile part before a weak shape folds. */
const SIBLINGS = 3;
const SAMPLES = 5;
const CHANGES: ReadonlySet<Mode> = new Set(['write', 'create', 'delete', 'meta', 'bind']);

const CREATES: ReadonlySet<Mode> = new Set(['create', 'delete', 'bind']);

/** One component below one directory. */
interface Entry {
  directory: string;
  name: string;
  /** Something at or below it was changed. */
  changed: boolean;
  /** It was itself created, deleted or renamed by the service. */
  created: boolean;
}

function collect(facts: readonly Fact[]): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const fact of facts) {
    if (fact.kind !== 'path' || fact.errno !== undefined || fact.pattern === true) continue;
    const changes = CHANGES.has(fact.mode);
    for (const path of fact.asked === undefined ? [fact.path] : [fact.path, fact.asked]) {
      const parts = path.split('/');
      for (let i = 1; i < parts.length; i++) {
        const prefix = parts.slice(0, i + 1).join('/');
        const entry = entries.get(prefix) ?? {
          directory: parts.slice(0, i).join('/'),
          name: parts[i] ?? '',
          changed: false,
          created: false,
        };
        entry.changed ||= changes;
        entry.created ||= i === parts.length - 1 && CREATES.has(fact.mode);
        entries.set(prefix, entry);
      }
    }
  }
  return entries;
}

/** Which components fold, and into what: prefix → new component. Kernel interfaces and devices are not names of ours. */
function decide(entries: ReadonlyMap<string, Entry>): Map<string, { name: string; why: string }> {
  const decided = new Map<string, { name: string; why: string }>();
  for (const { why, alone, pattern } of SHAPES) {
    const groups = new Map<string, string[]>();
    for (const [prefix, entry] of entries) {
      if (decided.has(prefix) || /^\/(?:proc|sys|dev)(?:\/|$)/.test(prefix) || !entry.changed) continue;
      const name = entry.name.replace(pattern, '*').replace(/\*+/g, '*');
      if (name === entry.name) continue;
      const key = `${entry.directory}/${name}`;
      groups.set(key, [...(groups.get(key) ?? []), prefix]);
    }
    for (const [key, prefixes] of groups) {
      const created = prefixes.filter(prefix => entries.get(prefix)?.created);
      if (alone ? created.length > 0 : created.length >= SIBLINGS)
        for (const prefix of prefixes) decided.set(prefix, { name: key.slice(key.lastIndexOf('/') + 1), why });
    }
  }
  return decided;
}

function rewrite(path: string, decided: ReadonlyMap<string, { name: string }>): string {
  const parts = path.split('/');
  return parts
    .map((part, i) => (i === 0 ? part : (decided.get(parts.slice(0, i + 1).join('/'))?.name ?? part)))
    .join('/');
}

/** The shape by which the path folds: that of its last volatile component. */
function shapeOf(path: string, decided: ReadonlyMap<string, { why: string }>): string {
  for (let prefix = path; prefix !== '/'; prefix = parentOf(prefix)) {
    const why = decided.get(prefix)?.why;
    if (why !== undefined) return why;
  }
  return '';
}

/** Folds volatile names of a profile. The profile itself is left as it is: folding is done again at each use. */
export function fold(profile: Profile, rules: FoldRules = {}): FoldResult {
  const ignores = picomatch([...(rules.ignore ?? [])], { dot: true });
  const own = (rules.fold ?? []).map(glob => ({ glob, matches: picomatch(glob, { dot: true }) }));
  const ignored = new Set<string>();
  const kept = profile.facts.filter(fact => {
    if (fact.kind !== 'path' || (rules.ignore ?? []).length === 0 || !ignores(fact.path)) return true;
    ignored.add(fact.path);
    return false;
  });
  const decided: ReturnType<typeof decide> = rules.volatile === false ? new Map() : decide(collect(kept));
  const folded = new Map<string, { names: Set<string>; why: string }>();
  const into = (path: string): string => {
    const rule = own.find(({ matches }) => matches(path));
    const pattern = rule?.glob ?? rewrite(path, decided);
    if (pattern === path) return path;
    const entry = folded.get(pattern) ?? {
      names: new Set<string>(),
      why: rule === undefined ? shapeOf(path, decided) : 'own rule',
    };
    entry.names.add(path);
    folded.set(pattern, entry);
    return pattern;
  };
  const facts = new Map<string, Fact>();
  for (const fact of kept) {
    const access = foldAccess(accessOf(fact), into);
    const key = factKey(access);
    const known = facts.get(key);
    const next: Fact = { ...access, evidence: fact.evidence };
    facts.set(key, known === undefined ? next : joinFacts(known, next));
  }
  return {
    profile: { ...profile, facts: [...facts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, fact]) => fact) },
    folded: [...folded]
      .map(([pattern, { names, why }]) => ({
        pattern,
        names: names.size,
        samples: [...names].sort().slice(0, SAMPLES),
        why,
      }))
      .sort((a, b) => (a.pattern < b.pattern ? -1 : 1)),
    ignored: [...ignored].sort(),
    into: access => foldAccess(access, into),
  };
}

function foldAccess(access: Access, into: (path: string) => string): Access {
  if (access.kind === 'move') return { ...access, from: into(access.from), to: into(access.to) };
  if (access.kind !== 'path') return access;
  const path = into(access.path);
  if (path === access.path) return access;
  const { asked, ...rest } = access;
  const askedPattern = asked === undefined ? undefined : into(asked);
  return {
    ...rest,
    path,
    pattern: true,
    ...(askedPattern === undefined || askedPattern === path ? {} : { asked: askedPattern }),
  };
}
