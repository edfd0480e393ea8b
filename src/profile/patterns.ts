// Volatile names: pids, mkstemp names, UUIDs, hashes, dates, counters. A name that will be another one tomorrow must not become
// a rule; it is folded into a pattern (`/tmp/app-*`), its evidence is kept, and every fold is listed. Folding is conservative:
// a name folds when its shape is unmistakable and the service made it, or when many siblings differ in nothing but that part.
// Names that were written and names that were only read are never folded together.

import picomatch from 'picomatch';
import type { Access, Mode } from '../process/access.ts';
import { parentOf } from '../process/resolve.ts';
import { joinFacts } from './merge.ts';
import { byFact, keyOf } from './order.ts';
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

export interface IdleRule {
  rule: 'fold' | 'ignore';
  glob: string;
}

export interface FoldResult {
  profile: Profile;
  folded: Folded[];
  /** Paths left out by `ignore`. */
  ignored: string[];
  /** Globs of the rules that no path matches, with the name of their rule. */
  idle: IdleRule[];
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

/** Kernel interfaces and devices are not names of ours. */
const KERNEL = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** Names that may fold: of what was changed and of every directory above it. True: it was itself created, deleted or renamed. */
function changedNames(facts: readonly Fact[]): Map<string, boolean> {
  const names = new Map<string, boolean>();
  for (const fact of facts) {
    if (fact.kind !== 'path' || fact.errno !== undefined || fact.pattern === true || !CHANGES.has(fact.mode)) continue;
    for (const path of fact.asked === undefined ? [fact.path] : [fact.path, fact.asked]) {
      if (KERNEL.test(path)) continue;
      for (let at = path; at !== '/' && !names.has(at); at = parentOf(at)) names.set(at, false);
      if (CREATES.has(fact.mode)) names.set(path, true);
    }
  }
  return names;
}

/** Which components fold, and into what: path → new component. */
function decide(names: ReadonlyMap<string, boolean>): Map<string, { name: string; why: string }> {
  const decided = new Map<string, { name: string; why: string }>();
  for (const { why, alone, pattern } of SHAPES) {
    // By directory, then by folded name: a path that holds both would be one more copy of it.
    const directories = new Map<string, Map<string, string[]>>();
    for (const path of names.keys()) {
      const cut = path.lastIndexOf('/');
      const name = path.slice(cut + 1);
      const folded = name.replace(pattern, '*');
      if (folded === name || decided.has(path)) continue;
      const directory = path.slice(0, cut);
      const siblings = directories.get(directory) ?? new Map<string, string[]>();
      directories.set(directory, siblings);
      const key = folded.replace(/\*+/g, '*');
      const group = siblings.get(key);
      if (group === undefined) siblings.set(key, [path]);
      else group.push(path);
    }
    for (const siblings of directories.values())
      for (const [name, paths] of siblings) {
        const created = paths.filter(path => names.get(path) === true);
        if (alone ? created.length > 0 : created.length >= SIBLINGS)
          for (const path of paths) decided.set(path, { name, why });
      }
  }
  return decided;
}

/** Gives each path its new components; the very same path where it has none. */
function rewriter(decided: ReadonlyMap<string, { name: string }>): (path: string) => string {
  if (decided.size === 0) return path => path;
  const directories = new Map([['', '']]);
  const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
  const holders = new Set([...decided.keys()].map(directoryOf));
  // Paths come in their order: most lie in the directory of the one before. `holds`: some names in it fold.
  let last = { directory: '', into: '', holds: holders.has('') };
  const rewrite = (path: string): string => {
    const cut = path.lastIndexOf('/');
    if (cut < 0) return path;
    if (cut !== last.directory.length || !path.startsWith(last.directory)) last = enter(path.slice(0, cut));
    const { directory, into, holds } = last;
    const name = holds ? decided.get(path)?.name : undefined;
    if (name !== undefined) return `${into}/${name}`;
    return into === directory ? path : into + path.slice(cut);
  };
  const enter = (directory: string): typeof last => {
    const into = directories.get(directory) ?? rewrite(directory);
    directories.set(directory, into);
    return { directory, into, holds: holders.has(directory) };
  };
  return rewrite;
}

/** The shape by which the path folds: that of its last volatile component. */
function shapeOf(path: string, decided: ReadonlyMap<string, { why: string }>): string {
  for (let prefix = path; prefix !== '/'; prefix = parentOf(prefix)) {
    const why = decided.get(prefix)?.why;
    if (why !== undefined) return why;
  }
  return '';
}

/** The globs of one rule that are for none of these facts. */
function idleRules(rule: IdleRule['rule'], globs: readonly string[] = [], facts: readonly Fact[]): IdleRule[] {
  const isFor = (fact: Fact, matches: (path: string) => boolean): boolean =>
    fact.kind === 'path'
      ? matches(fact.path)
      : fact.kind === 'move' && rule === 'fold' && (matches(fact.from) || matches(fact.to));
  return globs.flatMap(glob => {
    const matches = picomatch(glob, { dot: true });
    return facts.some(fact => isFor(fact, matches)) ? [] : { rule, glob };
  });
}

/** Folds volatile names of a profile. The profile itself is left as it is: folding is done again at each use. */
export function fold(profile: Profile, rules: FoldRules = {}): FoldResult {
  const ignores = picomatch([...(rules.ignore ?? [])], { dot: true });
  const own = (rules.fold ?? []).map(glob => ({ glob, matches: picomatch(glob, { dot: true }) }));
  const ignored = new Set<string>();
  const isKept = (fact: Fact): boolean => {
    if (fact.kind !== 'path' || !ignores(fact.path)) return true;
    ignored.add(fact.path);
    return false;
  };
  const kept = (rules.ignore ?? []).length === 0 ? profile.facts : profile.facts.filter(isKept);
  const decided: ReturnType<typeof decide> = rules.volatile === false ? new Map() : decide(changedNames(kept));
  const rewrite = rewriter(decided);
  const folded = new Map<string, { names: Set<string>; why: string }>();
  const into = (path: string): string => {
    const rule = own.find(({ matches }) => matches(path));
    const pattern = rule?.glob ?? rewrite(path);
    if (pattern === path) return path;
    const entry = folded.get(pattern) ?? {
      names: new Set<string>(),
      why: rule === undefined ? shapeOf(path, decided) : 'own rule',
    };
    entry.names.add(path);
    folded.set(pattern, entry);
    return pattern;
  };
  const facts = foldFacts(kept, into);
  return {
    profile: { ...profile, facts },
    folded: [...folded]
      .map(([pattern, { names, why }]) => ({
        pattern,
        names: names.size,
        samples: [...names].sort().slice(0, SAMPLES),
        why,
      }))
      .sort((a, b) => (a.pattern < b.pattern ? -1 : 1)),
    ignored: [...ignored].sort(),
    idle: [...idleRules('fold', rules.fold, profile.facts), ...idleRules('ignore', rules.ignore, profile.facts)],
    into: access => foldAccess(access, into),
  };
}

/** Facts that folding makes equal are joined; those that it does not touch stay the very same. */
function foldFacts(facts: readonly Fact[], into: (path: string) => string): Fact[] {
  const untouched: Fact[] = [];
  const folded = new Map<string, Fact>();
  for (const fact of facts) {
    const access = foldAccess(fact, into);
    if (access === fact && !mayBeFolded(fact)) {
      untouched.push(fact);
      continue;
    }
    const next: Fact = { ...access, evidence: fact.evidence };
    const key = keyOf(next);
    const known = folded.get(key);
    folded.set(key, known === undefined ? next : joinFacts(known, next));
  }
  return inserted([...folded.values()].sort(byFact), untouched);
}

/** Sorted facts with a few more in their places; these are sorted too. */
function inserted(few: readonly Fact[], many: readonly Fact[]): Fact[] {
  const all: Fact[] = [];
  let done = 0;
  for (const fact of few) {
    let [from, to] = [done, many.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = many[middle];
      if (other !== undefined && byFact(other, fact) < 0) from = middle + 1;
      else to = middle;
    }
    for (const other of many.slice(done, from)) all.push(other);
    all.push(fact);
    done = from;
  }
  return all.concat(many.slice(done));
}

/** Can a fact that folding does not touch be equal to one that was folded? */
const mayBeFolded = (fact: Fact): boolean => fact.kind === 'move' || (fact.kind === 'path' && fact.pattern === true);

/** The very same access when nothing in it folds. */
function foldAccess(access: Access, into: (path: string) => string): Access {
  if (access.kind === 'move') {
    const [from, to] = [into(access.from), into(access.to)];
    return from === access.from && to === access.to ? access : { ...access, from, to };
  }
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
