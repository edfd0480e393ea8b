// THE TABLE of settings that would stop strace, or what it writes, inside a unit. They are relaxed while the unit is learned, each for
// its reason; every other setting of the sandbox stays in force. Sources: strace(1), ptrace(2), systemd.exec(5); each row was tried.
//
//   property  as `systemctl show` prints it
//   when      the values that hinder: `set` any but the neutral one · `lacks WORD` a list without it · `below N` a smaller number
//             `hides` a list of paths of which one covers the place of the log, strace, or what starts it
//   write     the lines of the learning drop-in
//   because   for the user

import type { Properties } from './systemctl.ts';
import { parseSpan } from './time-span.ts';

interface Row {
  property: string;
  when: { set: string } | { lacks: string } | { below: number } | { hides: true };
  /** `@log@` stands for the directory of the log. */
  write: readonly string[];
  because: string;
  /** `root`: only where strace runs as root: others have no capabilities to lose · `becomes`: only where it starts the service as another user. */
  only?: 'root' | 'becomes';
}

const BECOMES =
  'strace runs as root, so that only it can write what is learned; the service itself does not get this capability';
const LABEL = 'strace would start under the label, which is made for the service alone';

// biome-ignore format: one row a line
const RELAXED: readonly Row[] = [
  { property: 'SystemCallFilter',      when: { set: '~' },              write: ['SystemCallFilter='],                 because: 'strace needs ptrace(2), and a call that the filter refuses is never seen' },
  { property: 'NoExecPaths',           when: { set: '' },               write: ['NoExecPaths='],                      because: 'strace must be executable' },
  { property: 'CapabilityBoundingSet', when: { lacks: 'cap_sys_ptrace' }, write: ['CapabilityBoundingSet=CAP_SYS_PTRACE'], because: 'without CAP_SYS_PTRACE strace cannot read the arguments of a process that changed its user', only: 'root' },
  { property: 'CapabilityBoundingSet', when: { lacks: 'cap_setuid' },   write: ['CapabilityBoundingSet=CAP_SETUID'],  because: BECOMES, only: 'becomes' },
  { property: 'CapabilityBoundingSet', when: { lacks: 'cap_setgid' },   write: ['CapabilityBoundingSet=CAP_SETGID'],  because: BECOMES, only: 'becomes' },
  { property: 'CapabilityBoundingSet', when: { lacks: 'cap_setpcap' },  write: ['CapabilityBoundingSet=CAP_SETPCAP'], because: BECOMES, only: 'becomes' },
  { property: 'AppArmorProfile',       when: { set: '' },               write: ['AppArmorProfile='],                  because: LABEL },
  { property: 'SELinuxContext',        when: { set: '' },               write: ['SELinuxContext='],                   because: LABEL },
  { property: 'SmackProcessLabel',     when: { set: '' },               write: ['SmackProcessLabel='],                because: LABEL },
  { property: 'LimitNPROC',            when: { below: 64 },             write: ['LimitNPROC=infinity'],               because: 'strace is a process of its own' },
  { property: 'TasksMax',              when: { below: 64 },             write: ['TasksMax=infinity'],                 because: 'strace is a process of its own' },
  { property: 'TemporaryFileSystem',   when: { hides: true },           write: ['BindPaths=@log@', 'BindReadOnlyPaths=/usr'], because: 'strace must be found, and what it writes must get out' },
  { property: 'RootDirectory',         when: { set: '' },               write: ['BindPaths=@log@'],                   because: 'what strace writes must get out' },
  { property: 'InaccessiblePaths',     when: { hides: true },           write: ['InaccessiblePaths='],                because: 'strace must be found, and what it writes must get out' },
];

/** Who traces: the service itself starts as root, or strace does and starts it as its user. */
export interface Tracer {
  asRoot: boolean;
  becomes: boolean;
}

/** A setting that is relaxed while the unit is learned. */
export interface Relaxed {
  property: string;
  write: string[];
  because: string;
}

const covers = (list: string, needed: string): boolean =>
  list.split(' ').some(word => {
    const path = word
      .replace(/^[-+]+/, '')
      .replace(/:.*$/, '')
      .replace(/\/$/, '');
    return /^[-+]*\//.test(word) && `${needed}/`.startsWith(`${path}/`);
  });

function hinders({ when, only, property }: Row, show: Properties, needed: readonly string[], tracer: Tracer): boolean {
  const value = show(property);
  if (only === 'becomes' ? !tracer.becomes : only === 'root' && !tracer.asRoot && !tracer.becomes) return false;
  if (tracer.becomes && property === 'CapabilityBoundingSet' && value === '') return true;
  if ('set' in when) return value !== '' && value !== when.set;
  if ('lacks' in when) return value !== '' && !value.split(' ').includes(when.lacks);
  if ('below' in when) return /^\d+$/.test(value) && Number(value) < when.below;
  return needed.some(path => covers(value, path));
}

/**
 * What must be relaxed so that strace, and the other `programs` of its command line, work in the unit and write to the directory `log`.
 */
export function relaxed(show: Properties, log: string, programs: readonly string[], tracer: Tracer): Relaxed[] {
  return RELAXED.filter(row => hinders(row, show, [log, ...programs], tracer)).map(({ property, write, because }) => ({
    property,
    write: write.map(line => line.replace('@log@', log)),
    because,
  }));
}

/** Waits of the unit that tracing may outlast, and how much longer they are made. */
const WAITS = [
  ['TimeoutStartUSec', 'TimeoutStartSec'],
  ['TimeoutStopUSec', 'TimeoutStopSec'],
  ['WatchdogUSec', 'WatchdogSec'],
] as const;
const LONGER = 10;

/** The lines that make the unit's waits longer. */
export function longerWaits(show: Properties): string[] {
  return WAITS.flatMap(([property, setting]) => {
    const span = parseSpan(show(property));
    return span === null || span === 0 ? [] : [`${setting}=${Math.ceil(span * LONGER)}`];
  });
}
