// The words in which the table of system calls says what a call needs: capabilities, and the conditions under which it needs them. Typed, so
// that a word which means nothing does not compile. What a condition asks is in privileges.ts. Source: capabilities(7).

import type { Capability } from './constants/capabilities.ts';

/**
 * Condition → what decides it: the `call` (its text, and the effective uid of who makes it), so that the answer may be remembered for the
 * same call; or the `process`: its descriptors, its other ids, its limits, or other processes.
 */
// biome-ignore format: one condition a line
export const CONDITIONS = {
  'adjust':          'call',
  'alarm':           'call',
  'all-namespaces':  'call',
  'audit':           'call',
  'audit-group':     'process',
  'audit-rules':     'process',
  'bpf-by-id':       'call',
  'bpf-network':     'call',
  'bpf-tracing':     'call',
  'by-descriptor':   'process',
  'clone-tree':      'call',
  'device':          'call',
  'found-ipc':       'call',
  'generic':         'process',
  'high-priority':   'call',
  'large-pipe':      'call',
  'lease':           'call',
  'locked':          'call',
  'low-port':        'call',
  'maybe':           'call',
  'mount-namespace': 'process',
  'negative':        'call',
  'netfilter':       'call',
  'noatime':         'call',
  'other-gid':       'call',
  'other-owner':     'call',
  'other-process':   'process',
  'other-uid':       'process',
  'packet-tables':   'call',
  'raise':           'process',
  'raw':             'call',
  'realtime':        'call',
  'realtime-io':     'call',
  'route-change':    'process',
  'set-gid':         'call',
  'shm-lock':        'call',
  'sockopt-admin':   'process',
  'sockopt-raw':     'call',
} as const satisfies Record<string, 'call' | 'process'>;
export type Condition = keyof typeof CONDITIONS;

/** Tables in which the arguments of a call are looked up, each row with a capability of its own → what decides it, as above. */
// biome-ignore format: one table a line
export const LOOKED_UP = {
  'attribute': 'call',
  'capset':    'call',
  'ioctl':     'call',
  'open':      'call',
  'sender':    'process',
} as const satisfies Record<string, 'call' | 'process'>;
export type LookedUp = keyof typeof LOOKED_UP;

/** `CAP_CHOWN`, `CAP_CHOWN if other-owner`; `CAP_* if open`: what a table says of the arguments. */
export type Need = Capability | `${Capability} if ${Condition}` | `CAP_* if ${LookedUp}`;

const DECIDED_BY: ReadonlyMap<string, 'call' | 'process'> = new Map([
  ...Object.entries(CONDITIONS),
  ...Object.entries(LOOKED_UP),
]);

/** Does more than the call itself decide whether it needs the capability? */
export const looksAtProcess = (need: Need): boolean => DECIDED_BY.get(need.split(' if ')[1] ?? '') === 'process';
