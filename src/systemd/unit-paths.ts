// Where unit files and drop-ins lie, and in which order they count. Source: systemd.unit(5), «Unit File Load Path» and the paragraphs on
// drop-ins, prefixes and templates; src/basic/unit-file.c of systemd 252.

import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Account } from './specifiers.ts';

const SUFFIX = /\.(?:service|socket|mount|automount|swap|timer|path|slice|scope|target|device)$/;

export const hasUnitSuffix = (name: string): boolean => SUFFIX.test(name);

/** Directories of unit files, the strongest first. */
export function unitPaths(user: Account | null, environment: NodeJS.ProcessEnv = process.env): string[] {
  const asked = environment.SYSTEMD_UNIT_PATH;
  const standard = user === null ? SYSTEM : userPaths(user);
  if (asked === undefined || asked === '') return standard;
  const named = asked.split(':').filter(path => path !== '');
  // An empty last part stands for the usual directories.
  return asked.endsWith(':') ? [...named, ...standard] : named;
}

const SYSTEM: readonly string[] & string[] = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/run/systemd/generator.late',
];

function userPaths({ home, uid }: Account): string[] {
  const runtime = `/run/user/${uid}/systemd`;
  return [
    `${home}/.config/systemd/user.control`,
    `${runtime}/user.control`,
    `${runtime}/transient`,
    `${runtime}/generator.early`,
    `${home}/.config/systemd/user`,
    '/etc/systemd/user',
    `${runtime}/user`,
    '/run/systemd/user',
    `${runtime}/generator`,
    `${home}/.local/share/systemd/user`,
    '/usr/local/share/systemd/user',
    '/usr/share/systemd/user',
    '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user',
    `${runtime}/generator.late`,
  ];
}

/** `sshd@a.service` → `sshd@.service`; null for what is no instance. */
export function templateOf(name: string): string | null {
  const match = /^(.*@)[^@]+(\.[a-z]+)$/.exec(name);
  return match === null ? null : `${match[1] ?? ''}${match[2] ?? ''}`;
}

/** `sshd@a.service` → `a`; null for what is no instance. */
export const instanceOf = (name: string): string | null => /^.*?@([^@]+)\.[a-z]+$/.exec(name)?.[1] ?? null;

/** `foo-bar-baz.service` → `foo-bar-.service`, `foo-.service`: drop-ins of a whole family. */
function families(name: string): string[] {
  const suffix = SUFFIX.exec(name)?.[0] ?? '';
  let rest = name.slice(0, name.length - suffix.length).replace(/@.*/, '');
  const found: string[] = [];
  if (rest.endsWith('-')) rest = rest.slice(0, -1);
  for (let cut = rest.lastIndexOf('-'); cut > 0; cut = rest.lastIndexOf('-')) {
    found.push(`${rest.slice(0, cut + 1)}${suffix}`);
    rest = rest.slice(0, cut);
  }
  return found;
}

/** Names whose `.d` directories hold drop-ins of a unit, the most specific first. */
export function dropinNames(name: string): string[] {
  const template = templateOf(name);
  const type = SUFFIX.exec(name)?.[0].slice(1);
  return [name, ...(template === null ? [] : [template]), ...families(name), ...(type === undefined ? [] : [type])];
}

const listing = (directory: string): string[] => {
  try {
    return readdirSync(directory).filter(file => file.endsWith('.conf') && !file.startsWith('.'));
  } catch {
    return [];
  }
};

/** Empty, or a symlink to /dev/null: whatever has this name in a weaker directory does not count. */
export function isMask(path: string): boolean {
  try {
    if (realpathSync(path) === '/dev/null') return true;
    return statSync(path).size === 0;
  } catch {
    return false;
  }
}

/** The drop-ins of a unit in `paths`, in the order in which they count: by file name; of one name, the first directory's. */
export function dropinsOf(names: readonly string[], paths: readonly string[]): string[] {
  const chosen = new Map<string, string>();
  for (const name of names)
    for (const path of paths) {
      const directory = join(path, `${name}.d`);
      for (const file of listing(directory)) if (!chosen.has(file)) chosen.set(file, join(directory, file));
    }
  return [...chosen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, path]) => path)
    .filter(path => !isMask(path));
}

/** The unit that a bare drop-in belongs to, by its directory: `nginx.service.d/x.conf` → `nginx.service`. */
export function unitOfDropin(path: string): string | null {
  const directory = basename(dirname(path));
  const name = directory.endsWith('.d') ? directory.slice(0, -2) : '';
  return hasUnitSuffix(name) ? name : null;
}
