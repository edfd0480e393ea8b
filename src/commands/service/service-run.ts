// What `allowtrace service` does: one file per action.

import { UsageError } from '../../errors.ts';
import { didYouMean } from '../../nearest-word.ts';
import { Systemctl, serviceName } from '../../systemd/systemctl.ts';
import type { Io } from '../cli/command.ts';
import { ACTIONS, type ActionManual, type ActionName, type ServiceArguments, type Task } from './service.ts';

// biome-ignore format: one action a line
const LOAD: Readonly<Record<ActionName, () => Promise<(task: Task) => Promise<number>>>> = {
  start:    async () => (await import('./start.ts')).start,
  status:   async () => (await import('./status.ts')).status,
  watch:    async () => (await import('./watch.ts')).watch,
  stop:     async () => (await import('./stop.ts')).stop,
  reset:    async () => (await import('./reset.ts')).reset,
  denials:  async () => (await import('./denials.ts')).denials,
  diagnose: async () => (await import('./diagnose.ts')).diagnose,
};

const isAction = (word: string): word is ActionName => Object.hasOwn(ACTIONS, word);

/** Options without a default, which tell that they were given. */
const GIVEN = [
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

export async function run(args: ServiceArguments, io: Io): Promise<number> {
  const [word, ...units] = args.operands;
  const [name, more] = units;
  const names = Object.keys(ACTIONS);
  const hint = `choose from ${names.join(', ')}`;
  if (word === undefined) throw new UsageError('no-action', 'service: no action', hint);
  if (!isAction(word))
    throw new UsageError('bad-action', `service: there is no action '${word}'`, didYouMean(word, names) ?? hint);
  const action: ActionManual = ACTIONS[word];
  if (more !== undefined && action.units === 'one')
    throw new UsageError('usage', `service ${word}: one unit at a time, not also '${more}'`);
  if (name === undefined && action.units === 'one')
    throw new UsageError('no-unit', `service ${word}: no unit`, `allowtrace service ${word} nginx.service`);
  for (const option of GIVEN)
    if (args[option] !== undefined && args[option] !== false && !action.takes.includes(option))
      throw new UsageError(
        'usage',
        `service ${word} has no option --${option}`,
        `allowtrace service ${word} --help lists the options`,
      );
  const run = await LOAD[word]();
  const full = units.map(serviceName);
  return run({
    names: full,
    name: full[0] ?? '',
    // `--format json` as everywhere; --json is its older name.
    args: args.format === 'json' ? { ...args, json: true } : args,
    io,
    systemctl: new Systemctl(args.user),
    scope: { user: args.user, env: io.env },
  });
}
