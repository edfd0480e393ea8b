// What tests of `allowtrace service` share: running it inside a systemd, and waiting for what comes of it.

import { bin } from './fixtures.ts';
import type { SystemdHost } from './systemd-host.ts';

/** `allowtrace service …` inside. */
export const service = (host: SystemdHost, ...words: string[]): ReturnType<SystemdHost['run']> =>
  host.run(process.execPath, bin, 'service', ...words);

/** One property of a unit, as systemctl shows it. */
export const property = async (host: SystemdHost, unit: string, name: string): Promise<string> =>
  (await host.run('systemctl', 'show', '--value', '--property', name, unit)).stdout.trim();

export const content = async (host: SystemdHost, path: string): Promise<string> => (await host.run('cat', path)).stdout;

/** Asks again and again; false when it has not become true in half a minute. */
export async function until(what: () => Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < 300; i++) {
    if (await what()) return true;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return false;
}
