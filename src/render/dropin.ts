// A policy as a systemd drop-in: each directive under a comment with its evidence. Names in comments are made printable,
// so that no file name can end a comment and become a directive.

import { DIRECTIVE_ROWS } from '../policy/directives/table.ts';
import type { Directive, Policy, Reason } from '../policy/policy.ts';
import type { FeatureAccess } from '../process/access.ts';
import { rowOf } from '../row.ts';
import { incompleteText } from './incomplete.ts';
import { printable } from './printable.ts';

const WIDTH = 110;

/** systemd reads a backslash at the end of a comment line as no continuation since 239; none is written anyway. */
const comment = (text: string): string => `# ${printable(text).replace(/\\+$/, '')}`;

/** `/etc/passwd read, smtpd.strace:120 openat (4×)`. */
export function reasonText(reason: Reason): string {
  const { access, origin, count } = reason;
  const what = describe(access);
  return `${what} · ${origin.trace}:${origin.line}${origin.syscall === '' ? '' : ` ${origin.syscall}`}${count > 1 ? ` (${count}×)` : ''}`;
}

/** Names of features in the reader's words; the value, where there is one, follows. */
const FEATURES: Readonly<Record<string, string>> = {
  realtime: 'realtime scheduling',
  'suid-sgid': 'set-id mode',
  personality: 'execution domain',
  'made-for-others': 'something was made for group or others, mode bits',
  'peer-credentials': 'the user of a peer was asked for,',
  'no-new-privs': 'the service itself gave up new privileges',
  identity: 'became',
  'mknod-device': 'a device node was made,',
  'io-uring': 'io_uring',
  ipc: 'IPC,',
  'own-seccomp': 'a seccomp filter of its own',
  'setuid-exec': 'ran the set-id program',
  'file-capabilities': 'ran with the file capabilities of',
  keyring: 'used keys with',
};

const feature = ({ name, value, certain }: FeatureAccess): string =>
  `${certain === false ? 'perhaps ' : ''}${rowOf(FEATURES, name) ?? name}${value === undefined ? '' : ` ${value}`}`.replace(
    /,$/,
    '',
  );

/** An access in a few words. */
export function describe(access: Reason['access']): string {
  switch (access.kind) {
    case 'path':
      return `${access.mode} ${access.path}${access.asked === undefined ? '' : ` (asked for as ${access.asked})`}${access.inferred === undefined ? '' : `, inferred: ${access.inferred}`}`;
    case 'move':
      return `${access.call} ${access.from} → ${access.to}`;
    case 'syscall':
      return `${access.name}${access.abi === undefined ? '' : ` (${access.abi})`}${access.assumed === true ? ', assumed: it was not traced' : ''}`;
    case 'socket':
      return `socket ${access.family} ${access.type}`;
    case 'address':
      return `${access.op} ${access.address}${access.port === undefined ? '' : ` port ${access.port}`}`;
    case 'capability':
      return `${access.name} for ${access.syscall}${access.detail === undefined ? '' : ` (${access.detail})`}`;
    case 'namespace':
      return `${access.call} of a ${access.type} namespace`;
    case 'memory':
      return access.what === 'protect' ? 'memory made executable' : 'memory both writable and executable';
    case 'feature':
      return feature(access);
    case 'process':
      return `program ${access.exe}`;
    case 'unresolved':
      return `${access.mode} ${access.asked} (where it lies is unknown)`;
    case 'blind':
      return access.what;
  }
}

/** A `~` in front of the list stands in front of each of its lines. */
function wrap(value: string, name: string): string {
  const start = value.startsWith('~') ? `${name}=~` : `${name}=`;
  const lines: string[] = [];
  let line = '';
  for (const word of value.slice(start.length - name.length - 1).split(' ')) {
    if (line !== '' && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? `${start}${word}` : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** Long lists of words are written as several lines of the same directive, which systemd adds up. */
const ADDS_UP: ReadonlySet<string> = new Set(['SystemCallFilter', 'CapabilityBoundingSet', 'RestrictAddressFamilies']);

/** A profile may be forged: no name in it becomes a line. */
const oneLine = (value: string): string => value.replace(/\p{Cc}/gu, char => printable(char));

function assignment({ name, value: asked }: Directive, first: boolean): string {
  const value = oneLine(asked);
  const lines = ADDS_UP.has(name) && value !== '' ? wrap(value, name) : `${name}=${value}`;
  // What the unit itself allows is dropped first, so that this list is the whole list.
  const reset = first && value !== '' && DIRECTIVE_ROWS.get(name)?.list === 'narrows';
  return reset ? `${name}=\n${lines}` : lines;
}

function block(directive: Directive, index: number, all: readonly Directive[]): string {
  const first = all.findIndex(({ name }) => name === directive.name) === index;
  const lines = [comment(directive.because)];
  for (const reason of directive.evidence.slice(0, 1)) lines.push(comment(`  ${reasonText(reason)}`));
  if (directive.wider !== undefined) lines.push(comment(`  wider than seen: ${directive.wider}`));
  return [...lines, assignment(directive, first)].join('\n');
}

/** The text of the drop-in. */
export function renderDropin(policy: Policy): string {
  const { target, incomplete, directives, withheld, notes } = policy;
  const doubt = incompleteText(incomplete);
  const paths = target.paths.join('+');
  const head = [
    comment(
      `Proposed by allowtrace for systemd ${target.systemd} (paths: ${paths}, system calls: ${target.syscalls}).`,
    ),
    comment(
      'Install as /etc/systemd/system/NAME.service.d/allowtrace.conf, then: systemctl daemon-reload && systemctl restart NAME',
    ),
  ];
  for (const { kind, text } of notes) if (kind === 'warning') head.unshift(comment(`WARNING: ${text}`));
  if (doubt !== null) head.unshift(comment(`${doubt}. What rests on it is withheld.`));
  const tail: string[] = [];
  const denied = withheld.flatMap(({ name, value, evidence: [reason] }) =>
    reason === undefined ? [] : [`${name}=${value}: ${reasonText(reason)}`],
  );
  if (denied.length > 0) tail.push(comment('Not proposed, because it would have denied what was seen:'));
  for (const line of denied) tail.push(comment(`  ${line}`));
  const others = new Map<string, string[]>();
  for (const { name, value, because, evidence } of withheld)
    if (evidence.length === 0) others.set(because, [...(others.get(because) ?? []), `${name}=${value}`]);
  if (others.size > 0) tail.push(comment('Not proposed for other reasons:'));
  for (const [because, lines] of others) tail.push(comment(`  ${because}: ${lines.join(', ')}`));
  const told = notes.filter(({ kind }) => kind !== 'warning');
  if (told.length > 0) {
    tail.push(comment('To be known:'));
    for (const note of told) tail.push(comment(`  ${note.kind}: ${note.text}`));
  }
  return `${[head.join('\n'), '[Service]', ...directives.map(block), ...(tail.length > 0 ? [tail.join('\n')] : [])].join('\n\n')}\n`;
}
