// What the path strategies share: how a directive is made from needs, and the lines for what must be writable.

import type { Mode } from '../../../process/access.ts';
import { isBelow } from '../../../process/resolve.ts';
import type { HostView } from '../../host-view.ts';
import type { Directive, Withheld } from '../../policy.ts';
import { quotePath } from '../../quote.ts';
import { isOfMember } from './families.ts';
import { type Need, reasonOf } from './needs.ts';

/** What a path strategy adds to a proposal. */
export interface PathPlan {
  directives: Directive[];
  withheld: Withheld[];
  notes: string[];
}

/** Of a few directories; for many see path-sets.ts. */
export const inAny = (path: string, tops: readonly string[]): boolean => tops.some(top => isBelow(path, top));

/** A directive of the [Service] section whose evidence are these needs. */
export function directive(name: string, value: string, because: string, needs: readonly Need[] = []): Directive {
  const [first] = needs;
  const wider = needs.find(need => need.wider !== undefined)?.wider;
  return {
    section: 'Service',
    name,
    value,
    because,
    evidence: first?.facts.map(reasonOf) ?? [],
    seen: needs.reduce((sum, need) => sum + need.seen, 0),
    ...(wider === undefined ? {} : { wider }),
  };
}

const DEEDS: Readonly<Record<Mode, string>> = {
  bind: 'binds sockets',
  chdir: 'enters',
  chroot: 'changes its root to',
  connect: 'connects to sockets',
  create: 'creates',
  delete: 'deletes',
  exec: 'executes',
  list: 'lists',
  map: 'loads',
  meta: 'changes modes or owners',
  mount: 'mounts',
  read: 'reads',
  stat: 'looks up',
  watch: 'watches',
  write: 'writes',
};

/** How a path is used, for a comment: `the service creates, deletes, writes`. */
export const modesText = (need: Need): string =>
  `the service ${[...need.modes]
    .sort()
    .map(mode => DEEDS[mode])
    .join(', ')}`;

/** `-` lets a service start without a path that this machine has not got, or of which nothing is known: else 226/NAMESPACE. */
export const optional = (path: string, host: HostView): '' | '-' => (host.known && host.type(path) !== null ? '' : '-');

/** Gone after a boot, but for what every session has. */
export const isFleeting = (path: string): boolean =>
  path !== '/run' && isBelow(path, '/run') && !isBelow(path, '/run/user');

/**
 * The same for what must be writable. What others make in /run may be there only when a command of the unit itself has run, one with `+`. A file
 * that was opened and not made may be gone one day, as it would be without a sandbox.
 */
export const optionalToWrite = (
  { path, provided }: { path: string; provided?: true | undefined },
  host: HostView,
): '' | '-' =>
  provided === true
    ? ''
    : isFleeting(path) || host.type(path) === 'file' || isOfMember(path, host)
      ? '-'
      : optional(path, host);

/**
 * One line for each path that must be writable. The trace says that it was there at start; where the host disagrees, the service
 * starts without it, but what is made there later stays read-only: a note says so.
 */
export function writableDirectives(
  name: 'ReadWritePaths' | 'BindPaths',
  writable: readonly Need[],
  host: HostView,
  plan: PathPlan,
): void {
  for (const need of writable) {
    const prefix = optionalToWrite(need, host);
    const value = quotePath(need.path, { prefix, colon: name === 'BindPaths' });
    if (value === null) continue;
    const isThere = host.type(need.path) !== null;
    const fleeting =
      prefix !== '' && isThere && isFleeting(need.path) ? '; optional, since it disappears at reboot' : '';
    plan.directives.push(directive(name, value, `${modesText(need)}${fleeting}`, [need]));
    if (fleeting !== '' && need.asked !== true && !host.isMadeAtBoot(need.path))
      plan.notes.push(
        `${need.path} disappears at reboot and no tmpfiles.d creates it; if the service does, that fails: learn one start without it`,
      );
    if (prefix !== '' && host.known && !isThere)
      plan.notes.push(
        `${need.path} existed in the trace, but not on this machine: create it before the service starts, or writes to it fail`,
      );
  }
}
