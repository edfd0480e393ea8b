// Options that several commands have, by what they are about. Tables only, so that `--help` need not load what is done with them.

import type { Arguments, OptionTable } from './command.ts';

/** What a proposal is made for. */
export const TARGET_OPTIONS = {
  paths: {
    type: 'string',
    describe:
      'strategy for paths: strict (read-only except written paths), tmpfs (only used paths exist), exec (only observed programs run); joined by commas',
    default: 'strict',
    requiresArg: true,
    metavar: 'STRATEGY',
    offers: ['strict', 'tmpfs', 'exec', 'strict,exec', 'tmpfs,exec'],
  },
  empty: {
    type: 'string',
    describe: 'with --paths tmpfs: the trees to be emptied instead of the root, such as /etc,/var',
    requiresArg: true,
    metavar: 'DIRECTORY,…',
  },
  syscalls: {
    choices: ['equal', 'exact', 'groups'],
    describe:
      'allow the calls that were observed and those that do the same with no more power (equal), the observed ones alone (exact), or also whole @groups of which half was observed (groups)',
    default: 'equal',
  },
  trial: {
    type: 'boolean',
    describe: 'log system calls outside the list (SystemCallLog=) instead of denying them',
    default: false,
  },
  addresses: {
    type: 'boolean',
    describe: 'allow only the observed IP addresses (IPAddressAllow=)',
    default: false,
  },
  'block-list': {
    type: 'boolean',
    describe:
      'also deny, by name, the programs, secrets and sockets of this machine that the service did not use (the default for --unit of an installed unit)',
    default: false,
  },
  'as-user': {
    type: 'boolean',
    describe: 'run as the target user (User=) if root is needed for nothing else (experimental)',
    default: false,
  },
  systemd: {
    type: 'string',
    describe: "version of systemd the drop-in is for (default: this machine's)",
    requiresArg: true,
    metavar: 'VERSION',
  },
  unit: {
    type: 'string',
    describe: 'the unit it is for; if it is installed here, its user, type and commands count',
    requiresArg: true,
    metavar: 'UNIT',
  },
  user: {
    type: 'boolean',
    describe: 'the unit is one of your own service manager (systemctl --user): your home is written as %h',
    default: false,
  },
  'other-host': {
    type: 'boolean',
    describe: 'the log comes from another machine: ignore the files and units of this one, except executed programs',
    default: false,
  },
} as const satisfies OptionTable;

export type TargetArguments = Arguments<typeof TARGET_OPTIONS> & { upstream?: boolean };

/** The options of a target as they are where none is given. */
export const TARGET_DEFAULTS = {
  paths: TARGET_OPTIONS.paths.default,
  empty: undefined,
  syscalls: TARGET_OPTIONS.syscalls.default,
  trial: false,
  addresses: false,
  'block-list': false,
  'as-user': false,
  systemd: undefined,
  unit: undefined,
  user: false,
  'other-host': false,
} as const;

/** Of logs: where relative paths begin. */
export const CWD_OPTION = {
  type: 'string',
  describe: 'working directory of the first process, when the log does not show it',
  requiresArg: true,
  metavar: 'DIR',
} as const;

/** Which paths are treated as one, or not at all. */
export const FOLD_OPTIONS = {
  fold: { type: 'string', array: true, describe: 'combine all paths that match GLOB', requiresArg: true },
  ignore: { type: 'string', array: true, describe: 'leave out paths that match GLOB', requiresArg: true },
} as const satisfies OptionTable;

/** What shapes a proposal and how it is shown. */
export const PROPOSAL_OPTIONS = {
  ...TARGET_OPTIONS,
  ...FOLD_OPTIONS,
  format: {
    choices: ['dropin', 'full', 'json', 'table', 'nix', 'ansible', 'oci', 'apparmor'],
    describe:
      'a systemd drop-in (dropin), with all evidence and what was withheld (full), the policy as JSON (json), a table for a terminal (table), a module of NixOS (nix), a play of Ansible (ansible), a seccomp profile for containers (oci), a profile of AppArmor (apparmor)',
    default: 'dropin',
  },
  explain: {
    type: 'string',
    describe:
      'instead of the proposal, explain why WHAT (a path, system call, capability, directive …) is allowed or denied',
    requiresArg: true,
    metavar: 'WHAT',
  },
  'allow-incomplete': {
    type: 'boolean',
    describe:
      'exit with 0, not 3, where the evidence is incomplete: a log without the start of the service, an excerpt …',
    default: false,
  },
  verify: {
    type: 'boolean',
    describe: 'let systemd-analyze check the proposal, where it is installed',
    default: true,
  },
} as const satisfies OptionTable;

/** Whom a proposal is for. */
export const FOR_OPTION = {
  choices: ['host', 'upstream'],
  describe:
    'host: the service of one machine, in a drop-in; upstream: those who ship the unit: whole sets of system calls, directories that systemd makes, nothing that tells of this machine (--systemd names the oldest systemd)',
  default: 'host',
} as const;

export type ProposalArguments = Arguments<typeof PROPOSAL_OPTIONS> & { upstream?: boolean };

/** Units that are read. */
export const UNIT_OPTIONS = {
  instance: {
    type: 'string',
    describe: 'instance of a template unit: NAME@INSTANCE.service',
    requiresArg: true,
    metavar: 'INSTANCE',
  },
  user: { type: 'boolean', describe: 'the unit is one of your own service manager (systemctl --user)', default: false },
  systemd: {
    type: 'string',
    describe: "version of systemd that runs the unit (default: this machine's)",
    requiresArg: true,
    metavar: 'VERSION',
  },
  'other-host': {
    type: 'boolean',
    describe: 'the log comes from another machine: ignore the files of this one, except executed programs',
    default: false,
  },
} as const satisfies OptionTable;

export type UnitArguments = Arguments<typeof UNIT_OPTIONS>;

/** How to trace, for every command that runs one. */
export const TRACING_OPTIONS = {
  tracing: {
    choices: ['auto', 'seccomp', 'complete'],
    describe:
      'seccomp: nearly full speed, hot calls such as read and epoll_wait are assumed; complete: every call is traced; auto: seccomp where that is safe',
    default: 'auto',
  },
  complete: { type: 'boolean', describe: 'the same as --tracing complete', default: false },
} as const satisfies OptionTable;

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'github', 'junit'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];

/** What a check puts up with. */
export const TOLERANCE_OPTIONS = {
  'max-unused': {
    type: 'number',
    describe: 'fail when there are more than N unused permissions',
    requiresArg: true,
    metavar: 'N',
  },
  baseline: { type: 'string', describe: 'accept the violations listed in FILE', requiresArg: true, metavar: 'FILE' },
  strict: {
    type: 'boolean',
    describe: 'fail on unused permissions and on stale baseline entries',
    default: false,
  },
} as const satisfies OptionTable;

export type ToleranceArguments = Arguments<typeof TOLERANCE_OPTIONS>;
