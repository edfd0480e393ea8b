// A unit as its distribution ships it, with the sandbox that allowtrace proposes to those who do: the lines of the one in place of the other's.

import { DIRECTIVE_ROWS } from '../../src/policy/directives/table.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { bin } from './fixtures.ts';
import { exposure, PROFILE } from './proof.ts';
import { journal, prepare, type Service, work } from './services.ts';
import type { SystemdHost } from './systemd-host.ts';

/** The services of docs/upstream.md. */
export const SHIPPED = ['redis-server', 'nginx', 'chrony', 'opensmtpd'] as const;
/** The oldest systemd that the proposals are for. */
export const FLOOR = 252;

const isSandbox = (name: string): boolean => {
  const row = DIRECTIVE_ROWS.get(name);
  return row !== undefined && row.lifted !== null;
};

/** The file of a unit without its drop-ins. */
async function unitFile(host: SystemdHost, { unit }: Service): Promise<string> {
  const { stdout: path } = await host.run('systemctl', 'show', '--property=FragmentPath', '--value', unit);
  const { stdout } = await host.run('cat', path.trim());
  return stdout;
}

/** The lines of its sandbox, as they stand there. */
export async function shippedLines(host: SystemdHost, row: Service): Promise<string[]> {
  const names = readUnitText(Buffer.from(await unitFile(host, row)), row.unit);
  return names.flatMap(({ section, name, value }) =>
    section === 'Service' && isSandbox(name) ? [`${name}=${value}`] : [],
  );
}

/** What `--for upstream` proposes from what was learned in this host. */
export async function proposal(host: SystemdHost, row: Service): Promise<string> {
  const args = ['propose', '--for', 'upstream', '--systemd', `${FLOOR}`, '--no-verify', '--unit', row.unit, PROFILE];
  const { exitCode, stdout, stderr } = await host.run(process.execPath, bin, ...args);
  if (exitCode !== 0) throw new Error(`${row.unit}: ${stderr}`);
  return stdout;
}

/** Starts the unit with these lines in place of its sandbox, and lets it work; resolves to its exposure. */
export async function startWith(host: SystemdHost, row: Service, lines: string): Promise<number> {
  const own = (await unitFile(host, row)).split('\n').filter(line => {
    const name = /^\s*(\w+)\s*=/.exec(line)?.[1];
    return name === undefined || !isSandbox(name);
  });
  const sandbox = lines.split('\n').filter(line => /^\w+=/.test(line));
  const text = own.join('\n').replace(/^\[Service\]$/m, `[Service]\n${sandbox.join('\n')}`);
  await host.write(`/etc/systemd/system/${row.unit}.service`, `${text}\n`);
  await host.run('systemctl', 'daemon-reload');
  await prepare(host, row);
  for (const step of [() => host.run('systemctl', 'restart', row.unit), () => work(host, row)]) {
    const { exitCode, stdout, stderr } = await step();
    if (exitCode !== 0) throw new Error(`${row.unit}: ${stdout}\n${stderr}\n${await journal(host, row)}\n${text}`);
  }
  return exposure(host, row);
}
