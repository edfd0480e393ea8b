// Situations that were not observed: a service may behave in them in ways that no estimate can know of. Pure.

import type { Mode } from '../../process/access.ts';
import { isBelow } from '../../process/resolve.ts';
import { usedAgain } from '../../profile/chronology.ts';
import type { Profile, Run } from '../../profile/profile.ts';
import type { Target } from './target.ts';

/** A smaller time is a time of day (strace -t), no date. */
const DAY = 86_400;

export type Situation =
  | 'a reload'
  | 'a stop'
  | 'a start as after a boot'
  | 'a restart'
  | 'a log rotation'
  | 'a failing upstream'
  | 'midnight'
  | 'a Sunday';

/** The logs of a service that is learned as it runs are named by the settings that its commands belong to. */
const SETTING = / (Exec\w+)$/;
const COMMANDS: readonly (readonly [string, Situation])[] = [
  ['ExecReload', 'a reload'],
  ['ExecStop', 'a stop'],
];

const dated = (run: Run): run is Run & { start: number; end: number } =>
  (run.start ?? 0) >= DAY && run.end !== undefined;

/** Does the local time that a run took hold a moment for which this is true? Asked for every hour. */
const covers = (runs: readonly Run[], isMet: (date: Date) => boolean): boolean =>
  runs.filter(dated).some(({ start, end }) => {
    for (let time = start; time < end; time += 3_600) if (isMet(new Date(time * 1000))) return true;
    return isMet(new Date(end * 1000));
  });

const passesMidnight = ({ start, end }: { start: number; end: number }): boolean =>
  new Date(start * 1000).toDateString() !== new Date(end * 1000).toDateString();

const LOGS = '/var/log';
const OPENS: ReadonlySet<Mode> = new Set(['write', 'create']);

/** Does it keep log files, none of which was opened anew when the start was long over? */
function missesRotation(profile: Profile): boolean {
  const isLog = (path: string): boolean => isBelow(path, LOGS) && path !== LOGS;
  const logs = profile.facts.filter(
    fact => fact.kind === 'path' && fact.errno === undefined && OPENS.has(fact.mode) && isLog(fact.path),
  );
  return logs.length > 0 && ![...usedAgain(profile, OPENS)].some(isLog);
}

/** What connect(2) says of a server that is not there: connect(2), unix(7). */
const UNREACHED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'ETIMEDOUT']);
/** Sockets of the machine itself, which libc and the loggers of every program look for. */
const OF_THE_SYSTEM = /^\/(?:run|var\/run)\/(?:systemd|dbus|nscd|nslcd|uuidd)\/|^\/dev\/log$/;

/** Is it the client of others, none of whom was out of reach? */
function missesOutage({ facts }: Profile): boolean {
  const calls = facts.filter(
    fact =>
      (fact.kind === 'address' && fact.op === 'connect') ||
      (fact.kind === 'path' && fact.mode === 'connect' && !OF_THE_SYSTEM.test(fact.asked ?? fact.path)),
  );
  const errnos = calls.map(fact => ('errno' in fact ? (fact.errno ?? null) : null));
  return errnos.includes(null) && !errnos.some(errno => errno !== null && UNREACHED.has(errno));
}

/** In a few words each. */
export function unseenSituations(profile: Profile, { service }: Pick<Target, 'service'>): Situation[] {
  const { runs } = profile;
  const found: Situation[] = [];
  const ran = new Set(profile.facts.flatMap(({ evidence }) => SETTING.exec(evidence.origin.trace)?.[1] ?? []));
  if (ran.size > 0)
    for (const [setting, words] of COMMANDS)
      if (service?.commands.some(({ name }) => name === setting) === true && !ran.has(setting)) found.push(words);
  const boots = runs.flatMap(({ boot }) => boot ?? []);
  if (boots.length > 0 && !boots.includes(true)) found.push('a start as after a boot');
  if (runs.length === 1) found.push('a restart');
  if (missesRotation(profile)) found.push('a log rotation');
  if (missesOutage(profile)) found.push('a failing upstream');
  const times = runs.filter(dated);
  if (times.length === 0) return found;
  if (!times.some(passesMidnight)) found.push('midnight');
  if (!covers(times, date => date.getDay() === 0)) found.push('a Sunday');
  return found;
}
