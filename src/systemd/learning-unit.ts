// The drop-in that puts a service into its learning period: every command of the unit is started by strace, what would stop
// strace is relaxed, waits are longer. Pure: settings of the unit in, text out. Nothing of the unit itself is changed.

import type { Assignment } from '../policy/findings.ts';
import { booleanOf } from '../policy/sandbox/settings.ts';
import {
  type ExecCommand,
  formatExec,
  isExempt,
  isPrivileged,
  quoteWord,
  readExec,
  type Wrapper,
  wrapExec,
} from './exec-line.ts';
import { FIND_MAIN_PROCESS, GIVE_FIFOS } from './main-pid.ts';
import { longerWaits, type Relaxed, relaxed } from './relax.ts';
import type { Properties } from './systemctl.ts';

/** The settings that hold commands, in the order in which systemd runs them. */
const EXEC_SETTINGS = [
  ['ExecCondition', 'condition'],
  ['ExecStartPre', 'start-pre'],
  ['ExecStart', 'start'],
  ['ExecStartPost', 'start-post'],
  ['ExecReload', 'reload'],
  ['ExecStop', 'stop'],
  ['ExecStopPost', 'stop-post'],
] as const;

type ExecSetting = (typeof EXEC_SETTINGS)[number][0];

/** What one command of the unit writes its log to. */
export interface Stream {
  /** Where strace opens its log. */
  fifo: string;
  /** The FIFOs behind it: itself, or several of which `fifo` is a link to one that no other strace writes to. */
  pipes: string[];
  setting: ExecSetting;
  /** The command as the unit has it. */
  command: string;
  /** So many programs of ours run before the command: what they do is not the unit's. They set its user and its argv[0]. */
  prologue: number;
}

export interface LearningUnit {
  /** The text of the drop-in. */
  text: string;
  streams: Stream[];
  relaxed: Relaxed[];
  /** What the user should know: commands that are not traced, and why. */
  notes: string[];
}

export interface LearningPlan {
  unit: string;
  /** What has to be removed to end learning by hand, for the drop-in's own comment. */
  paths: readonly string[];
  /** The assignments of the unit and its drop-ins in order, as they are written. */
  assignments: readonly Assignment[];
  show: Properties;
  /** The service starts as root. */
  asRoot: boolean;
  /** What lets strace run as root and the command as the unit's user, up to and including `--`; null: both run as he does. */
  become: readonly string[] | null;
  /** The directory of the FIFOs. */
  fifos: string;
  /** The units that must be there first: the socket that holds them open, and the collector. */
  needs: readonly string[];
  /** The command that starts a program under strace and logs to `fifo`. */
  strace: (fifo: string) => string[];
  /** See Wrapper. */
  argv0: Wrapper['argv0'];
  resolve: Wrapper['resolve'];
  /** Further lines for [Service]. */
  extra?: readonly string[];
  /** `systemctl`, or `systemctl --user`. */
  systemctl: string;
}

/** The commands of one setting that are in force: an empty value takes back those before it. */
function commands(assignments: readonly Assignment[], setting: ExecSetting): ExecCommand[] {
  let found: ExecCommand[] = [];
  for (const { section, name, value } of assignments) {
    if (section !== 'Service' || name !== setting) continue;
    found = value === '' ? [] : [...found, ...readExec(value)];
  }
  return found;
}

/** Every command of the unit that is traced. */
export const tracedCommands = (assignments: readonly Assignment[]): ExecCommand[] =>
  EXEC_SETTINGS.flatMap(([setting]) => commands(assignments, setting)).filter(command => !isExempt(command));

/** Whether a command that is traced starts as root whatever User= says. PermissionsStartOnly= is no longer documented, but still obeyed. */
export const startsPrivileged = (assignments: readonly Assignment[]): boolean =>
  startsOnlyAsUser(assignments) ||
  EXEC_SETTINGS.some(([setting]) =>
    commands(assignments, setting).some(command => !isExempt(command) && isPrivileged(command)),
  );

/** With PermissionsStartOnly= only the main commands run as the unit's user, systemd.exec(5) of old. */
const startsOnlyAsUser = (assignments: readonly Assignment[]): boolean =>
  booleanOf(assignments.findLast(({ name }) => name === 'PermissionsStartOnly')?.value ?? 'no') === true;

const runsAsUser = (command: ExecCommand, setting: ExecSetting, { assignments }: LearningPlan): boolean =>
  !isPrivileged(command) && (setting === 'ExecStart' || !startsOnlyAsUser(assignments));

/** `+` commands of our own, before those of the unit. */
function ownCommands(setting: ExecSetting, plan: LearningPlan, streams: readonly Stream[]): string[] {
  const { show } = plan;
  const shell = (script: string, ...words: string[]): string =>
    `+/bin/sh -c ${[script, ...words].map(word => quoteWord(word)).join(' ')}`;
  if (setting === 'ExecCondition' && show('DynamicUser') === 'yes')
    return [shell(GIVE_FIFOS, 'sh', ...streams.flatMap(({ pipes }) => pipes))];
  if (setting === 'ExecStartPost' && guessesMainProcess(show)) return [shell(FIND_MAIN_PROCESS)];
  return [];
}

/** Processes of one start live on beside those of the next, and so do their straces: each needs a FIFO of its own. */
const outlives = (show: Properties): boolean => /^(?:process|none)$/.test(show('KillMode'));
const PIPES = 4;

const guessesMainProcess = (show: Properties): boolean =>
  show('Type') === 'forking' && show('PIDFile') === '' && show('GuessMainPID') !== 'no';

/** Makes the drop-in. */
export function learningUnit(plan: LearningPlan): LearningUnit {
  const { unit, show, fifos } = plan;
  const notes: string[] = [];
  const streams: Stream[] = [];
  const wrapped = EXEC_SETTINGS.map(([setting, short]) => {
    const lines = commands(plan.assignments, setting).map((command, i) => {
      const written = formatExec(command);
      if (isExempt(command)) {
        notes.push(
          command.prefixes.includes('+')
            ? `${setting}=${written} runs outside the sandbox: it needs no rules and is not traced`
            : `${setting}=${written} is run by a shell of systemd's choice and is not traced`,
        );
        return written;
      }
      const ownName = command.prefixes.includes('@');
      if (ownName && plan.argv0.length === 0)
        notes.push(`${setting}=${written} runs with the program's path as its argv[0] meanwhile`);
      const become = runsAsUser(command, setting, plan) ? plan.become : null;
      const fifo = `${fifos}/${short}-${i + 1}`;
      const stream: Stream = {
        fifo,
        pipes: outlives(show) ? Array.from({ length: PIPES }, (_, n) => `${fifo}.${n + 1}`) : [fifo],
        setting,
        command: written,
        prologue: Number(become !== null) + Number(ownName && plan.argv0 !== 'option' && plan.argv0.length > 0),
      };
      streams.push(stream);
      const words = [...plan.strace(stream.fifo), ...(become ?? [])];
      const { argv0, resolve } = plan;
      return wrapExec(command, { words, argv0, resolve, ...(become === null ? {} : { privileged: true }) });
    });
    return { setting, lines };
  });
  const execs = wrapped.flatMap(({ setting, lines }) => {
    const all = [...ownCommands(setting, plan, streams), ...lines];
    return all.length === 0 ? [] : [`${setting}=`, ...all.map(line => `${setting}=${line}`)];
  });
  const starter = plan.argv0 !== 'option' && streams.some(({ prologue }) => prologue > 0) ? plan.argv0.slice(0, 1) : [];
  const programs = [...plan.strace(fifos).slice(0, 1), ...(plan.become ?? []).slice(0, 1), ...starter];
  const relax = relaxed(show, fifos, programs, { asRoot: plan.asRoot, becomes: plan.become !== null });
  const text = [
    `# Written by \`allowtrace service start\`: ${unit} is being learned. \`allowtrace service stop ${unit}${/ --user$/.test(plan.systemctl) ? ' --user' : ''}\` ends that, and so does:`,
    `#   rm ${plan.paths.join(' ')} && ${plan.systemctl} daemon-reload && ${plan.systemctl} restart ${unit}`,
    '[Unit]',
    `Wants=${plan.needs.join(' ')}`,
    `After=${plan.needs.join(' ')}`,
    '',
    '[Service]',
    ...execs,
    ...(guessesMainProcess(show) ? ['NotifyAccess=all'] : []),
    ...relax.flatMap(({ write, because }) => [`# ${because}`, ...write]),
    ...(plan.extra ?? []),
    ...longerWaits(show),
  ];
  return { text: `${text.join('\n')}\n`, streams, relaxed: relax, notes };
}
