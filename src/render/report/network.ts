// Sockets and addresses.

import { html } from './html.ts';
import type { Report, Section } from './report.ts';
import { code, count, number, programs, table } from './text.ts';

export function network({ profile, outline: { families } }: Report): Section {
  const sockets = profile.facts.filter(fact => fact.kind === 'socket');
  const addresses = profile.facts.filter(fact => fact.kind === 'address');
  const outcome = (errno: string | undefined): string => errno ?? '';
  return {
    id: 'network',
    title: 'Network',
    count: number(sockets.length + addresses.length),
    body: html`<p>${families === null ? 'The proposal restricts no address family.' : families.length === 0 ? 'The proposal allows no socket.' : `The proposal allows ${count(families.length, 'address family', 'address families')}: ${families.join(', ')}.`}</p>${sockets.length === 0 && html`<p>No socket was opened.</p>`}
${
  sockets.length > 0 &&
  table(
    'Sockets',
    [
      { title: 'Family', kind: 'word' },
      { title: 'Type', kind: 'word' },
      { title: 'Protocol', kind: 'word' },
      { title: 'Times', kind: 'number' },
      { title: 'By' },
    ],
    sockets.map(({ family, type, protocol, errno, evidence }) => [
      code(family),
      code(type),
      html`${protocol ?? ''} ${outcome(errno)}`,
      number(evidence.count),
      programs(evidence.by),
    ]),
  )
}
${
  addresses.length > 0 &&
  table(
    'Addresses',
    [
      { title: 'Use', kind: 'word' },
      { title: 'Address' },
      { title: 'Port', kind: 'number' },
      { title: 'Transport', kind: 'word' },
      { title: 'Times', kind: 'number' },
      { title: 'By' },
    ],
    addresses.map(({ op, address, port, transport, errno, evidence }) => [
      html`${op} ${outcome(errno)}`,
      code(address),
      port === undefined ? '' : port === 0 ? 'any' : String(port),
      transport ?? '',
      number(evidence.count),
      programs(evidence.by),
    ]),
  )
}`,
  };
}
