// The Debian services on which proposals are proved: how each is made ready, the work that shows it alive, and what an intruder could do in it.
// The list is test/services/units.json; the scripts beside it run inside a systemd booted by systemd-host.ts.

import { existsSync, readFileSync } from 'node:fs';
import { root } from './fixtures.ts';
import type { SystemdHost } from './systemd-host.ts';

const folder = `${root}test/services/`;

export interface Service {
  /** Without `.service`; `*` stands for the version of the program. */
  unit: string;
  package: string;
  /** The program that does the work, which a script may start; `*` as in `unit`. */
  executable: string;
  /** Names workloads/X.sh and, where needed, workloads/X.prepare.sh. */
  workload: string;
  kind: string;
  /** Probes of intruder.c that do what the service itself does at its work, so that they cannot be refused. */
  does: readonly string[];
  /** Strategies that it is proved with, as --paths takes them. */
  paths: readonly string[];
  /** Further options of the proposal. */
  options?: readonly string[];
  /** The exposure that a proposal must reach, as systemd-analyze scores it. */
  goal: number;
}

type Outcome = Awaited<ReturnType<SystemdHost['run']>>;

export const services: readonly Service[] = JSON.parse(readFileSync(`${folder}units.json`, 'utf8'));

export function service(unit: string): Service {
  const found = services.find(row => row.unit === unit);
  if (found === undefined) throw new Error(`units.json has no ${unit}`);
  return found;
}

/**
 * The service as this host has it: a `*` in the name of its program, and in that of its unit, is the version. Null where its package is not
 * installed; a test that needs it says so and passes.
 */
export async function installed(host: SystemdHost, row: Service): Promise<Service | null> {
  const { stdout } = await host.run('bash', '-c', `for x in ${row.executable}; do [ -x "$x" ] && echo "$x"; done`);
  const [executable = ''] = stdout.split('\n');
  if (executable === '') return null;
  const [before = '', after = ''] = row.executable.split('*');
  const version = executable.slice(before.length, executable.length - after.length);
  return { ...row, executable, unit: row.unit.replace('*', version) };
}

/** Writes the service's configuration and its users inside the host; the unit is not started. */
export async function prepare(host: SystemdHost, { unit, workload }: Service): Promise<void> {
  const path = `${folder}workloads/${workload}.prepare.sh`;
  if (!existsSync(path)) return;
  const { exitCode, stderr } = await script(host, path);
  if (exitCode !== 0) throw new Error(`preparing ${unit} failed: ${stderr}`);
}

/** Lets the running service do its work; at most some ten seconds. Exit code 0: it works; else stdout says what did not. */
export async function work(host: SystemdHost, { unit, workload }: Service): Promise<Outcome> {
  await host.run('systemctl', 'reset-failed', unit); // what tests restarted does not count towards StartLimitBurst=
  return script(host, `${folder}workloads/${workload}.sh`);
}

/** Replaces one of its files by rename and has it read again; null: nothing of that kind is known of the service. */
export function change(host: SystemdHost, { workload }: Service): Promise<Outcome> | null {
  const path = `${folder}workloads/${workload}.change.sh`;
  return existsSync(path) ? script(host, path) : null;
}

/** Runs the probes of intruder.c in the place of the service, which is stopped. Gives `allowed` or `denied WHY` by probe. */
export async function intrude(host: SystemdHost, { unit, executable }: Service): Promise<Map<string, string>> {
  await host.write('/srv/intruder.c', readFileSync(`${folder}intruder.c`, 'utf8'));
  const { exitCode, stdout, stderr } = await script(host, `${folder}intruder.sh`, unit, executable);
  if (exitCode !== 0) throw new Error(`the probes did not run in ${unit}: ${stderr}`);
  return new Map(
    stdout.split('\n').map(line => {
      const cut = line.indexOf(' ');
      return [line.slice(0, cut), line.slice(cut + 1)];
    }),
  );
}

/** What the unit's journal says, for the message of a failed test. */
export async function journal(host: SystemdHost, { unit }: Service): Promise<string> {
  return (await host.run('journalctl', '--no-pager', '--lines=40', '-u', unit)).stdout;
}

async function script(host: SystemdHost, path: string, ...args: string[]): Promise<Outcome> {
  const inside = `/srv/${path.slice(path.lastIndexOf('/') + 1)}`;
  await host.write(inside, readFileSync(path, 'utf8'));
  return host.run('bash', inside, ...args);
}
