// `allowtrace service start`: a unit enters its learning period. If it does not come up under strace, it is restored at once.

import { EXIT, UsageError } from '../errors.ts';
import { printable } from '../render/printable.ts';
import type { Properties } from '../systemd/systemctl.ts';
import type { Task } from './service.ts';
import { beginLearning, endLearning, learntRecord, loadedUnit } from './service-learning.ts';

const RUNNING: ReadonlySet<string> = new Set(['active', 'activating', 'reloading']);

export const isRunning = (show: Properties): boolean => RUNNING.has(show('ActiveState'));

export async function start({ name, args, io, systemctl, scope }: Task): Promise<number> {
  const { unit, show } = await loadedUnit(name, systemctl);
  const known = learntRecord(unit, scope);
  if (known !== null)
    throw new UsageError(
      'already-learning',
      `${unit} is being learnt already, since ${new Date(known.record.since * 1000).toLocaleString()}`,
      `allowtrace service status ${unit}, or: allowtrace service stop ${unit}`,
    );
  const learnt = await beginLearning(unit, show, scope, {
    tracing: args.complete === true ? 'complete' : (args.tracing ?? 'auto'),
    persistent: args.persistent === true,
  });
  const { record, places, learning } = learnt;
  const say = (text: string): void => void io.stderr.write(`${printable(text)}\n`);
  if (isRunning(show) && args.restart) {
    const began = Date.now() / 1000;
    const restarted = await systemctl.attempt('restart', '--', unit);
    if (restarted.failed || !isRunning(await systemctl.show(unit))) {
      const journal = await systemctl.journal(unit, began);
      await endLearning(learnt);
      await systemctl.attempt('restart', '--', unit);
      for (const line of journal.slice(-10)) say(`  ${line}`);
      throw new UsageError(
        'start-failed',
        `${unit} did not start under strace; it was restored and runs as before`,
        'its last messages stand above',
      );
    }
    say(`${unit} was restarted and is being learnt`);
  } else if (isRunning(show)) say(`${unit} will be learnt from its next restart on: systemctl restart ${unit}`);
  else say(`${unit} does not run; it will be learnt from its next start on: systemctl start ${unit}`);
  say(`tracing: ${record.mode} (${record.why})`);
  for (const { write, because } of learning.relaxed) say(`relaxed meanwhile: ${write.join(' ')} (${because})`);
  for (const note of learning.notes) say(`note: ${note}`);
  say(`what is learnt: ${places.profile}`);
  say(`drop-in: ${places.dropin}${record.persistent ? '' : ' (gone after a reboot)'}`);
  say(`go on with: allowtrace service status ${unit}; allowtrace service stop ${unit}`);
  return EXIT.ok;
}
