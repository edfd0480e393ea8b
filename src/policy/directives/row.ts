// What a row of the table of directives may say, and what follows from it. Types and pure look-ups, no facts: those are in table.ts.

import type { Effect } from '../effects.ts';

/** Holds from one release of systemd on (`since`), and up to another (`until`: the first release without it). */
export interface Versions {
  since?: number;
  until?: number;
}

/** Does systemd `version` have it? */
export const holds = ({ since = 0, until = Number.POSITIVE_INFINITY }: Versions, version: number): boolean =>
  since <= version && version < until;

/** What a mount does, in systemd's order of priority: of two for one path, the one that stands first here wins (MountMode, namespace.c). */
export const MOUNT_MODES = [
  'inaccessible',
  'bind',
  'private-tmp',
  'private-dev',
  'bind-dev',
  'empty',
  'private-sysfs',
  'sysfs',
  'procfs',
  'private-cgroup',
  'read-only',
  'read-write',
  'noexec',
  'exec',
  'tmpfs',
  'run',
  'mqueue',
  'bpffs',
  'read-write-implicit',
] as const;
export type MountMode = (typeof MOUNT_MODES)[number];

/** One mount of a value. `optional`: a path that is missing does not stop the start. */
export interface MountRow extends Versions {
  path: string;
  mode: MountMode;
  optional?: true;
  readOnly?: true;
}

/** One value of a directive with a few fixed values. */
export interface Value extends Versions {
  /** What it denies, beside what its mounts deny. */
  denies?: readonly (Effect & Versions)[];
  /** Its mounts; even an empty list means that the service gets a mount namespace. */
  mounts?: readonly MountRow[];
  /** Mounts that are made only where another setting brings a mount namespace. */
  beside?: readonly MountRow[];
  /** Valid, but never proposed. */
  unproposed?: true;
}

/**
 * Kernels and containers may refuse these to everybody. `user-namespaces`: see user_namespaces(7); a chroot cannot make any. `PID-namespaces`: with
 * a /proc of their own, which cannot be mounted where the old one is masked (mount_namespaces(7)).
 */
export type KernelFeature = 'user-namespaces' | 'PID-namespaces';

export interface DirectiveRow extends Versions {
  since: number;
  kind:
    | 'choice'
    | 'paths'
    | 'syscalls'
    | 'capabilities'
    | 'families'
    | 'namespaces'
    | 'addresses'
    | 'devices'
    | 'other';
  values?: Readonly<Record<string, Value>>;
  spelt?: Readonly<Record<string, string>>;
  argument?: Versions;
  words?: Readonly<Record<string, Versions>>;
  list?: 'narrows' | 'denies' | 'adds';
  shares?: string;
  lists?: MountMode;
  below?: string;
  persistent?: true;
  implies?: readonly (Versions & { setting: string; value: string })[];
  built?: 'BPF_FRAMEWORK';
  plus?: true;
  seccomp?: true;
  instead?: Readonly<Record<string, Versions & { call: string }>>;
  kernel?: KernelFeature;
  always?: string;
  never?: string;
  unjudged?: string;
  lifted?: string | null;
  says: string;
}

/** The values that systemd `version` knows, strictest first. */
export const valuesIn = ({ values = {} }: DirectiveRow, version: number): [name: string, value: Value][] =>
  Object.entries(values).filter(([, value]) => holds(value, version));

/** Beside its mounts: what a value denies in this release. */
export const deniedBy = ({ denies = [] }: Value, version: number): readonly Effect[] =>
  denies.filter(effect => holds(effect, version));

/** Its mounts in this release; null: it brings no mount namespace. */
export function mountsOf({ mounts }: Value, version: number): readonly MountRow[] | null {
  const made = mounts?.filter(row => holds(row, version));
  return made === undefined || (made.length === 0 && mounts?.length !== 0) ? null : made;
}

/** The calls that are made in place of others, because a filter answers those with ENOSYS. */
export const insteadOf = ({ instead = {} }: DirectiveRow, version: number): [call: string, instead: string][] =>
  Object.entries(instead).flatMap(([name, one]) => (holds(one, version) ? [[name, one.call]] : []));

/** Does the directive take `yes` and `no`? */
export const isBoolean = ({ values = {} }: DirectiveRow): boolean => 'yes' in values && 'no' in values;
