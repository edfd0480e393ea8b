// Lines with which a service does not start at all. Sources: systemd.exec(5), "process exit codes" and WorkingDirectory=.

import { isBelow, parentOf } from '../../process/resolve.ts';
import { holds } from '../directives/row.ts';
import { UMASK_CLOSES_MOUNTS } from '../directives/table.ts';
import type { Outcome } from '../effects.ts';
import type { Denial } from './denial.ts';
import { madeDirectories, pathOf } from './mount-entries.ts';
import type { Sandbox } from './sandbox.ts';
import { find } from './view.ts';

/** WorkingDirectory= of a directory that the service does not see. `~` is the home of its user, which is not known here. */
function lostDirectory({ assignments, context: { host }, mounts }: Sandbox): Denial[] {
  const by = assignments.findLast(({ name, section }) => name === 'WorkingDirectory' && section !== 'Unit');
  if (by === undefined || !by.value.startsWith('/')) return [];
  const path = pathOf(by, by.value);
  const provided = assignments.flatMap(one => madeDirectories(one, false).map(made => made.path));
  if (provided.some(top => isBelow(path, top))) return [];
  const place = find(mounts.list, path, { host, made: () => false, follow: true });
  const isThere =
    place.found && !(place.content.is === 'host' && host.known && host.realpath(place.content.path) === null);
  return isThere ? [] : [{ outcome: '200/CHDIR', by }];
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

/** A mount that cannot be made, a rule that libseccomp does not take, a directory that cannot be entered. */
export const failedStarts = (sandbox: Sandbox): Denial[] => [
  ...refusedUnit(sandbox),
  ...closedDirectories(sandbox),
  ...sandbox.mounts.failures.map(({ by }) => ({ outcome: '226/NAMESPACE', by })),
  ...(sandbox.filter?.failures ?? []).map(by => ({ outcome: '228/SECCOMP', by })),
  ...lostDirectory(sandbox),
];

/** Is the outcome that of a start that failed: an exit code, or LoadState= as `systemctl show` gives it? */
export const endsStart = (outcome: Outcome): boolean => outcome === 'bad-setting' || /^2\d\d\//.test(outcome);
