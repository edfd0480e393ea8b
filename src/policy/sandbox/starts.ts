// With what a service does not start at all, and with what it may not. Pure.
// Sources: systemd.exec(5), «Process exit codes» and WorkingDirectory=; systemd.service(5), «Command lines».

import { isBelow, parentOf } from '../../process/resolve.ts';
import { holds } from '../directives/row.ts';
import { UMASK_CLOSES_MOUNTS } from '../directives/table.ts';
import type { Outcome } from '../effects.ts';
import { candidates } from '../exec-search.ts';
import type { Assignment, Unjudged } from '../findings.ts';
import type { Denial } from './denial.ts';
import { pathOf } from './mount-entries.ts';
import type { Sandbox } from './sandbox.ts';
import { SANDBOX_SECTIONS } from './settings.ts';
import { type StartAnswer, type StartScene, startAnswer } from './start-conditions.ts';
import { find, type Place } from './view.ts';

/** A command that a unit starts before it counts as started, and that was not seen to run. */
export interface UnseenCommand {
  by: Assignment;
  /** A path, or a name that is looked up. */
  program: string;
  /** It may fail: `-`. */
  optional: boolean;
  /** It meets no sandbox: `+`. */
  outside: boolean;
}

/** May others enter a directory that is made with this umask? */
const isClosing = (umask: string): boolean => (Number.parseInt(umask, 8) & 0o001) !== 0;

/** An empty directory with something bound deeper in it, where the directories between are closed to the service: UMASK_CLOSES_MOUNTS. */
function closedDirectories({ assignments, capabilities, context: { systemd }, mounts, user }: Sandbox): Denial[] {
  const umask = assignments.findLast(({ name }) => name === 'UMask')?.value ?? '';
  if (!holds(UMASK_CLOSES_MOUNTS, systemd) || user === null || !isClosing(umask)) return [];
  if (capabilities.has.has('CAP_DAC_OVERRIDE') || capabilities.has.has('CAP_DAC_READ_SEARCH')) return [];
  const by = mounts.list.find(
    ({ at, by, content }) =>
      by?.name === 'TemporaryFileSystem' &&
      content.is === 'empty' &&
      mounts.list.some(other => other.at !== at && parentOf(other.at) !== at && isBelow(other.at, at)),
  )?.by;
  return by == null ? [] : [{ outcome: '203/EXEC', by }];
}

/** systemd refuses to load a forking service with namespaces of processes: service_verify() of systemd 257. Tried on 257 and 262. */
function refusedUnit({ assignments, settings }: Sandbox): Denial[] {
  const pids = settings.find(({ name, value }) => name === 'PrivatePIDs' && value === 'yes');
  const type = assignments.findLast(({ name, section }) => name === 'Type' && section === 'Service');
  return pids === undefined || type?.value !== 'forking' ? [] : [{ outcome: 'bad-setting', by: pids.by }];
}

/** What is known of a start beside the sandbox. */
export interface Start {
  /** Is this the machine that the service runs on? */
  here: boolean;
  unseen: readonly UnseenCommand[];
}

/** What is in a place for a service that has only started; `absent`: no mount hides it, the machine does not have it. */
function lookAt(path: string, { mounts, context: { host } }: Sandbox): Place & { absent?: boolean } {
  const place = find(mounts.list, path, { host, made: () => false, follow: true });
  const absent = place.found && place.content.is === 'host' && host.known && host.realpath(place.content.path) === null;
  return { ...place, absent };
}

/** WorkingDirectory= of a directory that the service does not see; `~` is the home of its user. */
function lostDirectory(sandbox: Sandbox, { here }: Start): (StartAnswer & { by: Assignment }) | null {
  const { assignments, context } = sandbox;
  const by = assignments.findLast(({ name, section }) => name === 'WorkingDirectory' && section !== 'Unit');
  if (by === undefined || by.value.startsWith('-')) return null;
  const owner = assignments.findLast(({ name }) => name === 'User')?.value ?? 'root';
  const asked = by.value === '~' ? (owner === 'root' ? '/root' : context.host.user(owner)?.home) : by.value;
  if (asked === undefined) return here ? null : { by, why: `the home of ${owner} is not known here` };
  if (!asked.startsWith('/')) return null;
  const path = pathOf(by, asked);
  const provided = sandbox.directories;
  if (provided.some(top => isBelow(path, top))) return null;
  const place = lookAt(path, sandbox);
  if (place.absent === true && !here) return { by, why: `whether there is ${path} is not known here` };
  return place.absent === true || !place.found || place.type === 'file' ? { by, outcome: '200/CHDIR' } : null;
}

const EXECUTABLE = 0o111;

/** Can this file be executed there? Null: nothing is known of it. */
function isExecutable(path: string, sandbox: Sandbox, outside: boolean): boolean | null {
  const { host } = sandbox.context;
  if (!host.known) return null;
  const place = outside ? null : lookAt(path, sandbox);
  if (place !== null && (!place.found || place.content.is !== 'host' || place.mount.noExec !== null)) return false;
  const real = host.realpath(place?.content.is === 'host' ? place.content.path : path);
  if (real === null) return false;
  const type = host.type(real);
  if (type !== 'file') return type === 'other' ? null : false;
  const owner = host.owner(real);
  return owner === null ? null : (owner.mode & EXECUTABLE) !== 0;
}

/** A user namespace gets its map through /proc, when the mounts are made: setup_private_users(). Tried on 252 and 257. */
function unmappedUsers({ context: { host }, mounts, settings }: Sandbox): Denial[] {
  const by = settings.find(({ name, value }) => name === 'PrivateUsers' && value !== 'no')?.by;
  if (by === undefined) return [];
  const { found, mount, ...place } = find(mounts.list, '/proc', { host, made: () => false, follow: true });
  const isThere = found && 'content' in place && place.content.is === 'host' && place.content.path === '/proc';
  if (isThere && mount.readOnly === null) return [];
  return [{ outcome: '217/USER', by: mount.readOnly ?? mount.by ?? by }];
}

const UNSEEN = 'no evidence that this command ran; it may fail';

function unseenCommand(command: UnseenCommand, sandbox: Sandbox, { here }: Start): StartAnswer {
  const { program, outside, optional } = command;
  if (optional) return null;
  const answers = candidates(program).map(path => isExecutable(path, sandbox, outside));
  return here && answers.every(answer => answer === false) ? { outcome: '203/EXEC' } : { why: UNSEEN };
}

/** All that ends the start, by the line that does it, and all that may end it. */
export function judgeStart(sandbox: Sandbox, start: Start): { failures: Denial[]; unjudged: Unjudged[] } {
  const { assignments, context } = sandbox;
  const own = assignments.filter(({ section }) => SANDBOX_SECTIONS.has(section));
  const scene: StartScene = { host: context.host, here: start.here, assignments: own };
  const lost = lostDirectory(sandbox, start);
  const answers: { by: Assignment; answer: StartAnswer }[] = [
    ...[...refusedUnit(sandbox), ...closedDirectories(sandbox)].map(({ by, outcome }) => ({ by, answer: { outcome } })),
    ...own.map(by => ({ by, answer: startAnswer(by, scene) })),
    ...sandbox.mounts.failures.map(({ by }) => ({ by, answer: { outcome: '226/NAMESPACE' } })),
    ...(sandbox.filter?.failures ?? []).map(by => ({ by, answer: { outcome: '228/SECCOMP' } })),
    ...unmappedUsers(sandbox).map(({ by, outcome }) => ({ by, answer: { outcome } })),
    ...(lost === null ? [] : [{ by: lost.by, answer: lost }]),
    ...start.unseen.map(command => ({ by: command.by, answer: unseenCommand(command, sandbox, start) })),
  ];
  return {
    failures: answers.flatMap(({ by, answer }) =>
      answer !== null && 'outcome' in answer ? [{ outcome: answer.outcome, by }] : [],
    ),
    unjudged: answers.flatMap(({ by, answer }) =>
      answer !== null && 'why' in answer ? [{ by, why: answer.why }] : [],
    ),
  };
}

/** Is the outcome that of a start that failed: an exit code, or what `systemctl show` gives as Result= or LoadState=? */
export const endsStart = (outcome: Outcome): boolean => /^2\d\d\/|^resources$|^bad-setting$/.test(outcome);
