// IPAddressAllow=, IPAddressDeny=, SocketBindAllow=, SocketBindDeny=: which peers and ports a service may use. What is allowed is looked
// at first, then what is denied; the rest passes. They need control groups with BPF; where a machine has none, systemd says so and goes on.
// Sources: systemd.resource-control(5); tried on systemd 252, 257 and 262 with a kernel that enforces them.

import { BlockList, isIP } from 'node:net';
import type { Access, AddressAccess } from '../../process/access.ts';
import { rowOf } from '../../row.ts';
import type { Assignment } from '../findings.ts';
import type { Denial } from './denial.ts';
import { badValue, wordsOf } from './settings.ts';

/** Names of address ranges. */
const RANGES: Readonly<Record<string, readonly string[]>> = {
  any: ['0.0.0.0/0', '::/0'],
  localhost: ['127.0.0.0/8', '::1/128'],
  'link-local': ['169.254.0.0/16', 'fe80::/64'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
};

interface Line {
  by: Assignment;
  matches: (access: AddressAccess) => boolean;
}

function addresses(by: Assignment): Line {
  const list = new BlockList();
  for (const { text } of wordsOf(by))
    for (const range of rowOf(RANGES, text) ?? [text]) {
      const [address = '', bits] = range.split('/');
      const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      const length = bits === undefined ? (kind === 'ipv6' ? 128 : 32) : Number(bits);
      if (isIP(address) === 0 || !(length >= 0 && length <= (kind === 'ipv6' ? 128 : 32)))
        throw badValue(by, `'${text}' is no address, so systemd ignores it`, 'such as 10.0.0.0/8, localhost or any');
      list.addSubnet(address, length, kind);
    }
  return { by, matches: ({ address, family }) => list.check(address, family === 'AF_INET6' ? 'ipv6' : 'ipv4') };
}

const FAMILIES: Readonly<Record<string, string>> = { ipv4: 'AF_INET', ipv6: 'AF_INET6' };

/** `ipv4:tcp:80`, `udp:1000-2000`, `443`, `any`. */
function ports(by: Assignment): Line {
  if (by.value === 'any') return { by, matches: () => true };
  const parts = by.value.split(':');
  const family = parts[0] !== undefined && Object.hasOwn(FAMILIES, parts[0]) ? parts.shift() : undefined;
  const protocol = parts[0] === 'tcp' || parts[0] === 'udp' ? parts.shift() : undefined;
  const range = parts.shift();
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(range ?? '') ?? [];
  if (parts.length > 0 || (range !== undefined && range !== 'any' && first === undefined))
    throw badValue(by, `'${by.value}' is no port, so systemd ignores it`, 'such as ipv4:tcp:80');
  const low = first === undefined ? 0 : Number(first);
  const high = first === undefined ? 65_535 : Number(last ?? first);
  return {
    by,
    matches: access =>
      (family === undefined || access.family === FAMILIES[family]) &&
      (protocol === undefined || access.transport === undefined || access.transport === protocol) &&
      (access.port ?? 0) >= low &&
      (access.port ?? 0) <= high,
  };
}

export interface AddressRules {
  peers: { allow: Line[]; deny: Line[] };
  ports: { allow: Line[]; deny: Line[] };
}

export function addressRules(assignments: readonly Assignment[]): AddressRules {
  const lines = (name: string, read: (by: Assignment) => Line): Line[] =>
    assignments.filter(one => one.name === name).map(read);
  return {
    peers: { allow: lines('IPAddressAllow', addresses), deny: lines('IPAddressDeny', addresses) },
    ports: { allow: lines('SocketBindAllow', ports), deny: lines('SocketBindDeny', ports) },
  };
}

const denier = ({ allow, deny }: AddressRules['peers'], access: AddressAccess): Assignment | null =>
  allow.some(({ matches }) => matches(access)) ? null : (deny.find(({ matches }) => matches(access))?.by ?? null);

export function judgeAddress(access: Access, rules: AddressRules): Denial | null {
  if (access.kind !== 'address' || !Object.values(FAMILIES).includes(access.family)) return null;
  if (access.op === 'bind') {
    const by = denier(rules.ports, access);
    if (by !== null) return { outcome: 'EPERM', by };
    // Packets to the socket would be dropped, unless somebody may send them.
    const unreachable = rules.peers.allow.length === 0 ? denier(rules.peers, access) : null;
    return unreachable === null ? null : { outcome: 'apart', by: unreachable };
  }
  const by = denier(rules.peers, access);
  if (by === null) return null;
  // Packets are dropped: who sends one gets the error, who waits for an answer to the first waits in vain, and a datagram socket sends none yet.
  const outcome = access.op === 'send' ? 'EPERM' : access.transport === 'udp' ? 'apart' : 'ETIMEDOUT';
  return { outcome, by };
}
