// Verdicts for the tests of their printed forms, hostile ones among them.

import { knownOf } from '../../src/policy/check/baseline.ts';
import type { Verdict } from '../../src/policy/check/verdict.ts';
import type { Assignment, Fix, Violation } from '../../src/policy/findings.ts';
import type { Access } from '../../src/process/access.ts';
import fc from './fast-check.ts';

export const line = (name: string, value: string, file = 'units/mail.service', number = 4): Assignment => ({
  section: 'Service',
  name,
  value,
  at: { file, line: number },
});

export const violation = (access: Access, by: Assignment, outcome: string, fix: Fix | null): Violation => ({
  access,
  outcome,
  by,
  origin: { trace: 'mail.strace', line: 120, pid: 7, syscall: 'openat' },
  count: 3,
  programs: ['/usr/sbin/smtpd'],
  fix,
});

const strict = line('ProtectSystem', 'strict');

/** One violation of each kind that can be denied. */
export const EVERY_KIND: readonly Violation[] = [
  violation({ kind: 'path', mode: 'write', path: '/srv/mail' }, strict, 'EROFS', {
    edits: [{ action: 'add', name: 'ReadWritePaths', value: '/srv/mail' }],
  }),
  violation({ kind: 'move', call: 'rename', from: '/srv/a/x', to: '/srv/b/x' }, strict, 'EXDEV', {
    edits: [
      { action: 'remove', name: 'ReadWritePaths', value: '/srv/a', at: { file: 'units/mail.service', line: 5 } },
      { action: 'add', name: 'ReadWritePaths', value: '/srv' },
    ],
    wider: 'all of /srv may be written',
  }),
  violation({ kind: 'syscall', name: 'chroot' }, line('SystemCallFilter', '@basic-io', undefined, 6), 'SIGSYS', {
    edits: [{ action: 'add', name: 'SystemCallFilter', value: 'chroot' }],
  }),
  violation(
    { kind: 'socket', family: 'AF_INET', type: 'SOCK_STREAM' },
    line('RestrictAddressFamilies', 'AF_UNIX'),
    'EAFNOSUPPORT',
    null,
  ),
  violation(
    { kind: 'address', op: 'connect', family: 'AF_INET', address: '192.0.2.1', port: 25 },
    line('PrivateNetwork', 'yes'),
    'ENETUNREACH',
    null,
  ),
  violation(
    { kind: 'capability', name: 'CAP_CHOWN', syscall: 'chown', certain: true, detail: 'uid 110' },
    line('CapabilityBoundingSet', ''),
    'EPERM',
    null,
  ),
  violation({ kind: 'namespace', type: 'mnt', call: 'unshare' }, line('RestrictNamespaces', 'yes'), 'EPERM', null),
  violation({ kind: 'memory', what: 'protect' }, line('MemoryDenyWriteExecute', 'yes'), 'EPERM', null),
  violation({ kind: 'feature', name: 'realtime', value: 'SCHED_FIFO' }, line('RestrictRealtime', 'yes'), 'EPERM', null),
  violation({ kind: 'process', exe: '/usr/sbin/smtpd' }, line('ReadWritePaths', '/nowhere'), '226/NAMESPACE', null),
];

export const verdict = (parts: Partial<Verdict> = {}): Verdict => ({
  fits: (parts.violations ?? []).length === 0,
  known: new Map((parts.violations ?? []).map(one => [one, knownOf(one, access => access)])),
  unit: 'mail.service',
  observed: 480,
  incomplete: [],
  violations: [],
  accepted: [],
  stale: [],
  unused: [],
  unknown: [],
  unjudged: [],
  ignored: [],
  tooMuchUnused: false,
  ...parts,
});

/** Names as an attacker would choose them: every character, bytes that are not UTF-8, the syntax of each output. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '::error::x',
    '\n::set-output name=x::y',
    '%0A::stop-commands::',
    ']]><failure>',
    '<!--',
    '&amp;"\'',
    '\u001b[2J',
    '\udc80\udcff',
    '\ud83d',
    '\uffff',
    '\u202e',
    '\u0000',
    '\r\n',
  ),
);

/** A verdict whose every name is hostile. */
export const hostileVerdict: fc.Arbitrary<Verdict> = fc
  .record({ path: hostile, file: hostile, trace: hostile, program: hostile, value: hostile, wider: hostile })
  .map(({ path, file, trace, program, value, wider }) => {
    const by = line('ReadOnlyPaths', value, file, 1);
    const denied: Violation = {
      access: { kind: 'path', mode: 'write', path: `/${path}` },
      outcome: 'EROFS',
      by,
      origin: { trace, line: 1, pid: null, syscall: 'openat' },
      count: 1,
      programs: [program],
      fix: { edits: [{ action: 'add', name: 'ReadWritePaths', value }], wider },
    };
    return verdict({
      unit: file,
      violations: [denied],
      accepted: [denied],
      stale: [{ access: 'write', path, directive: 'ReadOnlyPaths', outcome: 'EROFS' }],
      unused: [{ by, allows: value }],
      unknown: [by],
      unjudged: [{ by, why: `whether there is ${path} is not known here` }],
      ignored: [{ at: by.at, message: `${file}:1: ${value}: no '=', so systemd ignores the line`, hint: null }],
      tooMuchUnused: true,
    });
  });
