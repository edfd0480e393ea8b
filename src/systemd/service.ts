// What a unit's settings say about the service before any sandbox: its user, its type, its commands. Source: systemd.service(5).

import { DIRECTIVE_ROWS, strictness } from '../policy/directives/table.ts';
import type { Assignment } from '../policy/findings.ts';
import type { Owner, Service } from '../policy/propose/target.ts';
import { booleanOf, plainValue, startsEarly } from '../policy/sandbox/settings.ts';
import { normalise } from '../process/resolve.ts';
import { rowOf } from '../row.ts';

/** Prefixes of a command, systemd.service(5) «COMMAND LINES»: `+` runs it outside the sandbox, `!` with root's privileges. */
const COMMAND = /^([@:+!-]*)\s*("[^"]*"|\S+)/;

/**
 * PermissionsStartOnly=yes: every command but ExecStart= runs as one with `+`. Documented until systemd 239, and still read (service_spawn() of
 * service.c).
 */
export function permissionsStartOnly(assignments: readonly Assignment[]): boolean {
  const asked = assignments.findLast(({ section, name }) => section === 'Service' && name === 'PermissionsStartOnly');
  return booleanOf(asked?.value ?? 'no') === true;
}

const ROOT: Owner = { uid: 0, gid: 0 };

/** `name:link` adds a symlink to it; an empty line takes back what was said before. */
function runtimeDirectories(own: readonly Assignment[]): string[] {
  const values = own.flatMap(({ name, value }) => (name === 'RuntimeDirectory' ? [value] : []));
  const words = values.slice(values.lastIndexOf('') + 1).flatMap(value => value.split(/\s+/));
  return words.map(word => `/run/${word.replace(/:.*/, '')}`);
}

/** Directives with a few fixed values as the unit has them; a value that no release knows is left to `check`. */
function chosen(own: readonly Assignment[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, value } of own) {
    const row = DIRECTIVE_ROWS.get(name);
    if (row?.values === undefined) continue;
    const word = rowOf(row.spelt ?? {}, value) ?? plainValue(value);
    if (strictness(name).includes(word)) found[name] = word;
  }
  return found;
}

/** The users and groups of a machine, by name or number; null: it has none such. */
export interface Accounts {
  user: (name: string) => Owner | null;
  group: (name: string) => number | null;
}

/** Settings by which processes outlive the main one, or others know it by its number; and the values with which they do not. */
const ABOUT_PIDS: Readonly<Record<string, RegExp>> = {
  PIDFile: /^$/,
  RemainAfterExit: /^(?:no|false|off|0)$/i,
  KillMode: /^(?:control-group|mixed)$/,
};

/** What the last of these lines say, unless it is one of the values that mean nothing here. */
const linesAbout = (own: readonly Assignment[], names: Readonly<Record<string, RegExp>>): string[] =>
  Object.entries(names).flatMap(([name, idle]) => {
    const value = own.findLast(one => one.name === name)?.value ?? '';
    return value === '' || idle.test(value) ? [] : [`${name}=${value}`];
  });

/** A watchdog, and sockets that systemd made for the service, as far as its own lines tell. */
const givenByPid = (all: readonly Assignment[], own: readonly Assignment[]): string[] => [
  ...linesAbout(own, { WatchdogSec: /^0\w*$/, Sockets: /^$/ }),
  ...all.flatMap(({ section, name, value }) =>
    section === 'Unit' &&
    /^(?:Requires|Wants|BindsTo|After)$/.test(name) &&
    /(?:^|\s)[^\s]+\.socket(?:\s|$)/.test(value)
      ? [`${name}=${value}`]
      : [],
  ),
];

/** `assignments`: in force, specifiers expanded. */
export function serviceOf(assignments: readonly Assignment[], accounts: Accounts): Service {
  const own = assignments.filter(({ section }) => section === 'Service');
  // An empty line takes back what was said before.
  const last = (name: string): string | undefined => own.findLast(one => one.name === name)?.value || undefined;
  const commands = own
    .filter(({ name }) => /^Exec(?:Start|StartPre|StartPost|Reload|Stop|StopPost|Condition)$/.test(name))
    .flatMap(({ name, value }) => {
      const found = COMMAND.exec(value);
      if (found === null) return [];
      const [, prefix = '', program = ''] = found;
      return [{ name, program: program.replaceAll('"', ''), prefix }];
    });
  const user = last('User');
  // A command with `!` starts as root whatever User= says: then nothing is concluded from the user.
  const account = user === undefined ? ROOT : accounts.user(user);
  const uid = user === undefined || commands.some(({ prefix }) => prefix.includes('!')) ? undefined : account?.uid;
  const group = last('Group');
  const gid = (group === undefined ? account?.gid : accounts.group(group)) ?? null;
  const isDynamic = booleanOf(last('DynamicUser') ?? 'no') === true;
  const owner = isDynamic || account === null || gid === null ? null : { uid: account.uid, gid };
  const startOnly = permissionsStartOnly(own);
  const type = last('Type');
  const workingDirectory = last('WorkingDirectory')?.replace(/^-/, '');
  const umask = Number.parseInt(last('UMask') ?? '', 8);
  const ambient = own.filter(({ name }) => name === 'AmbientCapabilities').flatMap(({ value }) => value.split(/\s+/));
  const kept = chosen(own);
  const aboutPids = linesAbout(own, ABOUT_PIDS);
  const givesByPid = givenByPid(assignments, own);
  const stopSignal = last('KillSignal')?.replace(/^(?:SIG)?(?=[A-Z])/, 'SIG');
  return {
    ...(user === undefined ? {} : { user }),
    ...(uid === undefined ? {} : { uid }),
    owner,
    runtimeDirectories: runtimeDirectories(own),
    ...(type === undefined ? {} : { type }),
    ...(workingDirectory?.startsWith('/') === true ? { workingDirectory: normalise(workingDirectory) } : {}),
    ...(Number.isNaN(umask) ? {} : { umask }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(aboutPids.length === 0 ? {} : { aboutPids }),
    ...(givesByPid.length === 0 ? {} : { givesByPid }),
    ambient: ambient.filter(name => /^CAP_[A-Z_]+$/.test(name)),
    ...(assignments.some(({ section, name }) => section === 'Unit' && name === 'JoinsNamespaceOf')
      ? { joins: true }
      : {}),
    ...(startsEarly(assignments) ? { early: true } : {}),
    ...(Object.keys(kept).length === 0 ? {} : { chosen: kept }),
    commands: commands.map(({ name, program, prefix }) => ({
      name,
      program,
      unconfined: prefix.includes('+') || (startOnly && name !== 'ExecStart'),
    })),
  };
}
