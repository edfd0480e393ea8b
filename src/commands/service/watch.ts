// `allowtrace service watch`: one live screen of what is learned. It reads, and changes nothing: Ctrl-C ends it and nothing else.

import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, UsageError } from '../../errors.ts';
import { factKey } from '../../profile/key.ts';
import { accessOf } from '../../profile/order.ts';
import type { Fact } from '../../profile/profile.ts';
import { operand } from '../../render/operand.ts';
import { factText, newestFacts, watchScreen } from '../../render/service-watch.ts';
import { styleFor } from '../../render/style.ts';
import type { Io } from '../cli/command.ts';
import { interruptible } from '../cli/interruptible.ts';
import { learnedRecord } from './learned-units.ts';
import type { Task } from './service.ts';
import { readLearned, statusOf } from './status.ts';

/** How often the profile is looked at. Leave-one-out takes its time, so it is asked only of a profile that was saved anew. */
const EVERY_MS = 2_000;

const savedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const CLEAR = '\x1b[H\x1b[2J';

/** Shows a state: on a terminal the whole screen, else one line for each fact that was not shown yet. */
class Shown {
  readonly #told = new Set<string>();
  readonly #io: Io;

  constructor(io: Io) {
    this.#io = io;
  }

  tell(status: Awaited<ReturnType<typeof statusOf>>, facts: readonly Fact[]): void {
    const { stdout, env } = this.#io;
    const { isTTY, columns = 80 } = stdout;
    if (isTTY === true) {
      const rows = this.#io.stderr.rows ?? 24;
      const screen = { columns, rows, now: Date.now() / 1000, style: styleFor(stdout, env) };
      stdout.write(CLEAR + watchScreen(status, facts, screen));
      return;
    }
    for (const fact of newestFacts(facts, facts.length).reverse()) {
      const key = factKey(accessOf(fact));
      if (!this.#told.has(key)) stdout.write(`${factText(fact)}\n`);
      this.#told.add(key);
    }
  }
}

export async function watch(task: Task): Promise<number> {
  const { name, io, systemctl, scope } = task;
  const unit = (await systemctl.show(name))('Id');
  const own = operand(unit, scope.user);
  if (learnedRecord(unit, scope) === null)
    throw new UsageError('not-learning', `${unit} is not being learned`, `allowtrace service start ${own}`);
  const shown = new Shown(io);
  const bye = `stopped watching; ${unit} is still being learned`;
  await interruptible(io, bye, async interrupted => {
    let saved = -1;
    while (!interrupted.aborted) {
      const learned = learnedRecord(unit, scope);
      if (learned === null) {
        io.stderr.write(`\nlearning of ${unit} has ended\n`);
        return;
      }
      const { profile: path } = learned.record;
      if (savedAt(path) !== saved) {
        saved = savedAt(path);
        const read = await readLearned(path);
        const status = await statusOf(unit, await systemctl.show(unit), learned, task, read);
        shown.tell(status, read.profile?.facts ?? []);
      }
      await sleep(EVERY_MS, undefined, { signal: interrupted }).catch(() => undefined);
    }
  });
  io.stderr.write(`Next: allowtrace service stop ${own}\n`);
  return EXIT.ok;
}
