// What `allowtrace audit` does.

import { EXIT, UsageError } from '../../errors.ts';
import { toJson } from '../../json.ts';
import { writeAtomically } from '../../profile/file.ts';
import { type Audit, auditTable } from '../../render/audit.ts';
import { counted } from '../../render/number.ts';
import { printable } from '../../render/printable.ts';
import { PLAIN, type Style, styleFor } from '../../render/style.ts';
import type { Io } from '../cli/command.ts';
import type { AuditArguments } from './audit.ts';
import { gather } from './gather.ts';

const TERMINAL_WIDTH = 80;

async function text(audit: Audit, args: AuditArguments, style: Style, width: number): Promise<string> {
  switch (args.format) {
    case 'json':
      return `${toJson(audit, 1)}\n`;
    case 'html':
      return (await import('../../render/audit-page.ts')).auditPage(audit);
    default:
      return auditTable(audit, style, width);
  }
}

export async function run(args: AuditArguments, io: Io): Promise<number> {
  const [unit] = args.operands;
  if (unit !== undefined)
    throw new UsageError('usage', `audit: takes no unit, not '${unit}'`, `allowtrace service status ${unit}`);
  const limit = args['max-exposure'];
  if (limit !== undefined && !(limit >= 0 && limit <= 10))
    throw new UsageError('bad-exposure', '--max-exposure must be between 0 and 10', 'such as --max-exposure 7');
  const audit = await gather({ user: args.user, env: io.env });
  const toFile = args.output !== undefined;
  const style = toFile ? PLAIN : styleFor(io.stdout, io.env);
  const width = io.stdout.isTTY === true && !toFile ? (io.stdout.columns ?? TERMINAL_WIDTH) : Number.POSITIVE_INFINITY;
  const answer = await text(audit, args, style, width);
  if (args.output === undefined) io.stdout.write(answer);
  else await writeAtomically(args.output, answer);
  const above = limit === undefined ? [] : audit.units.filter(({ exposure }) => exposure > limit);
  if (above.length === 0) return EXIT.ok;
  const names = above.map(({ unit: name }) => printable(name)).join(' ');
  io.stderr.write(`${counted(above.length, 'service')} above an exposure of ${limit}: ${names}\n`);
  return EXIT.findings;
}
