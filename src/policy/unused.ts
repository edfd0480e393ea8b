// What a unit allows and nothing used: the words of its allow-lists without an observed access. Pure.

import type { Mode } from '../process/access.ts';
import { isBelow } from '../process/resolve.ts';
import type { Fact } from '../profile/profile.ts';
import type { Assignment, Unused } from './findings.ts';
import { kernelName } from './kernel-names.ts';
import { listedEntries, madeDirectories } from './mount-entries.ts';
import type { Sandbox } from './sandbox.ts';
import { booleanOf, wordsOf } from './settings.ts';

const WRITES: ReadonlySet<Mode> = new Set(['write', 'create', 'delete', 'meta', 'bind']);
const EXECS: ReadonlySet<Mode> = new Set(['exec', 'map']);

/** Was anything at or below a path used so? */
function isUsed(facts: readonly Fact[], top: string, modes: ReadonlySet<Mode> | null): boolean {
  return facts.some(
    fact =>
      fact.kind === 'path' &&
      (modes === null || modes.has(fact.mode)) &&
      (isBelow(fact.path, top) || (fact.asked !== undefined && isBelow(fact.asked, top))),
  );
}

const PATH_USES: Readonly<Record<string, ReadonlySet<Mode> | null>> = {
  ReadWritePaths: WRITES,
  ExecPaths: EXECS,
  BindPaths: WRITES,
  BindReadOnlyPaths: null,
};

type Asker = (by: Assignment, facts: readonly Fact[], sandbox: Sandbox) => string[];

const words = (by: Assignment): string[] => wordsOf(by).map(({ text }) => text);
const seen = (facts: readonly Fact[], name: (fact: Fact) => string | null): Set<string> =>
  new Set(facts.map(name).filter(word => word !== null));

const paths: Asker = (by, facts, { context }) => {
  const settings = { dynamicUser: false, pidsOnly: false };
  const modes = PATH_USES[by.name] ?? null;
  return listedEntries(by, settings)
    .map(({ path }) => path)
    .filter(path => !isUsed(facts, context.host.realpath(path) ?? path, modes) && !isUsed(facts, path, modes));
};

const directories: Asker = (by, facts) =>
  madeDirectories(by, false)
    .map(({ path }) => path)
    .filter(path => !isUsed(facts, path, WRITES));

const capabilities: Asker = (by, facts) => {
  if (by.value.startsWith('~')) return [];
  const used = seen(facts, fact => (fact.kind === 'capability' ? fact.name : null));
  return words(by).filter(name => !used.has(name.toUpperCase()));
};

const families: Asker = (by, facts) => {
  if (by.value.startsWith('~') || by.value === 'none') return [];
  const used = seen(facts, fact => (fact.kind === 'socket' ? fact.family.replace('AF_LOCAL', 'AF_UNIX') : null));
  return words(by).filter(name => !used.has(name.replace('AF_LOCAL', 'AF_UNIX')));
};

const namespaces: Asker = (by, facts) => {
  if (by.value.startsWith('~') || booleanOf(by.value) !== null) return [];
  const used = seen(facts, fact => (fact.kind === 'namespace' ? fact.type : null));
  return used.has('any') ? [] : words(by).filter(name => !used.has(name));
};

const calls: Asker = (by, facts, { context: { sets }, filter }) => {
  if (by.value.startsWith('~') || filter?.mode !== 'allow') return [];
  const used = seen(facts, fact => (fact.kind === 'syscall' ? kernelName(fact.name) : null));
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
  return sandbox.assignments.flatMap(by =>
    (ASKERS[by.name]?.(by, facts, sandbox) ?? []).map(allows => ({ by, allows })),
  );
}
