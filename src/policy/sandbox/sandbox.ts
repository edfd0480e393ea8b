// What a unit's assignments make of a service: its mounts, its filter of system calls, its capabilities, and the rest as effects,
// each with the line that asked for it. Pure. `judge.ts` asks it about accesses.
// Sources: systemd.exec(5); src/core/unit.c (unit_patch_contexts) and src/core/execute.c of systemd 252 for what implies what.

import { rowOf } from '../../row.ts';
import { DIRECTIVE_ROWS } from '../directives.ts';
import type { Effect, SyscallSets } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import type { HostView } from '../host-view.ts';
import { type AddressRules, addressRules } from './address-rules.ts';
import { deviceRules, isDeviceKnown, isDeviceSetting } from './device-rules.ts';
import {
  fixedEntries,
  hasFixedMounts,
  impliedEntries,
  listedEntries,
  type MountEntry,
  pathOf,
} from './mount-entries.ts';
import { applyMounts } from './mounts.ts';
import { OTHER_SETTINGS } from './other-settings.ts';
import { type Capabilities, capabilitiesOf, familiesOf, namespacesOf } from './restrictions.ts';
import { badValue, booleanOf, isList, SANDBOX_SECTIONS } from './settings.ts';
import { type SystemCallFilter, systemCallFilter } from './system-call-filter.ts';
import type { Mounts } from './view.ts';

export interface SandboxContext {
  /** systemd's version number. */
  systemd: number;
  sets: SyscallSets;
  host: HostView;
}

/** An effect and the line that has it. */
export interface Rule {
  effect: Effect;
  by: Assignment;
}

export interface Sandbox {
  context: SandboxContext;
  /** Everything that is in force in the sections that make a sandbox. */
  assignments: readonly Assignment[];
  /** The same and what they imply, values in the words of the table of directives. */
  settings: readonly Setting[];
  mounts: Mounts;
  filter: SystemCallFilter | null;
  capabilities: Capabilities;
  addresses: AddressRules;
  /** Everything else, in the order of the lines. */
  rules: Rule[];
  /** Those of the rules that are there because of `user`. */
  ofUser: readonly Rule[];
  /** The service does not run as root: who says so. */
  user: Assignment | null;
  /** Settings whose effect is not modelled. */
  unknown: Assignment[];
}

/** A setting as it counts: written, or implied by another. */
export interface Setting {
  name: string;
  value: string;
  by: Assignment;
}

/** Settings that are modelled outside the table of directives. */
const MODELLED: ReadonlySet<string> = new Set([
  'User',
  'DynamicUser',
  'RootDirectory',
  'MountAPIVFS',
  'SystemCallFilter',
  'SystemCallErrorNumber',
  'SystemCallArchitectures',
  'CapabilityBoundingSet',
  'AmbientCapabilities',
  'RestrictAddressFamilies',
  'RestrictNamespaces',
  'ReadWritePaths',
  'ReadOnlyPaths',
  'InaccessiblePaths',
  'ExecPaths',
  'NoExecPaths',
  'TemporaryFileSystem',
  'BindPaths',
  'BindReadOnlyPaths',
  'RuntimeDirectory',
  'StateDirectory',
  'CacheDirectory',
  'LogsDirectory',
  'ConfigurationDirectory',
  'IPAddressAllow',
  'IPAddressDeny',
  'SocketBindAllow',
  'SocketBindDeny',
]);

const BOOLEANS: ReadonlySet<string> = new Set([
  'DynamicUser',
  'MountAPIVFS',
  'PrivateTmp',
  'PrivateMounts',
  'RemoveIPC',
]);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  ProtectSystem: ['yes', 'full', 'strict', 'no'],
  ProtectHome: ['yes', 'read-only', 'tmpfs', 'no'],
  ProtectProc: ['noaccess', 'invisible', 'ptraceable', 'default'],
  ProcSubset: ['all', 'pid'],
};

/** The value in the words of the table: `1` and `true` are `yes`. Throws UsageError for what systemd would ignore. */
function canonical(by: Assignment): string {
  const row = DIRECTIVE_ROWS.get(by.name);
  const choices =
    rowOf(CHOICES, by.name) ??
    (BOOLEANS.has(by.name)
      ? ['yes', 'no']
      : row?.kind === 'choice' && row.values !== undefined
        ? Object.keys(row.values)
        : null);
  if (choices === null || by.name === 'SystemCallArchitectures') return by.value;
  if (choices.includes(by.value)) return by.value;
  const yes = choices.includes('yes') ? booleanOf(by.value) : null;
  if (yes === null && row?.kind === 'choice' && !choices.includes('yes')) return by.value;
  if (yes === null)
    throw badValue(by, `'${by.value}' is no value of it, so systemd ignores the line`, `one of ${choices.join(', ')}`);
  return yes ? 'yes' : 'no';
}

/** What a setting brings with it, as the table of directives says: `Name=value`. Sentences in it are for the reader. */
function impliedBy({ name, value, by }: Setting): Setting[] {
  if (value !== 'yes') return [];
  return (DIRECTIVE_ROWS.get(name)?.implies ?? []).flatMap(text => {
    const [, implied, given] = /^([A-Z][A-Za-z]+)=(.*)$/.exec(text) ?? [];
    // Every mount namespace keeps its mounts to itself: only who asks for that is told.
    return implied === undefined || given === undefined || implied === 'PrivateMounts'
      ? []
      : [{ name: implied, value: given, by }];
  });
}

/** Settings of a dynamic user that may be stricter than what it brings. */
const MAY_BE_STRICTER: ReadonlySet<string> = new Set(['ProtectHome']);

function settingsOf(assignments: readonly Assignment[]): Setting[] {
  const written = assignments.map((by): Setting => ({ name: by.name, value: canonical(by), by }));
  const implied = written.flatMap(impliedBy).filter(({ name, value }) => {
    const own = written.find(one => one.name === name);
    if (own === undefined || isList(name)) return true;
    return own.value !== value && !(MAY_BE_STRICTER.has(name) && own.value !== 'no');
  });
  // What is implied takes the place of what was written.
  const kept = written.filter(one => isList(one.name) || !implied.some(({ name }) => name === one.name));
  return [...kept, ...implied];
}

/** Which settings need a mount namespace at all; without one, nothing is mounted. */
const NEEDS_NAMESPACE: ReadonlySet<string> = new Set([
  'ProtectSystem',
  'ProtectHome',
  'ProtectKernelTunables',
  'ProtectKernelModules',
  'ProtectKernelLogs',
  'ProtectControlGroups',
  'PrivateTmp',
  'PrivateDevices',
  'PrivateIPC',
  'PrivateMounts',
]);

const BRINGS_API: readonly string[] = ['MountAPIVFS', 'ProtectControlGroups', 'ProtectKernelTunables'];

function mountsOf(settings: readonly Setting[], host: HostView): Mounts {
  const is = (name: string, value = 'yes'): Setting | undefined =>
    settings.find(one => one.name === name && one.value === value);
  const proc =
    is('ProcSubset', 'pid') ?? settings.find(({ name, value }) => name === 'ProtectProc' && value !== 'default');
  const path = { dynamicUser: is('DynamicUser') !== undefined, pidsOnly: is('ProcSubset', 'pid') !== undefined };
  const root = settings.find(({ name }) => name === 'RootDirectory')?.by;
  const entries: MountEntry[] = [];
  const directories: MountEntry[] = [];
  let first: Assignment | undefined;
  for (const { name, value, by } of settings) {
    const listed = listedEntries(by.name === name ? by : { ...by, name, value }, path);
    const fixed = fixedEntries(name, value, by, path);
    if (name.endsWith('Directory')) directories.push(...listed);
    else {
      entries.push(...listed, ...fixed);
      if (listed.length > 0 || (NEEDS_NAMESPACE.has(name) && value !== 'no')) first ??= by;
    }
    // Directories of a dynamic user lie in a place that others cannot enter: they are mounted.
    if (path.dynamicUser && listed.some(({ mode }) => mode === 'empty')) first ??= by;
  }
  first ??= proc?.by;
  const api = BRINGS_API.map(name => is(name)).find(one => one !== undefined) ?? proc;
  const ownRoot = root !== undefined && is('MountAPIVFS', 'no') === undefined ? root : undefined;
  if (root !== undefined && (ownRoot !== undefined || directories.length > 0)) first ??= root;
  if (first === undefined)
    return root === undefined ? applyMounts([], host) : rooted(applyMounts([], host, pathOf(root, root.value)), root);
  entries.push(...directories, ...impliedEntries(first, 'credentials'), ...impliedEntries(first, 'incoming'));
  const apiBy = api?.by ?? ownRoot;
  if (apiBy !== undefined) entries.push(...impliedEntries(apiBy, 'api'));
  const hostname = is('ProtectHostname');
  if (hostname !== undefined) entries.push(...impliedEntries(hostname.by, 'hostname'));
  const mounts = applyMounts(entries, host, root === undefined ? '/' : pathOf(root, root.value));
  return root === undefined ? mounts : rooted(mounts, root);
}

/** Whatever another root does not hold is missing because of the line that sets it. */
function rooted(mounts: Mounts, by: Assignment): Mounts {
  const [base, ...rest] = mounts.list;
  return base === undefined ? mounts : { ...mounts, list: [{ ...base, by }, ...rest] };
}

/** The effects of settings that the table of directives describes. What they do to paths is left to the mounts, where those say it. */
function rulesOf(settings: readonly Setting[]): Rule[] {
  return settings.flatMap(({ name, value, by }) => {
    const row = DIRECTIVE_ROWS.get(name);
    if (row === undefined || row.kind !== 'choice' || name === 'SystemCallArchitectures') return [];
    const effects = rowOf(row.values ?? {}, value) ?? [];
    return effects
      .filter(
        ({ deny }) =>
          !((hasFixedMounts(name) || isDeviceSetting(name)) && (deny === 'paths' || deny === 'other-paths')),
      )
      .map(effect => ({ effect, by }));
  });
}

function architectures(assignments: readonly Assignment[]): Rule[] {
  const lines = assignments.filter(({ name }) => name === 'SystemCallArchitectures');
  const [by] = lines;
  if (by === undefined) return [];
  const named = new Set(lines.flatMap(({ value }) => value.split(/\s+/)));
  return named.has('x86') || named.has('x32') ? [] : [{ effect: { deny: 'foreign-abi' }, by }];
}

/** Filters bring NoNewPrivileges= to a service that does not start as root. */
function filtersOfUser(settings: readonly Setting[]): Rule[] {
  const filters = settings.find(({ name, value }) => DIRECTIVE_ROWS.get(name)?.seccomp === true && value !== 'no');
  return filters === undefined ? [] : [{ effect: { deny: 'feature', name: 'setuid-exec' }, by: filters.by }];
}

/** The sandbox as a command with `!` meets it, which starts as root whatever User= says. */
export const withoutUser = (sandbox: Sandbox): Sandbox =>
  sandbox.user === null
    ? sandbox
    : {
        ...sandbox,
        user: null,
        capabilities: capabilitiesOf(sandbox.assignments, null),
        rules: sandbox.rules.filter(rule => !sandbox.ofUser.includes(rule)),
        ofUser: [],
      };

/** Does a command with `+` meet this setting like all others? */
export const reachesAll = ({ name }: Assignment): boolean => DIRECTIVE_ROWS.get(name)?.plus === true;

/** What is left of the sandbox for a command with `+`. */
export const outsideOf = ({ assignments, context }: Sandbox): Sandbox =>
  sandboxOf(assignments.filter(reachesAll), context);

/** The sandbox that these assignments (in force, specifiers expanded) make. Throws UsageError for values that systemd would ignore. */
export function sandboxOf(all: readonly Assignment[], context: SandboxContext): Sandbox {
  const assignments = all.filter(({ section }) => SANDBOX_SECTIONS.has(section));
  const settings = settingsOf(assignments);
  const user =
    settings.find(
      ({ name, value }) =>
        (name === 'User' && value !== 'root' && value !== '0') || (name === 'DynamicUser' && value === 'yes'),
    )?.by ?? null;
  const rules = [
    ...rulesOf(settings),
    ...deviceRules(settings),
    ...architectures(assignments),
    ...familiesOf(assignments),
    ...namespacesOf(assignments),
  ];
  const ofUser = user === null ? [] : filtersOfUser(settings);
  const isModelled = ({ name, value }: Assignment): boolean =>
    MODELLED.has(name) ||
    (name === 'DeviceAllow' && isDeviceKnown(value)) ||
    hasFixedMounts(name) ||
    OTHER_SETTINGS.has(name) ||
    DIRECTIVE_ROWS.get(name)?.kind === 'choice';
  return {
    context,
    assignments,
    settings,
    mounts: mountsOf(settings, context.host),
    filter: systemCallFilter(assignments, context.sets),
    capabilities: capabilitiesOf(assignments, user),
    addresses: addressRules(assignments),
    rules: [...rules, ...ofUser],
    ofUser,
    user,
    unknown: assignments.filter(one => !isModelled(one)),
  };
}
