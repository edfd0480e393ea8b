// SocketBindAllow= from the ports that were bound, IPAddressAllow= (on request) from the addresses that were used.
// Source: systemd.resource-control(5). Both need control groups with BPF; where they are missing systemd says so and goes on.

import { isIP } from 'node:net';
import { isByChance } from '../../../process/ports.ts';
import type { Fact, Profile } from '../../../profile/profile.ts';
import { rowOf } from '../../../row.ts';
import { isLoopback } from '../../sandbox/network.ts';
import { emptyPlan, type Plan, proposed, succeeded, withheld } from '../plan.ts';

type AddressFact = Extract<Fact, { kind: 'address' }>;

const FAMILIES: Readonly<Record<string, string>> = { AF_INET: 'ipv4', AF_INET6: 'ipv6' };

/** `ipv4:tcp:25`; any port of a kind where the port was left to the kernel or picked at random. */
function bindWord({ family, transport, port }: AddressFact): { word: string; any: boolean } {
  const protocol = transport === 'tcp' || transport === 'udp' ? transport : undefined;
  const any = isByChance(port);
  const parts = [rowOf(FAMILIES, family), protocol, any ? undefined : String(port)];
  return { word: parts.filter(part => part !== undefined).join(':'), any };
}

/** Only the ports that were bound can be. */
export function socketBinds(profile: Profile): Plan {
  const plan = emptyPlan();
  const binds = succeeded(profile, 'address').filter(
    ({ op, family }) => op === 'bind' && Object.hasOwn(FAMILIES, family),
  );
  const words = new Map<string, { any: boolean; facts: AddressFact[] }>();
  for (const fact of binds) {
    const { word, any } = bindWord(fact);
    const known = words.get(word) ?? { any, facts: [] };
    known.facts.push(fact);
    words.set(word, known);
  }
  const wide = [...words].filter(([, { any }]) => any).map(([word]) => word);
  const kept = [...words].filter(([word]) => !wide.some(top => top !== word && word.startsWith(`${top}:`)));
  plan.directives.push(
    proposed('SocketBindDeny', 'any', words.size === 0 ? 'no port was bound' : 'only the ports below were bound'),
  );
  for (const [word, { any, facts }] of kept.sort(([a], [b]) => (a < b ? -1 : 1)))
    plan.directives.push(
      proposed(
        'SocketBindAllow',
        word,
        any ? 'the kernel, or chance, chose the port' : 'a port that was bound',
        facts,
        any ? ['any port of the kind can be bound'] : [],
      ),
    );
  return plan;
}

/** With `--addresses`: packets go to and come from the addresses that were seen. Who connects to a listening socket is not known, so a service with one keeps all. */
export function ipAddresses(profile: Profile, asked: boolean): Plan {
  const plan = emptyPlan();
  const used = succeeded(profile, 'address').filter(({ address }) => isIP(address) !== 0);
  // A datagram socket at a port of the kernel's choice is a client's: nobody knows where to call it.
  const isClient = ({ transport, port }: AddressFact): boolean => transport === 'udp' && (port ?? 0) === 0;
  const listens = used.find(fact => fact.op === 'bind' && !isLoopback(fact.address) && !isClient(fact));
  const hasSockets = succeeded(profile, 'socket').some(({ family }) => Object.hasOwn(FAMILIES, family));
  if (!hasSockets) {
    plan.directives.push(proposed('IPAddressDeny', 'any', 'no internet socket was made'));
    return plan;
  }
  if (!asked) {
    plan.withheld.push(
      withheld(
        'IPAddressDeny',
        'any',
        'restricting peers is a choice: --addresses allows only the observed addresses',
        used,
      ),
    );
    return plan;
  }
  if (listens !== undefined) {
    plan.withheld.push(
      withheld(
        'IPAddressDeny',
        'any',
        'it listens on an address of the network: whoever may connect is not known from a log',
        [listens],
      ),
    );
    return plan;
  }
  const peers = new Map<string, AddressFact[]>();
  for (const fact of used) {
    const word = isLoopback(fact.address) ? 'localhost' : fact.address;
    if (word !== '0.0.0.0' && word !== '::') peers.set(word, [...(peers.get(word) ?? []), fact]);
  }
  plan.directives.push(proposed('IPAddressDeny', 'any', 'only the addresses below are reached'));
  for (const [word, facts] of [...peers].sort(([a], [b]) => (a < b ? -1 : 1)))
    plan.directives.push(
      proposed(
        'IPAddressAllow',
        word,
        word === 'localhost' ? 'loopback addresses that were used' : 'an address that was used',
        facts,
        word === 'localhost' ? ['all of the loopback network'] : [],
      ),
    );
  return plan;
}
