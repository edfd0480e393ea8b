// Work that has to be undone when it is interrupted: Ctrl-C, SIGTERM and a closed terminal ask for its end, and none of them ends us
// before everything is as it was. systemd's own calls go on meanwhile, since they are no part of the terminal's group (systemctl.ts).

import process from 'node:process';
import type { Io } from './command.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `work`, which has to end soon when its signal is aborted. `undoing` is said at the first interruption, and again at each other. */
export async function interruptible<T>(
  io: Io,
  undoing: string,
  work: (interrupted: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupted = new AbortController();
  const onSignal = (): void => {
    io.stderr.write(`\n${interrupted.signal.aborted ? 'still ' : ''}${undoing}\n`);
    interrupted.abort();
  };
  // The terminal may be closed: then nobody reads what is said.
  const onError = (): void => undefined;
  for (const stream of [io.stdout, io.stderr]) stream.on('error', onError);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work(interrupted.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    for (const stream of [io.stdout, io.stderr]) stream.off('error', onError);
  }
}
