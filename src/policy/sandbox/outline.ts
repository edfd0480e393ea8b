// What a sandbox leaves a service, in the figures that a reader weighs first. Read from the model of the sandbox, never from the lines that
// asked for it: a list that allows nothing beyond what is allowed anyway restricts nothing. Pure.

import { CAPABILITIES } from '../../process/constants/capabilities.ts';
import { isBelow, parentOf } from '../../process/resolve.ts';
import type { Sandbox } from './sandbox.ts';
import { filtered } from './system-call-filter.ts';
import { type Mount, mountOf, topmost } from './view.ts';

export interface Outline {
  /** Places whose files the service can change, none below another; null: its root is writable, and only places in it are not. */
  writable: string[] | null;
  /** System calls that pass, of all that this systemd knows; null: no filter. */
  calls: { allowed: number; known: number } | null;
  /** Capabilities it can have, of all; null: all of them. */
  capabilities: { kept: string[]; known: number } | null;
  /** Address families of sockets it can make; null: all but those that are denied one by one. */
  families: string[] | null;
}

/** File systems of the kernel: what may be changed there, other directives decide. */
const NO_DISK = ['/proc', '/sys', '/dev'] as const;

const changes = (mount: Mount): boolean => mount.readOnly === null && mount.content.is === 'host';

function writableIn({ mounts: { list } }: Sandbox): string[] | null {
  const root = mountOf(list, '/');
  if (changes(root)) return null;
  const places = list
    .filter(mount => changes(mount) && topmost(list, mount.at) === mount)
    .filter(({ at }) => !NO_DISK.some(tree => isBelow(at, tree)))
    .filter(({ at }) => !changes(mountOf(list, parentOf(at))));
  return [...new Set(places.map(({ at }) => at))].sort();
}

function callsIn({ filter, context: { sets } }: Sandbox): Outline['calls'] {
  if (filter === null) return null;
  const known = new Set([...sets('@known'), ...filter.calls.keys()]);
  return { allowed: [...known].filter(call => filtered(filter, call) === null).length, known: known.size };
}

function familiesIn({ rules }: Sandbox): string[] | null {
  const lists = rules.flatMap(({ effect }) => (effect.deny === 'families-except' ? [effect.names] : []));
  const [first, ...others] = lists;
  return first === undefined
    ? null
    : first.filter(name => name !== 'AF_LOCAL' && others.every(names => names.includes(name))).sort();
}

export function outlineOf(sandbox: Sandbox): Outline {
  const kept = CAPABILITIES.filter(name => sandbox.capabilities.has.has(name));
  return {
    writable: writableIn(sandbox),
    calls: callsIn(sandbox),
    capabilities: kept.length === CAPABILITIES.length ? null : { kept, known: CAPABILITIES.length },
    families: familiesIn(sandbox),
  };
}

/** Is anything of all this restricted? */
export const restricts = ({ writable, calls, capabilities, families }: Outline): boolean =>
  writable !== null || (calls !== null && calls.allowed < calls.known) || capabilities !== null || families !== null;
