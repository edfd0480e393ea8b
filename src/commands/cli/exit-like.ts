// Ends this process as another one ended: with its exit status, or by the same signal, so that a shell or a service manager sees no difference.

import { once } from 'node:events';
import { constants } from 'node:os';
import process from 'node:process';
import { execa } from 'execa';
import type { Io } from './command.ts';

/** Signals that dump a core: signal(7). */
const DUMPING: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGSYS',
]);

/** All is written, or there is nobody to read it any more: a terminal that was hung up. */
async function flushed(stream: Io['stdout']): Promise<void> {
  if (stream.writableLength > 0) await once(stream, 'drain').catch(() => undefined);
}

/** Dies by `signal`, without a core of our own; returns the status a shell shows for it if the signal does not kill. */
export async function dieBy(signal: NodeJS.Signals, io: Io): Promise<number> {
  await flushed(io.stdout);
  await flushed(io.stderr);
  if (DUMPING.has(signal))
    await execa('prlimit', ['--core=0', '--pid', String(process.pid)], { reject: false, stdio: 'ignore' });
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}
