// A column of THE TABLE of directives, in a file of its own: with which value a directive breaks almost nothing, and the kinds of program that it is
// known to break. `harden` proposes it for every unit that shows none of those kinds. Several entries of a list add up; of others the
// first that breaks nothing counts. Sources: systemd.exec(5) under each directive; the kinds name theirs.

import type { DIRECTIVES } from '../directives/table.ts';
import type { Kind } from './kinds.ts';

export interface Hardening {
  value: string;
  breaks: readonly Kind[];
}

/** Others decide what runs in these: whatever is denied to them is denied to that, too. */
const OPEN: readonly Kind[] = ['jobs', 'containers'];
/** Their mounts are made for others, who would not see them. */
const MOUNTING: readonly Kind[] = [...OPEN, 'mounts', 'login'];
const yes = (...breaks: Kind[]): readonly Hardening[] => [{ value: 'yes', breaks }];

// biome-ignore format: one row a directive
export const HARDENING: Readonly<Partial<Record<keyof typeof DIRECTIVES, readonly Hardening[]>>> = {
  NoNewPrivileges:         yes(...OPEN, 'login', 'set-id', 'passwords', 'mail', 'packages'),
  ProtectSystem:           [{ value: 'full', breaks: [...MOUNTING, 'packages', 'writes-etc'] }, { value: 'yes', breaks: [...MOUNTING, 'packages'] }],
  ProtectHome:             [{ value: 'yes', breaks: [...MOUNTING, 'homes', 'mail', 'file-server'] }, { value: 'read-only', breaks: [...MOUNTING, 'mail', 'file-server'] }],
  PrivateTmp:              yes(...MOUNTING, 'tmp'),
  PrivateDevices:          yes(...MOUNTING, 'devices', 'raw-io', 'interpreted'),
  ProtectProc:             [{ value: 'invisible', breaks: [...MOUNTING, 'monitor', 'tracer', 'interpreted'] }],
  ProtectKernelTunables:   yes(...MOUNTING, 'tunables'),
  ProtectKernelModules:    yes(...MOUNTING, 'modules'),
  ProtectKernelLogs:       yes(...MOUNTING, 'kernel-log'),
  ProtectControlGroups:    yes(...MOUNTING, 'cgroups'),
  ProtectClock:            yes(...OPEN, 'login', 'clock', 'devices'),
  ProtectHostname:         yes(...OPEN, 'login', 'hostname'),
  RestrictRealtime:        yes(...OPEN, 'login', 'realtime'),
  RestrictSUIDSGID:        yes(...OPEN, 'login', 'packages', 'file-server', 'mail'),
  RestrictNamespaces:      yes(...OPEN, 'login', 'namespaces'),
  LockPersonality:         yes(...OPEN, 'login', 'personality', 'foreign'),
  MemoryDenyWriteExecute:  yes(...OPEN, 'login', 'jit', 'stack', 'interpreted'),
  SystemCallArchitectures: [{ value: 'native', breaks: [...OPEN, 'login', 'foreign'] }],
  RestrictAddressFamilies: [{ value: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK', breaks: [...OPEN, 'login', 'raw-network', 'other-network', 'interpreted'] }, { value: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET', breaks: [...OPEN, 'login', 'other-network', 'interpreted'] }],
  SystemCallFilter:        [{ value: '~@cpu-emulation @obsolete', breaks: [...OPEN, 'login', 'foreign'] }, { value: '~@module', breaks: [...OPEN, 'login', 'modules'] }, { value: '~@raw-io', breaks: [...OPEN, 'login', 'raw-io', 'devices'] }, { value: '~@reboot', breaks: [...OPEN, 'login', 'reboots'] }, { value: '~@swap', breaks: [...OPEN, 'login', 'swaps'] }, { value: '~@clock', breaks: [...OPEN, 'login', 'clock', 'interpreted'] }, { value: '~@debug', breaks: [...OPEN, 'login', 'tracer', 'interpreted'] }, { value: '~@mount', breaks: [...MOUNTING, 'chroot', 'passwords', 'interpreted'] }],
  CapabilityBoundingSet:   [{ value: '~CAP_SYS_MODULE', breaks: [...OPEN, 'login', 'modules'] }, { value: '~CAP_SYS_RAWIO', breaks: [...OPEN, 'login', 'raw-io', 'devices'] }, { value: '~CAP_MKNOD', breaks: [...MOUNTING, 'devices', 'file-server', 'packages'] }, { value: '~CAP_SYS_TIME CAP_WAKE_ALARM', breaks: [...OPEN, 'login', 'clock'] }, { value: '~CAP_SYSLOG', breaks: [...OPEN, 'login', 'kernel-log'] }, { value: '~CAP_SYS_BOOT', breaks: [...OPEN, 'login', 'reboots'] }, { value: '~CAP_SYS_PACCT CAP_AUDIT_CONTROL CAP_AUDIT_READ', breaks: [...OPEN, 'login', 'accounts', 'passwords'] }, { value: '~CAP_SYS_PTRACE', breaks: [...OPEN, 'login', 'tracer', 'monitor', 'interpreted'] }, { value: '~CAP_MAC_ADMIN CAP_MAC_OVERRIDE CAP_LINUX_IMMUTABLE CAP_BLOCK_SUSPEND', breaks: [...OPEN, 'login', 'packages', 'file-server'] }],
};
