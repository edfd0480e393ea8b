// What `allowtrace doctor` does.

import { dirname } from 'node:path';
import { EXIT, UsageError } from '../errors.ts';
import { type Finding, readiness } from '../host/readiness.ts';
import { toJson } from '../json.ts';
import { printable } from '../render/printable.ts';
import { type Style, styleFor } from '../render/style.ts';
import { places } from '../systemd/places.ts';
import type { Io } from './cli/command.ts';

interface DoctorArguments {
  operands: string[];
  user: boolean;
  format: string;
}

function row({ about, state, text, fix }: Finding, style: Style): string {
  const mark =
    state === 'ok' ? style.green('ok     ') : state === 'limited' ? style.yellow('limited') : style.red('missing');
  const told = `${mark}  ${about.padEnd(15)}  ${printable(text)}\n`;
  return fix === undefined ? told : `${told}${' '.repeat(26)}→ ${printable(fix)}\n`;
}

export async function run({ operands, user, format }: DoctorArguments, io: Io): Promise<number> {
  const [extra] = operands;
  if (extra !== undefined) throw new UsageError('usage', `doctor takes no '${extra}'`, 'allowtrace doctor');
  const found = await readiness(dirname(places('x.service', { user, env: io.env }, false).profile));
  const style = styleFor(io.stdout, io.env);
  io.stdout.write(format === 'json' ? `${toJson(found, 1)}\n` : found.map(one => row(one, style)).join(''));
  const isReady = found.every(({ state }) => state !== 'missing');
  if (isReady && format === 'text')
    io.stderr.write('Next: `allowtrace service start UNIT`, or `allowtrace learn -- COMMAND`\n');
  return isReady ? EXIT.ok : EXIT.findings;
}
