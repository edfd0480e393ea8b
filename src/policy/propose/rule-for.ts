// Which directive of a proposal decides about a path: the deepest that lists it or a directory above it, else the one that speaks of the
// tree it lies in. For explaining; whether an access is allowed is for `check` to say. Source: systemd.exec(5).

import type { PathAccess } from '../../process/access.ts';
import { isBelow, parentOf } from '../../process/resolve.ts';
import type { Directive } from '../policy.ts';
import { quotePath } from '../quote.ts';
import { HOMES, TEMPORARY } from './private-places.ts';

const LISTS: ReadonlySet<string> = new Set([
  'ReadWritePaths',
  'ReadOnlyPaths',
  'InaccessiblePaths',
  'BindPaths',
  'BindReadOnlyPaths',
  'TemporaryFileSystem',
]);
const EXEC_LISTS: ReadonlySet<string> = new Set(['ExecPaths', 'NoExecPaths']);

/** Directives that name directories below a fixed one: systemd.exec(5), RuntimeDirectory=. */
const DIRECTORIES: Readonly<Record<string, string>> = {
  RuntimeDirectory: '/run',
  StateDirectory: '/var/lib',
  CacheDirectory: '/var/cache',
  LogsDirectory: '/var/log',
  ConfigurationDirectory: '/etc',
};

/** Directives that speak of whole trees, the most particular first. */
const TREES: readonly (readonly [string, readonly string[]])[] = [
  ['ProtectControlGroups', ['/sys/fs/cgroup']],
  ['ProtectKernelTunables', ['/proc/sys', '/proc/sysrq-trigger', '/sys']],
  ['ProtectKernelLogs', ['/proc/kmsg', '/dev/kmsg']],
  ['ProtectProc', ['/proc']],
  ['PrivateDevices', ['/dev']],
  ['PrivateTmp', TEMPORARY],
  ['ProtectHome', HOMES],
  ['ProtectSystem', ['/']],
];

/** The paths of a list as they are written, without prefixes and options. */
function written({ name, value }: Directive): string[] {
  const fixed = DIRECTORIES[name];
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
export function ruleFinder(directives: readonly Directive[]): (access: PathAccess) => Directive | null {
  const listed = lookup(directives, name => LISTS.has(name) || name in DIRECTORIES);
  const executable = lookup(directives, name => EXEC_LISTS.has(name));
  const trees = TREES.flatMap(([name, tops]) => {
    const directive = directives.find(one => one.name === name);
    return directive === undefined ? [] : [{ directive, tops }];
  });
  return ({ path, mode }) => {
    const exec = mode === 'exec' || mode === 'map' ? executable(path) : null;
    if (exec !== null) return exec;
    return listed(path) ?? trees.find(({ tops }) => tops.some(top => isBelow(path, top)))?.directive ?? null;
  };
}
