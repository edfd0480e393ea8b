// Ways out of a denial, from narrow to wide, for every kind of access: proposals only, `fix` asks the model which one helps.
// Sources: systemd.exec(5), systemd.resource-control(5).

import type { Access, AddressAccess } from '../../process/access.ts';
import { DIRECTIVE_ROWS, strictness } from '../directives/table.ts';
import type { Assignment, Fix } from '../findings.ts';
import { isLoopback } from '../sandbox/network.ts';
import { plainValue } from '../sandbox/settings.ts';
import { rawWords } from './edits.ts';
import { moveFixes, pathFixes, type Situation } from './fix-paths.ts';

/** Another value of the setting itself, or none of it: allows all that it denied. */
export function loosened(by: Assignment, systemd: number): Fix[] {
  const values = strictness(by.name, systemd);
  const looser = values.slice(values.indexOf(plainValue(by.value)) + 1);
  return looser.map(value => ({
    edits: [{ action: 'replace', name: by.name, value, at: by.at }],
    wider: `everything that ${by.name}=${by.value} denies and ${by.name}=${value} does not`,
  }));
}

const add = (name: string, value: string): Fix => ({ edits: [{ action: 'add', name, value }] });

/** A port to listen at, or a peer to speak with. Who would speak to a server is not in its log: whoever can reach its address. */
function reachable({ op, family, transport, port, address }: AddressAccess, { name }: Assignment): Fix[] {
  if (name === 'SocketBindDeny') {
    const words = [family === 'AF_INET6' ? 'ipv6' : 'ipv4', ...(transport === undefined ? [] : [transport])];
    return [add('SocketBindAllow', [...words, port === undefined || port === 0 ? 'any' : port].join(':'))];
  }
  if (name !== 'IPAddressDeny') return [];
  if (op !== 'bind') return [add('IPAddressAllow', address.replace(/%.*/, ''))];
  const peers = isLoopback(address) ? 'localhost' : 'any';
  return [
    {
      ...add('IPAddressAllow', peers),
      wider: `${peers} may be contacted, because a log does not show future clients`,
    },
  ];
}

/** A line with another value. */
const rewritten = ({ name, at }: Assignment, value: string): Fix => ({
  edits: [{ action: 'replace', name, value, at }],
});

/** UMask= that leaves these bits of new files alone, octal as the setting is. */
const withoutBits = (by: Assignment, bits: string): Fix =>
  rewritten(by, (Number.parseInt(by.value, 8) & ~Number.parseInt(bits, 8)).toString(8).padStart(4, '0'));

/** What a list of the unit lacks to allow the access. */
function listed(access: Access, by: Assignment): Fix[] {
  const { name } = by;
  switch (access.kind) {
    case 'address':
      return reachable(access, by);
    case 'syscall':
      if (name === 'SystemCallFilter') return [add(name, access.name)];
      return name === 'SystemCallArchitectures' ? [add(name, access.abi === 'x32' ? 'x32' : 'x86')] : [];
    case 'socket':
      return name === 'RestrictAddressFamilies' ? [add(name, access.family)] : [];
    case 'namespace':
      return name === 'RestrictNamespaces' ? [add(name, access.type)] : [];
    case 'capability':
      if (name === 'CapabilityBoundingSet') return [add(name, access.name)];
      return [add('AmbientCapabilities', access.name)];
    case 'feature':
      return name === 'UMask' ? [withoutBits(by, access.value ?? '0')] : [];
    default:
      return [];
  }
}

/** No lists of paths, and may begin with `-` all the same. */
const OPTIONAL: ReadonlySet<string> = new Set(['EnvironmentFile', 'WorkingDirectory']);

/**
 * A line that ends the start need not do so: a path that is missing may be (one word of the line, or all of them), and calls of a filter have
 * no outcomes of their own.
 */
export function tolerant(by: Assignment): Fix[] {
  if (by.name === 'SystemCallFilter') return [rewritten(by, by.value.replace(/:\w+/g, ''))];
  // Settings of one value name no path themselves; what TemporaryFileSystem= names is made where it is missing, and takes no `-`.
  const mode = DIRECTIVE_ROWS.get(by.name)?.lists;
  if (mode === 'tmpfs' || (mode === undefined && !OPTIONAL.has(by.name))) return [];
  const words = rawWords(by.value);
  const may = (word: string): string => word.replace(/^(["']?)-?/, '$1-');
  const values = [...words.map((_, i) => words.map((word, j) => (i === j ? may(word) : word))), words.map(may)];
  return [...values.map(value => rewritten(by, value.join(' '))), ...withoutWord(by, words)];
}

/** Where `-` does not help, as with a path below a file: the list without a word that gives nothing away. */
function withoutWord(by: Assignment, words: readonly string[]): Fix[] {
  if (DIRECTIVE_ROWS.get(by.name)?.list !== 'narrows' && !by.name.startsWith('Bind')) return [];
  return words.map(value => ({ edits: [{ action: 'remove', name: by.name, value, at: by.at }] }));
}

/** Capabilities that pass over owners and permission bits, the least of them first. */
const OVERRIDING = ['CAP_DAC_READ_SEARCH', 'CAP_FOWNER', 'CAP_DAC_OVERRIDE'] as const;
const overriding = (by: Assignment): Fix[] =>
  by.name === 'CapabilityBoundingSet' ? OVERRIDING.map(name => add(by.name, name)) : [];

/** Ways out for one access and the line that denies it, narrowest first. */
export function ways(access: Access, by: Assignment, situation: Situation): Fix[] {
  const own =
    access.kind === 'path'
      ? [...pathFixes(access, by, situation), ...overriding(by)]
      : access.kind === 'move'
        ? moveFixes(access, situation)
        : listed(access, by);
  return [...own, ...loosened(by, situation.systemd)];
}
