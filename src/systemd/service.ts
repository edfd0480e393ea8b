// What a unit's settings say about the service before any sandbox: its user, its type, its commands. Source: systemd.service(5).

import type { Assignment } from '../policy/findings.ts';
import type { Service } from '../policy/propose/target.ts';
import { booleanOf } from '../policy/sandbox/settings.ts';

/** Prefixes of a command, systemd.service(5) «COMMAND LINES»: `+` runs it outside the sandbox, `!` with root's privileges. */
const COMMAND = /^([@:+!-]*)\s*("[^"]*"|\S+)/;

/** `uidOf`: the number of a user by name (or number); undefined when the machine has none. */
export function serviceOf(assignments: readonly Assignment[], uidOf: (user: string) => number | undefined): Service {
  const own = assignments.filter(({ section }) => section === 'Service');
  const last = (name: string): string | undefined => own.findLast(one => one.name === name)?.value;
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
  const uid = user === undefined || commands.some(({ prefix }) => prefix.includes('!')) ? undefined : uidOf(user);
  const owner = booleanOf(last('DynamicUser') ?? 'no') === true ? null : user === undefined ? 0 : (uidOf(user) ?? null);
  const type = last('Type');
  const umask = Number.parseInt(last('UMask') ?? '', 8);
  const ambient = own.filter(({ name }) => name === 'AmbientCapabilities').flatMap(({ value }) => value.split(/\s+/));
  return {
    ...(user === undefined ? {} : { user }),
    ...(uid === undefined ? {} : { uid }),
    owner,
    ...(type === undefined ? {} : { type }),
    ...(Number.isNaN(umask) ? {} : { umask }),
    ambient: ambient.filter(name => /^CAP_[A-Z_]+$/.test(name)),
    commands: commands.map(({ name, program, prefix }) => ({ name, program, unconfined: prefix.includes('+') })),
  };
}
