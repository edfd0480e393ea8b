// What becomes of sockets and addresses in a network of the service's own (PrivateNetwork=), which has nothing but a loopback.
// Calls work there, but meet nobody: what they would meet is said. Sources: network_namespaces(7), unix(7) for abstract names.

import type { Access } from '../../process/access.ts';
import { denies } from '../effects.ts';
import type { Denial, Knowledge } from './denial.ts';
import type { Sandbox } from './sandbox.ts';

const INTERNET: ReadonlySet<string> = new Set(['AF_INET', 'AF_INET6']);

export const isLoopback = (address: string): boolean => /^127\./.test(address) || address === '::1';

export function judgeNetwork(access: Access, { rules, context }: Sandbox, known: Knowledge): Denial | null {
  const rule = rules.find(({ effect }) => effect.deny === 'network');
  if (rule === undefined || denies(rule.effect, access, context.sets) === null) return null;
  const { by } = rule;
  // Internet sockets are judged by the addresses they are used with.
  if (access.kind === 'socket') return INTERNET.has(access.family) ? null : { outcome: 'apart', by };
  if (access.kind !== 'address') return null;
  if (access.op === 'bind') return { outcome: 'apart', by };
  if (known.serves?.(access) === true) return null;
  // Nobody answers a datagram, nor says so in time.
  if (access.transport === 'udp' && isLoopback(access.address)) return { outcome: 'apart', by };
  return { outcome: isLoopback(access.address) || access.address.startsWith('@') ? 'ECONNREFUSED' : 'ENETUNREACH', by };
}
