// What `allowtrace service` does: one file per action.

import { UsageError } from '../../errors.ts';
import { rowOf } from '../../row.ts';
import { Systemctl, serviceName } from '../../systemd/systemctl.ts';
import type { Io } from '../cli/command.ts';
import type { ServiceArguments, Task } from './service.ts';

interface Action {
  /** Options that belong to some actions only. */
  takes: readonly (keyof ServiceArguments)[];
  units: 'one' | 'any';
  load: () => Promise<(task: Task) => Promise<number>>;
}

const SPECIAL = [
  'persistent',
  'tracing',
  'complete',
  'until-coverage',
  'apply',
  'trial',
  'for',
  'since',
  'json',
  'fix',
  'force',
  'yes',
] as const;

// biome-ignore format: one action a line
const ACTIONS: Readonly<Record<string, Action>> = {
  start:    { units: 'one', takes: ['persistent', 'tracing', 'complete', 'until-coverage'], load: async () => (await import('./start.ts')).start },
  status:   { units: 'any', takes: ['json'],               load: async () => (await import('./status.ts')).status },
  stop:     { units: 'one', takes: ['apply', 'trial', 'force'],     load: async () => (await import('./stop.ts')).stop },
  reset:    { units: 'one', takes: ['yes'],                     load: async () => (await import('./reset.ts')).reset },
  denials:  { units: 'one', takes: ['json', 'since'],      load: async () => (await import('./denials.ts')).denials },
  diagnose: { units: 'one', takes: ['tracing', 'for', 'json', 'fix'], load: async () => (await import('./diagnose.ts')).diagnose },
};

export async function run(args: ServiceArguments, io: Io): Promise<number> {
  const [word, ...units] = args.operands;
  const [name, more] = units;
  const hint = `choose from ${Object.keys(ACTIONS).join(', ')}`;
  if (word === undefined) throw new UsageError('no-action', 'service: what is to be done?', hint);
  const action = rowOf(ACTIONS, word);
  if (action === undefined) throw new UsageError('bad-action', `service: there is no action '${word}'`, hint);
  if (more !== undefined && action.units === 'one')
    throw new UsageError('usage', `service ${word}: one unit at a time, not also '${more}'`);
  if (name === undefined && action.units === 'one')
    throw new UsageError('no-unit', `service ${word}: which unit?`, `allowtrace service ${word} nginx.service`);
  for (const option of SPECIAL)
    if (args[option] !== undefined && args[option] !== false && !action.takes.includes(option))
      throw new UsageError('usage', `service ${word} has no option --${option}`, 'allowtrace service --help');
  const run = await action.load();
  const names = units.map(serviceName);
  return run({
    names,
    name: names[0] ?? '',
    args,
    io,
    systemctl: new Systemctl(args.user),
    scope: { user: args.user, env: io.env },
  });
}
