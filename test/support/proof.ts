// The proof of a proposal, on a real systemd: a service is traced at its real work, the proposal is installed, the work goes on, and an
// intruder tries his luck. Gives what came of it as plain data, for the tests and for the table in docs/proof.md.

import { readFileSync } from 'node:fs';
import { bin, root } from './fixtures.ts';
import { change, intrude, journal, prepare, type Service, work } from './services.ts';
import type { SystemdHost } from './systemd-host.ts';

/** The folder of the logs that `learn` makes in the host. */
export const LOGS = '/srv/learn';
/** The profile that `learn` leaves in the host. */
export const PROFILE = `${LOGS}.json`;

/** A step that failed, with what it said. */
export class ProofFailure extends Error {}

export interface Proof {
  /** Exposure as systemd-analyze scores it: from 0 (best) to 10. */
  exposure: number;
  /** Lines of the drop-in that are neither blank nor comments. */
  lines: number;
  /** `allowed` or `denied WHY` for each probe of intruder.c. */
  intruder: Map<string, string>;
  /** Lines of the journal that tell of a refusal and that the unhardened service did not write. */
  denials: string[];
}

const REFUSAL = /denied|not permitted|read-only file system|SYS\b|NAMESPACE|no such file|cross-device|failed/i;

/** Messages of the unit without what differs from run to run. */
async function refusals(host: SystemdHost, row: Service, cursor: string): Promise<Set<string>> {
  const { stdout } = await host.run(
    'journalctl',
    '--no-pager',
    '--output=cat',
    '-u',
    row.unit,
    ...(cursor === '' ? [] : ['--after-cursor', cursor]),
  );
  return new Set(
    stdout
      .split('\n')
      .filter(line => REFUSAL.test(line))
      .map(line => line.replace(/[0-9a-f]{8,}|\d+/g, 'N')),
  );
}

async function cursor(host: SystemdHost): Promise<string> {
  const { stdout } = await host.run('journalctl', '--no-pager', '--lines=0', '--show-cursor');
  return /cursor: (.*)/.exec(stdout)?.[1] ?? '';
}

async function must(
  what: string,
  host: SystemdHost,
  row: Service,
  step: Promise<{ exitCode: number | undefined; stdout: string; stderr: string }>,
): Promise<string> {
  const { exitCode, stdout, stderr } = await step;
  if (exitCode !== 0) throw new ProofFailure(`${row.unit}: ${what}: ${stdout}\n${stderr}\n${await journal(host, row)}`);
  return stdout;
}

/** The exposure of a unit, as systemd-analyze scores it. */
export async function exposure(host: SystemdHost, { unit }: Pick<Service, 'unit'>): Promise<number> {
  const { stdout } = await host.run('systemd-analyze', 'security', '--no-pager', `${unit}.service`);
  return Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
}

/** The first life of a service, as the distribution ships it: it makes what stays on disk. */
export async function liveOnce(host: SystemdHost, row: Service): Promise<void> {
  await prepare(host, row);
  await must('its first start', host, row, host.run('systemctl', 'start', row.unit));
  await must('its first work', host, row, work(host, row));
  await must('stopping it', host, row, host.run('systemctl', 'stop', row.unit));
}

/** Traces the service while it works, from its second start on, which is as after a boot. `started`: what is to be done before the work. */
export async function learn(host: SystemdHost, row: Service, started?: () => Promise<void>): Promise<void> {
  await liveOnce(host, row);
  // What it does without what it left in /run is only known by a start without that.
  await forgetRuntime(host, row);
  await host.write('/srv/learn.sh', readFileSync(`${root}test/services/learn.sh`, 'utf8'));
  await must('tracing it', host, row, host.run('bash', '/srv/learn.sh', row.unit, LOGS));
  await must('its start under strace', host, row, host.run('systemctl', 'start', row.unit));
  await started?.();
  await must('its work under strace', host, row, work(host, row));
  await must('ending the trace', host, row, host.run('bash', '/srv/learn.sh', row.unit, 'end'));
  const { stdout } = await host.run('find', LOGS, '-type', 'f');
  await must(
    'reading the logs',
    host,
    row,
    host.run(process.execPath, bin, 'replay', '--unit', row.unit, '--profile', PROFILE, ...stdout.split('\n')),
  );
}

/** As after a boot: what services made in /run is gone, and only what the system makes at boot is there again. */
async function forgetRuntime(host: SystemdHost, row: Service): Promise<void> {
  const kept = ['credentials', 'dbus', 'lock', 'log', 'mount', 'systemd', 'udev', 'user'];
  const others = kept.flatMap(name => ['!', '-name', name]);
  await host.run('systemctl', 'stop', row.unit);
  await host.run('find', '/run', '-mindepth', '1', '-maxdepth', '1', ...others, '-exec', 'rm', '-rf', '{}', '+');
  await prepare(host, row);
}

const place = ({ unit }: Service): string => `/etc/systemd/system/${unit}.service.d/allowtrace.conf`;

/** The proposal of this path strategy, from what was learned in this host; `systemd`: for a host of another version. */
export function propose(host: SystemdHost, row: Service, paths: string, systemd?: number): Promise<string> {
  const target = systemd === undefined ? [] : ['--systemd', String(systemd)];
  const options = ['--unit', row.unit, '--paths', paths, ...target, ...(row.options ?? [])];
  return must('proposing', host, row, host.run(process.execPath, bin, 'propose', ...options, PROFILE));
}

export async function install(host: SystemdHost, row: Service, dropin: string): Promise<void> {
  await host.write(place(row), `${dropin}\n`);
  await must('daemon-reload', host, row, host.run('systemctl', 'daemon-reload'));
}

/** Installs a proposal and lets the service work in it over two starts, the first as after a boot; then the intruder comes. */
export async function prove(host: SystemdHost, row: Service, dropin: string): Promise<Proof> {
  const known = await refusals(host, row, '');
  await install(host, row, dropin);
  await forgetRuntime(host, row);
  const start = await cursor(host);
  for (const time of ['first', 'second']) {
    await host.run('systemctl', 'reset-failed', row.unit);
    await must(`its ${time} start in the proposal`, host, row, host.run('systemctl', 'restart', row.unit));
    await must(`its ${time} work in the proposal`, host, row, work(host, row));
  }
  const changed = change(host, row);
  if (changed !== null) await must('its work after a file was replaced', host, row, changed);
  const denials = [...(await refusals(host, row, start))].filter(line => !known.has(line));
  const verified = await host.run('systemd-analyze', 'verify', `${row.unit}.service`);
  denials.push(...verified.stderr.split('\n').filter(line => line.includes('allowtrace.conf')));
  const proof = {
    exposure: await exposure(host, row),
    lines: dropin.split('\n').filter(line => /^\w+=/.test(line)).length,
    intruder: await intrude(host, row),
    denials,
  };
  await host.run('rm', place(row));
  await host.run('systemctl', 'daemon-reload');
  return proof;
}
