// The systemds that tests run on: this machine's, and those of other releases of Debian, whose files test/support/system-root builds.
//   SYSTEMD=247,262 npx ava build/test/policy/claims.test.js    runs a test on these instead of its usual ones

import { existsSync } from 'node:fs';
import { execa, execaSync } from 'execa';
import { bootSystemd, type SystemdHost, systemdObstacle } from './systemd-host.ts';

/** Those that test/support/system-root knows. */
export const RELEASES: readonly number[] = [247, 252, 257, 262];

const script = new URL('../../../test/support/system-root', import.meta.url).pathname;
const roots = process.env.ALLOWTRACE_ROOTS ?? '/var/cache/allowtrace/roots';

/** The version of this machine's systemd; null where there is none. */
const here: number | null = (() => {
  const { stdout = '' } = execaSync('systemctl', ['--version'], { reject: false });
  const version = /^systemd (\d+)/.exec(stdout)?.[1];
  return version === undefined ? null : Number(version);
})();

/** The folder that holds its files; undefined: this machine. */
export const rootOf = (systemd: number): string | undefined => (systemd === here ? undefined : `${roots}/${systemd}`);

/** Why this version cannot be booted here, or null. */
export function hostObstacle(systemd: number): string | null {
  const root = rootOf(systemd);
  if (root !== undefined && !existsSync(`${root}/.recipe`)) return `test/support/system-root ${systemd} was not run`;
  return systemdObstacle();
}

/** Builds the files of a release where they are not there yet. */
export async function provide(systemd: number): Promise<void> {
  if (rootOf(systemd) !== undefined) await execa(script, [String(systemd)], { stdio: ['ignore', 2, 2] });
}

/** Boots a systemd of this version. */
export function host(systemd: number): Promise<SystemdHost> {
  const root = rootOf(systemd);
  return bootSystemd(root === undefined ? {} : { root });
}

/** The versions that a test runs on: those of SYSTEMD= in the environment, else its usual ones. */
export function systemds(...usual: number[]): number[] {
  const wanted = process.env.SYSTEMD;
  return wanted === undefined ? usual : versionsOf(wanted);
}

/** `247,262` → numbers. Throws Error for a version that no release is known to have. */
export function versionsOf(list: string): number[] {
  return list.split(',').map(word => {
    const version = Number(word);
    if (!RELEASES.includes(version)) throw new Error(`systemd ${word}: known are ${RELEASES.join(', ')}`);
    return version;
  });
}
