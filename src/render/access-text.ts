// An access in the reader's words, and the place in the log where it was first observed.

import type { Reason } from '../policy/policy.ts';
import type { FeatureAccess, Origin } from '../process/access.ts';
import { rowOf } from '../row.ts';

/** `smtpd.strace:120 openat`; of what was not traced, where it is known from: `audit.log:12 reboot, not traced: from the audit log`. */
export const sourceText = ({ trace, line, syscall, from }: Origin): string =>
  `${trace}:${line}${syscall === '' ? '' : ` ${syscall}`}${from === undefined ? '' : `, not traced: from ${from === 'strace -c' ? from : `the ${from}`}`}`;

/** `/etc/passwd read, smtpd.strace:120 openat (4×)`. */
export function reasonText({ access, origin, count }: Reason): string {
  return `${describe(access)} · ${sourceText(origin)}${count > 1 ? ` (${count}×)` : ''}`;
}

/** Names of features in the reader's words; the value, where there is one, follows. */
const FEATURES: Readonly<Record<string, string>> = {
  realtime: 'realtime scheduling',
  'suid-sgid': 'set-id mode',
  personality: 'execution domain',
  'made-for-others': 'something was made for group or others, mode bits',
  'peer-credentials': 'the user of a peer was asked for,',
  'handles-signal': 'the main process handles',
  'stopped-by': 'the main process was ended by',
  'signal-foreign': 'a signal to a process that is not in the log',
  grandchild: 'a process other than the main one started a process',
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
