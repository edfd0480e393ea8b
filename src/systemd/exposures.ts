// The exposure of every service that systemd has loaded, as `systemd-analyze security` scores it, in one call. It leaves out units that run once
// and end (Type=oneshot). Source: systemd-analyze(1); src/analyze/analyze-security.c of systemd 247, 252 and 257.

import { UsageError } from '../errors.ts';
import { isRecord } from '../json.ts';
import { programOutput } from '../program-output.ts';
import type { Exposure } from './analyze.ts';

const LIMIT_MS = 60_000;

function fromJson(text: string): Map<string, Exposure> | null {
  try {
    const rows: unknown = JSON.parse(text);
    if (!Array.isArray(rows)) return null;
    return new Map(
      rows
        .filter(isRecord)
        .map(({ unit, exposure, predicate }) => [String(unit), { score: Number(exposure), level: String(predicate) }]),
    );
  } catch {
    return null;
  }
}

/** `nginx.service  9.6 UNSAFE 😨`. */
const fromTable = (text: string): Map<string, Exposure> =>
  new Map(
    [...text.matchAll(/^\s*(\S+\.service)\s+([\d.]+)\s+([A-Z]+)/gm)].map(([, unit = '', score, level = '']) => [
      unit,
      { score: Number(score), level },
    ]),
  );

/** Unit → exposure. Throws UsageError where systemd cannot be asked. */
export async function hostExposures(user: boolean): Promise<Map<string, Exposure>> {
  const words = [...(user ? ['--user'] : []), '--no-pager', 'security'];
  const options = { timeout: LIMIT_MS, env: { SYSTEMD_COLORS: '0', LC_ALL: 'C' } };
  // Since systemd 250.
  const json = await programOutput('systemd-analyze', [...words, '--json=short'], options);
  const rows = json.failed ? null : fromJson(json.stdout);
  if (rows !== null) return rows;
  const table = json.missing ? json : await programOutput('systemd-analyze', words, options);
  if (table.failed)
    throw new UsageError(
      'no-exposure',
      `systemd-analyze security: ${table.stderr.split('\n')[0] || 'failed'}`,
      json.missing ? 'install systemd' : `is ${user ? "the user's service manager" : 'systemd'} running here?`,
    );
  return fromTable(table.stdout);
}
