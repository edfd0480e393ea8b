// Which directive of a proposal decides about a path: the deepest that lists it or a directory above it, else the one that speaks of the
// tree it lies in. For explaining; whether an access is allowed is for `check` to say. Source: systemd.exec(5).

import type { PathAccess } from '../../../process/access.ts';
import { isBelow, parentOf } from '../../../process/resolve.ts';
import { DIRECTIVE_ROWS, placesOf } from '../../directives/table.ts';
import type { Directive } from '../../policy.ts';
import { quotePath } from '../../quote.ts';

/** Lists that say what may be executed, and nothing else. */
const isExecList = (name: string): boolean => /exec$/.test(DIRECTIVE_ROWS.get(name)?.lists ?? '');
const isPathList = (name: string): boolean => {
  const { lists, below } = DIRECTIVE_ROWS.get(name) ?? {};
  return below !== undefined || (lists !== undefined && !isExecList(name));
};

/** The paths of a list as they are written, without prefixes and options. */
function written({ name, value }: Directive): string[] {
  const fixed = DIRECTIVE_ROWS.get(name)?.below;
  const words = value.startsWith('"') ? [value] : value.split(' ').filter(word => word !== '');
  return words.map(word => {
    const bare = word.replace(/^[-+]+/, '').replace(/(?<!\\):.*/, '');
    return fixed === undefined ? bare : `${fixed}/${bare}`;
  });
}

function lookup(
  directives: readonly Directive[],
  isListed: (name: string) => boolean,
): (path: string) => Directive | null {
  const rules = new Map<string, Directive>();
  for (const directive of directives)
    if (isListed(directive.name)) for (const path of written(directive)) rules.set(path, directive);
  const ruleOf = (path: string): Directive | undefined =>
    rules.get(path) ?? rules.get(quotePath(path) ?? '') ?? rules.get(quotePath(path, { colon: true }) ?? '');
  // Many paths share their directories.
  const directories = new Map<string, Directive | null>();
  const find = (path: string): Directive | null => {
    const rule = ruleOf(path);
    if (rule !== undefined || path === '/') return rule ?? null;
    const directory = parentOf(path);
    const above = directories.get(directory);
    if (above !== undefined) return above;
    const found = find(directory);
    directories.set(directory, found);
    return found;
  };
  return path => (rules.size === 0 ? null : find(path));
}

/** For each path access the directive that decides about it, or null when none does. */
export function ruleFinder(
  directives: readonly Directive[],
  systemd: number,
): (access: PathAccess) => Directive | null {
  const listed = lookup(directives, isPathList);
  const executable = lookup(directives, isExecList);
  const trees = directives
    .flatMap(directive => placesOf(directive.name, directive.value, systemd).map(top => ({ directive, top })))
    .sort((a, b) => b.top.length - a.top.length);
  return ({ path, mode }) => {
    const exec = mode === 'exec' || mode === 'map' ? executable(path) : null;
    if (exec !== null) return exec;
    return listed(path) ?? trees.find(({ top }) => isBelow(path, top))?.directive ?? null;
  };
}
