// What a unit's assignments make of a service: its mounts, its filter of system calls, its capabilities, and the rest as effects,
// each with the line that asked for it. Pure. `judge.ts` asks it about accesses.
// Sources: systemd.exec(5); src/core/unit.c (unit_patch_contexts), execute.c and exec-invoke.c of systemd 252 and 257 for what implies what.

import { rowOf } from '../../row.ts';
import { deniedBy, holds, isBoolean, mountsOf, type Value } from '../directives/row.ts';
import {
  DIRECTIVE_ROWS,
  EARLY_TMP,
  FILTERS_BRING_NO_NEW_PRIVILEGES,
  liftedValue,
  sinceVersion,
  strictness,
} from '../directives/table.ts';
import type { SyscallSets } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import type { HostView } from '../host-view.ts';
import { type AddressRules, addressRules } from './address-rules.ts';
import { deviceRules, isDeviceKnown } from './device-rules.ts';
import { type Identity, identityOf } from './identity.ts';
import {
  apiEntries,
  baseDirectories,
  earlyTmp,
  journalEntries,
  listedEntries,
  type MountEntry,
  madeDirectories,
  namespaceEntries,
  pathOf,
  rowEntries,
} from './mount-entries.ts';
import { applyMounts } from './mounts.ts';
import { OTHER_SETTINGS } from './other-settings.ts';
import { type Capabilities, capabilitiesOf, familiesOf, namespacesOf } from './restrictions.ts';
import { badValue, isList, plainValue, type Rule, SANDBOX_SECTIONS, type Setting, startsEarly } from './settings.ts';
import { type SystemCallFilter, systemCallFilter } from './system-call-filter.ts';
import type { Mounts } from './view.ts';

export interface SandboxContext {
  /** systemd's version number. */
  systemd: number;
  sets: SyscallSets;
  host: HostView;
}

export interface Sandbox {
  context: SandboxContext;
  /** Everything that is in force, as it was given: the sandbox can be made again from it. */
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
  /** Directories that systemd makes for it, and gives it. */
  directories: readonly string[];
  /** Who it is. */
  identity: Identity;
  /** The service does not run as root: who says so. */
  user: Assignment | null;
  /** Settings whose effect is unknown to the model. */
  unknown: Assignment[];
}

/**
 * The value in the words of the table: `1` and `true` are `yes`, `private:name` is `private`. Throws UsageError for what systemd would ignore,
 * with the release that would not.
 */
function canonical(by: Assignment, systemd: number): string {
  const row = DIRECTIVE_ROWS.get(by.name);
  if (row?.values === undefined || row.list !== undefined) return by.value;
  const [word = ''] = row.argument !== undefined && holds(row.argument, systemd) ? by.value.split(':') : [by.value];
  const value = rowOf(row.spelt ?? {}, word) ?? (isBoolean(row) ? plainValue(word) : word);
  const known = strictness(by.name, systemd);
  if (known.includes(value)) return value;
  if (row.argument !== undefined && by.value.includes(':') && !holds(row.argument, systemd))
    throw badValue(
      by,
      `systemd ${systemd} does not know this form and ignores the line; systemd ${row.argument.since} knows it`,
    );
  const since = sinceVersion(by.name, value);
  throw strictness(by.name).includes(value)
    ? badValue(by, `systemd ${systemd} does not know this value and ignores the line; systemd ${since} knows it`)
    : badValue(by, `'${by.value}' is not a valid value, so systemd ignores the line`, `one of ${known.join(', ')}`);
}

/** What a setting brings with it: every value does but the loosest. */
function impliedBy({ name, value, by }: Setting, systemd: number): Setting[] {
  if (value === strictness(name).at(-1)) return [];
  const implied = DIRECTIVE_ROWS.get(name)?.implies ?? [];
  return implied.filter(one => holds(one, systemd)).map(({ setting, value }) => ({ name: setting, value, by }));
}

/** Settings of a dynamic user that may be stricter than what it brings. */
const MAY_BE_STRICTER: ReadonlySet<string> = new Set(['ProtectHome']);

function settingsOf(assignments: readonly Assignment[], systemd: number): Setting[] {
  const written = assignments.map((by): Setting => ({ name: by.name, value: canonical(by, systemd), by }));
  const implied = written
    .flatMap(one => impliedBy(one, systemd))
    .filter(({ name, value }) => {
      const own = written.find(one => one.name === name);
      if (own === undefined || isList(name)) return true;
      return own.value !== value && !(MAY_BE_STRICTER.has(name) && own.value !== 'no');
    });
  // What is implied takes the place of what was written.
  const kept = written.filter(one => isList(one.name) || !implied.some(({ name }) => name === one.name));
  return [...kept, ...implied];
}

/** The value of the table that a setting has; undefined for lists and similar. */
const rowValue = ({ name, value }: Setting): Value | undefined => rowOf(DIRECTIVE_ROWS.get(name)?.values ?? {}, value);

function namespaceOf(settings: readonly Setting[], early: boolean, { host, systemd }: SandboxContext): Mounts {
  const is = (name: string, value = 'yes'): Setting | undefined =>
    settings.find(one => one.name === name && one.value === value);
  const root = settings.find(({ name }) => name === 'RootDirectory')?.by;
  const top = root === undefined ? '/' : pathOf(root, root.value);
  const path = {
    dynamicUser: is('DynamicUser') !== undefined,
    pidsOnly: is('ProcSubset', 'pid') !== undefined,
    root: top,
    systemd,
  };
  const entries: MountEntry[] = [];
  const directories: MountEntry[] = [];
  const beside: MountEntry[] = [];
  let first: Assignment | undefined;
  for (const setting of settings) {
    const { name, value, by } = setting;
    const listed = listedEntries(by.name === name ? by : { ...by, name, value }, path);
    const own = rowValue(setting);
    const rows = own === undefined ? null : mountsOf(own, systemd);
    const fixed = rows === null ? null : early && name === 'PrivateTmp' ? [earlyTmp(by)] : rowEntries(rows, by, path);
    if (DIRECTIVE_ROWS.get(name)?.below !== undefined) {
      directories.push(...listed);
      // Directories of a dynamic user lie in a place that others cannot enter, and a read-only one needs a mount: namespaces both.
      if (listed.some(({ mode, readOnly }) => (path.dynamicUser && mode === 'empty') || readOnly === true))
        first ??= by;
    } else {
      entries.push(...listed, ...(fixed ?? []));
      if (listed.length > 0 || fixed !== null) first ??= by;
    }
    // Before 251 these paths had to be there, also where ProcSubset= had taken them away.
    beside.push(...rowEntries(own?.beside ?? [], by, { ...path, pidsOnly: path.pidsOnly && systemd >= 251 }));
  }
  const api = settings.find(one => one.name === 'MountAPIVFS' && one.value === 'yes' && hasEffect(one, systemd))?.by;
  const ownRoot = root !== undefined && is('MountAPIVFS', 'no') === undefined ? root : undefined;
  if (root !== undefined && (ownRoot !== undefined || directories.length > 0)) first ??= root;
  if (first === undefined)
    return root === undefined ? applyMounts([], host) : rooted(applyMounts([], host, { path: top }), root);
  entries.push(...directories, ...beside, ...namespaceEntries(first, systemd));
  const apiBy = api ?? ownRoot;
  if (apiBy !== undefined) entries.push(...apiEntries(apiBy, systemd));
  const journal = journalBy(settings) ?? ownRoot;
  if (journal !== undefined && sinceVersion('BindLogSockets', '') <= systemd) entries.push(...journalEntries(journal));
  if (root === undefined) return applyMounts(entries, host);
  return rooted(applyMounts(entries, host, { path: top, base: baseDirectories(systemd) }), root);
}

/** MountAPIVFS= in a unit file was read and forgotten before 248 (load-fragment-gperf.gperf.m4 of 247 sets no `mount_apivfs_set`). */
const hasEffect = ({ name, by }: Setting, systemd: number): boolean => systemd >= 248 || by.name !== name;

/** The line that brings the sockets of the journal: its own setting, or MountAPIVFS= where that is written and not only implied. */
function journalBy(settings: readonly Setting[]): Assignment | undefined {
  const own = settings.findLast(({ name }) => name === 'BindLogSockets');
  if (own !== undefined) return own.value === 'yes' ? own.by : undefined;
  return settings.find(({ name, value, by }) => name === 'MountAPIVFS' && by.name === name && value === 'yes')?.by;
}

/** Whatever another root does not hold is missing because of the line that sets it. */
function rooted(mounts: Mounts, by: Assignment): Mounts {
  const [base, ...rest] = mounts.list;
  return base === undefined ? mounts : { ...mounts, list: [{ ...base, by }, ...rest] };
}

/** What the values of the table deny beside their mounts; what they say of devices goes with the lists of those. */
const rulesOf = (settings: readonly Setting[], systemd: number): Rule[] =>
  settings.flatMap(setting => {
    const value = setting.name === 'SystemCallArchitectures' ? undefined : rowValue(setting);
    const denied = value === undefined ? [] : deniedBy(value, systemd);
    return denied.filter(({ deny }) => deny !== 'devices').map(effect => ({ effect, by: setting.by }));
  });

function architectures(assignments: readonly Assignment[]): Rule[] {
  const lines = assignments.filter(({ name }) => name === 'SystemCallArchitectures');
  const [by] = lines;
  if (by === undefined) return [];
  const named = new Set(lines.flatMap(({ value }) => value.split(/\s+/)));
  return named.has('x86') || named.has('x32') ? [] : [{ effect: { deny: 'foreign-abi' }, by }];
}

/** Filters bring NoNewPrivileges= to a service that does not start as root, in the releases that do that. */
function filtersOfUser(settings: readonly Setting[], systemd: number): Rule[] {
  if (!holds(FILTERS_BRING_NO_NEW_PRIVILEGES, systemd)) return [];
  const filters = settings.find(({ name, value }) => DIRECTIVE_ROWS.get(name)?.seccomp === true && value !== 'no');
  return filters === undefined ? [] : [{ effect: { deny: 'feature', name: 'setuid-exec' }, by: filters.by }];
}

/** Does any setting that is judged deny anything? Who the service is (User=) and the directories that systemd makes are no sandbox. */
export const confines = ({ settings, unknown }: Sandbox): boolean =>
  settings.some(({ name, value, by }) => {
    if (unknown.includes(by)) return false;
    const lifted = liftedValue(name);
    return lifted === null ? MAY_CONFINE.has(name) : value !== lifted;
  });
/** They are no part of a sandbox that could be taken off, and deny something all the same. */
const MAY_CONFINE: ReadonlySet<string> = new Set(['UMask', 'RootDirectory', 'DynamicUser']);

/** The sandbox as a command with `!` meets it, which starts as root whatever User= says. */
export const withoutUser = (sandbox: Sandbox): Sandbox =>
  sandbox.user === null
    ? sandbox
    : {
        ...sandbox,
        user: null,
        identity: identityOf([], null, sandbox.context.host),
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
  const { systemd } = context;
  const written = all.filter(({ section }) => SANDBOX_SECTIONS.has(section));
  // What a release does not know it ignores, with a warning.
  const isLater = ({ name }: Assignment): boolean => sinceVersion(name, '') > systemd;
  const assignments = written.filter(one => !isLater(one));
  const settings = settingsOf(assignments, systemd);
  const user =
    settings.find(
      ({ name, value }) =>
        (name === 'User' && value !== 'root' && value !== '0') || (name === 'DynamicUser' && value === 'yes'),
    )?.by ?? null;
  const dynamicUser = settings.some(({ name, value }) => name === 'DynamicUser' && value === 'yes');
  const rules = [
    ...rulesOf(settings, systemd),
    ...deviceRules(settings),
    ...architectures(assignments),
    ...familiesOf(assignments),
    ...namespacesOf(assignments, systemd),
  ];
  const ofUser = user === null ? [] : filtersOfUser(settings, systemd);
  const isModelled = ({ name, value }: Assignment): boolean => {
    const row = DIRECTIVE_ROWS.get(name);
    if (name === 'DeviceAllow') return isDeviceKnown(value);
    return row === undefined ? OTHER_SETTINGS.has(name) : row.unjudged === undefined;
  };
  return {
    context,
    assignments: all,
    settings,
    mounts: namespaceOf(settings, holds(EARLY_TMP, systemd) && startsEarly(all), context),
    filter: systemCallFilter(assignments, context),
    capabilities: capabilitiesOf(assignments, user),
    addresses: addressRules(assignments),
    rules: [...rules, ...ofUser],
    ofUser,
    directories: assignments.flatMap(by =>
      madeDirectories(by, { dynamicUser, systemd }).flatMap(({ path, real }) => [path, real]),
    ),
    identity: identityOf(assignments, user, context.host),
    user,
    unknown: [...assignments.filter(one => !isModelled(one)), ...written.filter(isLater)],
  };
}
