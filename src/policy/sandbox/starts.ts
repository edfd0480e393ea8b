// Lines with which a service does not start at all. Sources: systemd.exec(5), "process exit codes" and WorkingDirectory=.

import { isBelow } from '../../process/resolve.ts';
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

/** A mount that cannot be made, a rule that libseccomp does not take, a directory that cannot be entered. */
export const failedStarts = (sandbox: Sandbox): Denial[] => [
  ...sandbox.mounts.failures.map(({ by }) => ({ outcome: '226/NAMESPACE', by })),
  ...(sandbox.filter?.failures ?? []).map(by => ({ outcome: '228/SECCOMP', by })),
  ...lostDirectory(sandbox),
];

/** Is the outcome the exit code of a start that failed? */
export const endsStart = (outcome: Outcome): boolean => /^2\d\d\//.test(outcome);
