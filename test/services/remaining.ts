// What is left of a proposal's exposure: each point that systemd-analyze still counts, and the access that needs it, as `explain` tells it.

import type { DirectiveRow } from '../../src/policy/directives/row.ts';
import { DIRECTIVES } from '../../src/policy/directives/table.ts';
import { bin } from '../support/fixtures.ts';
import { PROFILE } from '../support/proof.ts';
import type { Service } from '../support/services.ts';
import type { SystemdHost } from '../support/systemd-host.ts';

interface Point {
  /** As systemd-analyze names it: `CapabilityBoundingSet=~CAP_SYS_CHROOT`. */
  name: string;
  exposure: string | null;
  description: string;
}

/** `CAP_(DAC_*|FOWNER)`, `AF_(INET|INET6)` and the like, as systemd-analyze writes groups of names. */
const matches = (group: string, name: string): boolean => new RegExp(`^(?:${group.replaceAll('*', '.*')})$`).test(name);

/** What `explain` is asked about one point: a directive, a set of calls, or those names of a list that the unit allows. */
function subjects(name: string, allowed: readonly string[]): string[] {
  const [directive = '', group] = name.split('=~');
  if (group === undefined) return [directive.replace(/[=/].*/, '')];
  return group.startsWith('@') ? [group] : allowed.filter(word => matches(group, word));
}

/** The answer in one line: what was seen, else the sentence. */
function short(answer: string): string {
  const [first = '', ...lines] = answer.split('\n');
  const start = lines.indexOf('Seen') + 1;
  const end = lines.indexOf('', start);
  const seen = start === 0 ? [] : lines.slice(start, end < 0 ? undefined : end);
  const accesses = [...new Set(seen.map(line => line.trim().replace(/ · .*/, '')))].slice(0, 3);
  return accesses.length > 0 ? accesses.join('; ') : first.replace(/^[^:]*: /, '');
}

/** Settings that bring this one along, as the table of directives says. */
const bringers = (subject: string): string[] =>
  Object.entries(DIRECTIVES).flatMap(([name, row]: [string, DirectiveRow]) =>
    row.implies?.some(({ setting }) => setting === subject) === true ? [`${name}=`] : [],
  );

/** Lines of a Markdown table. The proposal must be installed. */
export async function remaining(host: SystemdHost, { unit }: Service, options: readonly string[]): Promise<string[]> {
  const { stdout } = await host.run('systemd-analyze', 'security', '--json=short', `${unit}.service`);
  const points: Point[] = JSON.parse(stdout);
  const show = async (property: string): Promise<string[]> =>
    (await host.run('systemctl', 'show', '--value', '-p', property, unit)).stdout.split(' ');
  const capabilities = (await show('CapabilityBoundingSet')).map(name => name.toUpperCase());
  const allowed = [...capabilities, ...(await show('RestrictAddressFamilies'))];
  const lines: string[] = [];
  for (const { name, exposure, description } of points.filter(point => point.exposure !== null)) {
    const answers: string[] = [];
    for (const subject of subjects(name, allowed)) {
      const asked = await host.run(process.execPath, bin, 'explain', subject, '--unit', unit, ...options, PROFILE);
      // Capabilities by which root reaches other users' files are told by the directive.
      const word = subject.replace('CAP_', '').toLowerCase();
      const because = new RegExp(`(?:^ +|, )${word} \\((.*?)\\)(?:, | · |$)`, 'm').exec(asked.stdout)?.[1];
      const open = asked.stdout.includes('nothing that was seen calls for it') ? bringers(subject) : [];
      answers.push(
        `${subject}: ${open.length > 0 ? `comes with ${open.join(' and ')}` : (because ?? short(asked.stdout))}`,
      );
    }
    lines.push(
      `| ${name.replaceAll('|', '\\|')} | ${exposure} | ${description} | ${answers.join('<br>').replaceAll('|', '\\|')} |`,
    );
  }
  return lines;
}
