// `allowtrace service`: learning from a unit of the running systemd, and what follows from it. One file per action.

import type { Systemctl } from '../../systemd/systemctl.ts';
import { type Arguments, defineCommand, type Io, type OptionTable } from '../cli/command.ts';
import { PROPOSAL_OPTIONS } from '../cli/options.ts';

// The unit is an operand here, and a trial lasts for a time.
const { unit: _unit, trial: _trial, ...proposal } = PROPOSAL_OPTIONS;

const OPTIONS = {
  persistent: { type: 'boolean', describe: 'start: go on learning after a reboot' },
  tracing: {
    choices: ['auto', 'seccomp', 'complete'],
    describe:
      'start, diagnose: seccomp is nearly free of cost and leaves out harmless hot calls; complete traces every call; auto (the default of start) takes seccomp where it cannot change what the service may do',
  },
  complete: { type: 'boolean', describe: 'start: the same as --tracing complete' },
  'until-coverage': {
    type: 'string',
    describe:
      'start: end learning when the estimated coverage, less its standard error, is this share (0.99, 99%); the service is not restarted for it: a complete trace lets go of it, one with a filter goes on, at little cost, until its next restart',
    requiresArg: true,
    metavar: 'SHARE',
  },
  restart: {
    type: 'boolean',
    describe: 'restart the service if it runs; --no-restart waits for its next start',
    default: true,
  },
  'boot-like': {
    type: 'boolean',
    describe:
      'start, stop --apply: set aside what the service left in /run, so that it starts as after a boot; --no-boot-like restarts it with that in place',
    default: true,
  },
  apply: { type: 'boolean', describe: 'stop: install the proposal, restart the service and watch it' },
  trial: {
    type: 'string',
    describe: 'stop --apply: how long the proposal is watched before it stays (30s, 10m, 2h; default 10m), as DURATION',
    requiresArg: true,
  },
  force: { type: 'boolean', describe: 'stop --apply: install it although too little was observed' },
  yes: { type: 'boolean', describe: 'reset: remove learned behaviour and installed drop-ins without asking' },
  for: {
    type: 'string',
    describe: 'diagnose: how long the service runs without its sandbox (default 10s), as DURATION',
    requiresArg: true,
  },
  since: {
    type: 'string',
    describe: 'denials: only those of the last DURATION (65m, 2h), not all since the sandbox was installed',
    requiresArg: true,
    metavar: 'DURATION',
  },
  fix: { type: 'boolean', describe: 'diagnose: write the smallest change to the drop-in of the unit, or to a new one' },
  json: { type: 'boolean', hidden: true, describe: 'the same as --format json' },
  ...proposal,
} as const satisfies OptionTable;

export type ServiceArguments = Arguments<typeof OPTIONS>;

type OptionName = keyof typeof OPTIONS;

const PROPOSAL: readonly OptionName[] = [
  'paths',
  'empty',
  'syscalls',
  'addresses',
  'block-list',
  'as-user',
  'systemd',
  'other-host',
  'fold',
  'ignore',
  'format',
  'explain',
  'allow-incomplete',
  'verify',
];

/** What an action says of itself, and the options that it takes. */
export interface ActionManual {
  units: 'one' | 'any';
  operands: string;
  summary: string;
  takes: readonly OptionName[];
}

export const ACTIONS = {
  start: {
    units: 'one',
    operands: 'UNIT',
    summary:
      'Starts to learn: writes a drop-in that runs every command of UNIT under strace, and restarts the service. What it does is saved every few seconds.',
    takes: ['persistent', 'tracing', 'complete', 'until-coverage', 'restart', 'boot-like', 'user'],
  },
  status: {
    units: 'any',
    operands: '[UNIT…]',
    summary: 'Shows what was learned, and how complete it is. --format json is for machines.',
    takes: ['json', 'format', 'user'],
  },
  watch: {
    units: 'one',
    operands: 'UNIT',
    summary:
      'Shows new facts as they are learned, the situations that were not observed yet, and leave-one-out, on one live screen. Ctrl-C ends watching; learning goes on.',
    takes: ['user'],
  },
  stop: {
    units: 'one',
    operands: 'UNIT',
    summary:
      'Ends learning: restores UNIT and prints the proposal. With --apply the proposal is installed and watched, and taken back if the service fails.',
    takes: ['apply', 'trial', 'force', 'restart', 'boot-like', 'user', ...PROPOSAL],
  },
  reset: {
    units: 'one',
    operands: 'UNIT',
    summary: 'Removes everything allowtrace left of UNIT: the drop-ins and what was learned.',
    takes: ['yes', 'restart', 'user'],
  },
  denials: {
    units: 'one',
    operands: 'UNIT',
    summary:
      'Lists the denials that the journal reports since the sandbox was installed, each with the line of the unit and the fix. Exit status 1 if there are any.',
    takes: ['json', 'format', 'since', 'user'],
  },
  diagnose: {
    units: 'one',
    operands: 'UNIT',
    summary: 'Finds the lines of its own sandbox that UNIT fails at.',
    takes: ['tracing', 'for', 'json', 'format', 'fix', 'restart', 'user'],
  },
} as const satisfies Readonly<Record<string, ActionManual>>;

export type ActionName = keyof typeof ACTIONS;

/** What an action gets. */
export interface Task {
  /** The full names of the units as they were asked for. */
  names: string[];
  /** The first of them; '' where none was named. */
  name: string;
  args: ServiceArguments;
  io: Io;
  systemctl: Systemctl;
  scope: { user: boolean; env: NodeJS.ProcessEnv };
}

export default defineCommand({
  operands: 'start|status|watch|stop|reset|denials|diagnose UNIT…',
  actions: ACTIONS,
  description: `Learns from a service of the running systemd, for as long as you like.

\`start\` writes a drop-in that starts every command of the unit under strace, and restarts the service; what it does is saved every few seconds. \`status\` shows what was learned and how complete it is. \`stop\` restores the unit and prints the proposal; with \`--apply\` it is installed and watched, and taken back if the service fails. \`reset\` removes all that allowtrace left of a unit. \`denials\` lists the denials that the journal tells since the sandbox was installed, each with the line of the unit that denies it and the fix; exit status 1 if there are any. \`diagnose\` tells which lines of its own sandbox a unit fails at.

Nothing outlasts a reboot but what was learned, unless you ask for \`--persistent\` or \`--apply\`.`,
  options: OPTIONS,
  examples: [
    ['sudo allowtrace service start nginx', 'begin to learn; nginx is restarted under strace'],
    [
      'sudo allowtrace service start nginx --until-coverage 0.99',
      'let go of nginx, without a restart, when little is left to see',
    ],
    ['sudo allowtrace service status', 'what is being learned, and how much is missing'],
    ['sudo allowtrace service stop nginx > sandbox.conf', 'restore the unit and print the proposal'],
    [
      'sudo allowtrace service stop nginx --apply --trial 1h',
      'install it, and take it back if nginx fails within an hour',
    ],
    ['sudo allowtrace service denials nginx', 'what has its sandbox denied since it was installed?'],
    ['sudo allowtrace service diagnose nginx', 'why does it fail in its sandbox?'],
  ],
});
