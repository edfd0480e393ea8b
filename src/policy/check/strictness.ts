// Which value of a setting is the stricter one: for settings with a few values, in order. Source: systemd.exec(5).

import { rowOf } from '../../row.ts';
import { DIRECTIVE_ROWS } from '../directives.ts';

/** Values from strict to loose where the table of directives does not list them; the last one is the default. */
// biome-ignore format: one row a directive
const ORDERS: Readonly<Record<string, readonly string[]>> = {
  ProtectSystem: ['strict', 'full', 'yes', 'no'],
  ProtectHome:   ['yes', 'tmpfs', 'read-only', 'no'],
  ProtectProc:   ['noaccess', 'invisible', 'ptraceable', 'default'],
  DevicePolicy:  ['strict', 'closed', 'auto'],
  KeyringMode:   ['private', 'shared', 'inherit'],
  PrivateTmp:    ['disconnected', 'yes', 'no'],
  DynamicUser:   ['yes', 'no'],
  RemoveIPC:     ['yes', 'no'],
};

const TRUE: ReadonlySet<string> = new Set(['yes', 'true', 'on', '1', 'y', 't']);
const FALSE: ReadonlySet<string> = new Set(['no', 'false', 'off', '0', 'n', 'f']);

/** A boolean in the form of the tables; anything else as it is. */
export function plainValue(value: string): string {
  const word = value.toLowerCase();
  return TRUE.has(word) ? 'yes' : FALSE.has(word) ? 'no' : value;
}

/** The values of a setting from strict to loose, the default last; empty for lists and for what has no order. */
export const strictness = (name: string): readonly string[] =>
  rowOf(ORDERS, name) ?? Object.keys(DIRECTIVE_ROWS.get(name)?.values ?? {});
