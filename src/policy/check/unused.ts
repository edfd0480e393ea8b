// What a unit allows and nothing used: the words of its allow-lists without an observed access. Pure.

import type { Mode } from '../../process/access.ts';
import { parentOf } from '../../process/resolve.ts';
import type { Fact } from '../../profile/profile.ts';
import { rowOf } from '../../row.ts';
import type { Assignment, Unused } from '../findings.ts';
import { kernelName } from '../kernel-names.ts';
import { listedEntries, madeDirectories } from '../sandbox/mount-entries.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { booleanOf, wordsOf } from '../sandbox/settings.ts';

type Use = 'any' | 'write' | 'exec';

const USES: Readonly<Partial<Record<Mode, Use>>> = {
  write: 'write',
  create: 'write',
  delete: 'write',
  meta: 'write',
  bind: 'write',
  exec: 'exec',
  map: 'exec',
};

const PATH_USES: Readonly<Record<string, Use>> = {
  ReadWritePaths: 'write',
  ExecPaths: 'exec',
  BindPaths: 'write',
  BindReadOnlyPaths: 'any',
};

/** What was used, so that any number of words can be asked for. */
class Used {
  readonly #facts: readonly Fact[];
  /** Paths that were used so, and all directories above them. */
  #paths: Readonly<Record<Use, ReadonlySet<string>>> | null = null;

  constructor(facts: readonly Fact[]) {
    this.#facts = facts;
  }

  /** Was anything at or below a path used so? */
  path(top: string, use: Use): boolean {
    this.#paths ??= this.#collect();
    return this.#paths[use].has(top);
  }

  #collect(): Readonly<Record<Use, ReadonlySet<string>>> {
    const found = { any: new Set<string>(), write: new Set<string>(), exec: new Set<string>() };
    const add = (set: Set<string>, path: string): void => {
      for (let at = path; !set.has(at); at = parentOf(at)) set.add(at);
    };
    for (const fact of this.#facts) {
      if (fact.kind !== 'path') continue;
      const use = USES[fact.mode];
      for (const path of fact.asked === undefined ? [fact.path] : [fact.path, fact.asked]) {
        add(found.any, path);
        if (use !== undefined) add(found[use], path);
      }
    }
    return found;
  }

  /** The distinct names that `name` gives for the facts. */
  names(name: (fact: Fact) => string | null): Set<string> {
    return new Set(this.#facts.map(name).filter(word => word !== null));
  }
}

type Asker = (by: Assignment, used: Used, sandbox: Sandbox) => string[];

const words = (by: Assignment): string[] => wordsOf(by).map(({ text }) => text);

const paths: Asker = (by, used, { context }) => {
  const settings = { dynamicUser: false, pidsOnly: false, systemd: context.systemd };
  const use = rowOf(PATH_USES, by.name) ?? 'any';
  return listedEntries(by, settings)
    .map(({ path }) => path)
    .filter(path => !used.path(context.host.realpath(path) ?? path, use) && !used.path(path, use));
};

const directories: Asker = (by, used, { context: { systemd } }) =>
  madeDirectories(by, { dynamicUser: false, systemd })
    .map(({ path }) => path)
    .filter(path => !used.path(path, 'write'));

const capabilities: Asker = (by, observed) => {
  if (by.value.startsWith('~')) return [];
  const used = observed.names(fact => (fact.kind === 'capability' ? fact.name : null));
  return words(by).filter(name => !used.has(name.toUpperCase()));
};

const families: Asker = (by, observed) => {
  if (by.value.startsWith('~') || by.value === 'none') return [];
  const used = observed.names(fact => (fact.kind === 'socket' ? fact.family.replace('AF_LOCAL', 'AF_UNIX') : null));
  return words(by).filter(name => !used.has(name.replace('AF_LOCAL', 'AF_UNIX')));
};

const namespaces: Asker = (by, observed) => {
  if (by.value.startsWith('~') || booleanOf(by.value) !== null) return [];
  const used = observed.names(fact => (fact.kind === 'namespace' ? fact.type : null));
  return used.has('any') ? [] : words(by).filter(name => !used.has(name));
};

const calls: Asker = (by, observed, { context: { sets }, filter }) => {
  if (by.value.startsWith('~') || filter?.mode !== 'allow') return [];
  const used = observed.names(fact => (fact.kind === 'syscall' ? kernelName(fact.name) : null));
  const always = sets('@default');
  return words(by).filter(word =>
    word.startsWith('@')
      ? word !== '@default' && ![...sets(word)].some(name => used.has(name) && !always.has(name))
      : !used.has(word),
  );
};

const ASKERS: Readonly<Record<string, Asker>> = {
  ReadWritePaths: paths,
  ExecPaths: paths,
  BindPaths: paths,
  BindReadOnlyPaths: paths,
  RuntimeDirectory: directories,
  StateDirectory: directories,
  CacheDirectory: directories,
  LogsDirectory: directories,
  CapabilityBoundingSet: capabilities,
  AmbientCapabilities: capabilities,
  RestrictAddressFamilies: families,
  RestrictNamespaces: namespaces,
  SystemCallFilter: calls,
};

/** The words of allow-lists that no observed access needed. */
export function unusedRules(facts: readonly Fact[], sandbox: Sandbox): Unused[] {
  const used = new Used(facts);
  return sandbox.assignments.flatMap(by =>
    (rowOf(ASKERS, by.name)?.(by, used, sandbox) ?? []).map(allows => ({ by, allows })),
  );
}
