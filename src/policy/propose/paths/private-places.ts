// PrivateTmp= and ProtectHome=: the places that every service has in common with others, and whether it can do without them.
// Source: systemd.exec(5).

import type { Mode } from '../../../process/access.ts';
import { isBelow, parentOf } from '../../../process/resolve.ts';
import { HOMES, SHARED } from '../../directives/places.ts';
import type { HostView } from '../../host-view.ts';
import { nearest, withParents } from '../../path-sets.ts';
import { quotePath } from '../../quote.ts';
import { KERNEL_TREES, type Modes, type Need, type PathNeeds, reasonOf, settle, usedAs } from './needs.ts';
import { directive, inAny, optionalToWrite, type PathPlan } from './plan.ts';

export const TEMPORARY: readonly string[] = ['/tmp', '/var/tmp'];

const SHARED_MEMORY = '/dev/shm';
const RUN = '/run';

const CHANGES: ReadonlySet<Mode> = new Set(['write', 'create', 'delete', 'meta', 'bind']);
const isChanged = (modes: Modes): boolean => [...modes].some(mode => CHANGES.has(mode));

/** What was reached by a name in these trees, through a symlink that leads out of them. */
const reachedFrom = (
  tops: readonly string[],
  { links, used }: PathNeeds,
  counts = (_: string): boolean => true,
): Need[] =>
  [...links].flatMap(([asked, path]) =>
    inAny(asked, tops) && !inAny(path, tops) && counts(asked) ? (used.get(path) ?? []) : [],
  );

/** Is its own /tmp enough? Not if something in /tmp was there before, or is shared through a socket. A file opened with O_CREAT may have been. */
export function privateTmp(needs: PathNeeds, host: HostView, plan: PathPlan): boolean {
  if (needs.tmpRefused !== undefined) {
    plan.withheld.push({ name: 'PrivateTmp', value: 'yes', because: needs.tmpRefused, evidence: [] });
    return false;
  }
  const inside = [...needs.used.values()].filter(({ path }) => inAny(path, TEMPORARY) && !TEMPORARY.includes(path));
  // What it made in a directory that it did not make itself has no place where that is missing.
  const made = new Set(
    inside
      .filter(({ path, modes }) => (modes.has('create') || modes.has('bind')) && TEMPORARY.includes(parentOf(path)))
      .map(({ path }) => path),
  );
  const isOwn = (path: string): boolean => nearest(path, made) !== undefined;
  const [shared] = [
    // What others have in it is not in one of its own.
    ...TEMPORARY.flatMap(top => {
      const need = needs.used.get(top);
      return need?.modes.has('list') === true ? [need] : [];
    }),
    ...inside.filter(({ path, modes }) => modes.has('bind') || !isOwn(path)),
    ...reachedFrom(TEMPORARY, needs, asked => !isOwn(asked)),
  ];
  const crossing = needs.moves.find(({ from, to }) => TEMPORARY.some(top => isBelow(from, top) !== isBelow(to, top)));
  if (crossing !== undefined) {
    // EXDEV: rename(2), link(2).
    const because = `${crossing.call} between ${crossing.from} and ${crossing.to} needs both in one mount`;
    plan.withheld.push({ name: 'PrivateTmp', value: 'yes', because, evidence: [reasonOf(crossing)] });
    return false;
  }
  if (shared === undefined) {
    const because =
      inside.length === 0 ? 'nothing in /tmp was used' : 'only files that it made, or may have made, were used in /tmp';
    const left = inside.find(({ path, modes }) => !modes.has('delete') && host.type(path) === 'file')?.path;
    const hidden = left === undefined ? '' : `; ${left}, which is there now, will not be seen`;
    // In memory, and another for each command and each start: enough for a service that keeps nothing there.
    const value = needs.tmpAlone === true && inside.length === 0 ? 'disconnected' : 'yes';
    plan.directives.push(directive('PrivateTmp', value, `${because}${hidden}`, inside));
    return true;
  }
  plan.withheld.push({
    name: 'PrivateTmp',
    value: 'yes',
    because: TEMPORARY.includes(shared.path)
      ? `${shared.path} was listed, with what others have in it`
      : `${shared.path} was used, which others may share`,
    evidence: shared.facts.map(reasonOf),
  });
  return false;
}

/**
 * Homes that lie in what must be writable as a whole, and were changed: ProtectHome= lies over ReadWritePaths= of the same directory, and of
 * one above it (seen on systemd 252).
 */
function writableHomes(needs: PathNeeds, host: HostView): string[] {
  const changed = usedAs(needs, isChanged).map(({ path }) => settle(path, host));
  return HOMES.filter(home => {
    const top = nearest(home, needs.writable);
    return top !== undefined && (top === home || changed.some(path => isBelow(path, home)));
  });
}

/**
 * `yes` where nothing in homes was used (hidden, they can still be looked at from outside, but in an empty root they are not there); else
 * `otherwise`: `read-only`, or `tmpfs` where what was used is bound. False where one of them must be writable, and there is no ProtectHome=:
 * the others are protected by name, but for those that are `emptied` already.
 */
export function protectHome(
  needs: PathNeeds,
  otherwise: 'read-only' | 'tmpfs',
  emptied: readonly string[],
  host: HostView,
  plan: PathPlan,
): boolean {
  const writable = writableHomes(needs, host);
  const [home] = writable;
  if (home !== undefined) {
    plan.withheld.push({
      name: 'ProtectHome',
      value: otherwise,
      because: `${home} must be writable as a whole`,
      evidence: needs.writable.get(nearest(home, needs.writable) ?? '')?.facts.map(reasonOf) ?? [],
    });
    protectByName(
      HOMES.filter(other => !writable.includes(other) && !inAny(other, emptied)),
      needs,
      plan,
    );
    return false;
  }
  const inside = [
    ...[...needs.used.values()].filter(
      ({ path, modes }) =>
        inAny(path, HOMES) &&
        (otherwise === 'tmpfs' || !HOMES.includes(path) || [...modes].some(mode => mode !== 'stat')),
    ),
    ...reachedFrom(HOMES, needs),
  ];
  const [first] = inside;
  if (first === undefined) {
    plan.directives.push(directive('ProtectHome', 'yes', 'nothing in home directories was used'));
    return true;
  }
  plan.directives.push({
    ...directive('ProtectHome', otherwise, 'home directories were used', inside),
    ...(otherwise === 'read-only' ? { wider: 'all homes can be read, not only what was used' } : {}),
  });
  plan.withheld.push({
    name: 'ProtectHome',
    value: 'yes',
    because: `${first.path} was used`,
    evidence: first.facts.map(reasonOf),
  });
  return true;
}

/** What ProtectHome= would do to some of the homes. */
function protectByName(homes: readonly string[], needs: PathNeeds, plan: PathPlan): void {
  const used = [...needs.used.keys(), ...needs.links.keys()];
  const [read, hidden] = [true, false].map(is => homes.filter(home => used.some(path => isBelow(path, home)) === is));
  const words = (some: readonly string[] = []): string => some.map(home => `-${home}`).join(' ');
  if (words(read) !== '')
    plan.directives.push({
      ...directive('ReadOnlyPaths', words(read), 'other homes were used'),
      wider: 'all of them can be read, not only what was used',
    });
  if (words(hidden) !== '')
    plan.directives.push(directive('InaccessiblePaths', words(hidden), 'nothing in other homes was used'));
}

/**
 * What may be written is not executed, unless it was. Every one of these places is a mount of its own, which NoExecPaths=/ alone does not
 * reach (seen on systemd 252).
 */
export function noExecDirectives(
  needs: PathNeeds,
  writable: readonly Need[],
  ownTmp: boolean,
  host: HostView,
  plan: PathPlan,
): void {
  const executed = withParents(usedAs(needs, modes => modes.has('exec') || modes.has('map')).map(({ path }) => path));
  const places = [
    ...writable,
    ...[...(ownTmp ? TEMPORARY : []), SHARED_MEMORY].map(path => ({ path, provided: true as const })),
  ];
  const words = places
    .filter(({ path }) => !executed.has(path))
    .flatMap(place => quotePath(place.path, { prefix: optionalToWrite(place, host) }) ?? []);
  plan.directives.push(directive('NoExecPaths', words.join(' '), 'writable, therefore not executable'));
}

/**
 * ReadOnlyPaths=/run beside ProtectSystem=strict, where /run itself need not be writable. MountAPIVFS=, which comes with most settings about
 * /proc and /sys, has /run for an entry of its own, and strict makes read-only only what is none (setup_namespace() of systemd 252).
 */
export function readOnlyRun(writable: readonly Need[], plan: PathPlan): void {
  if (!writable.some(({ path }) => isBelow('/run', path)))
    plan.directives.push(directive('ReadOnlyPaths', '-/run', 'other settings would leave all of it writable'));
}

/** ReadOnlyPaths=/dev/shm, where no shared memory was created (shm_overview(7)): nothing else that is proposed reaches it. */
export function readOnlySharedMemory(needs: PathNeeds, plan: PathPlan): void {
  if (!usedAs(needs, isChanged).some(({ path }) => isBelow(path, SHARED_MEMORY)))
    plan.directives.push(directive('ReadOnlyPaths', `-${SHARED_MEMORY}`, 'no shared memory was created'));
}

/** $XDG_RUNTIME_DIR, which all of a user's services share. */
const SESSION = /^\/run\/user\/\d+$/;
/** Below a place for what runs: units and sockets of systemd. To write them is to be whoever systemd is. Named also where nothing is known of the machine. */
const MANAGER = '/systemd';
/** Beyond this many, a start would take long: every one is a mount. */
const FEW = 40;

/**
 * ReadOnlyPaths= for what lies in a shared directory that must be writable, and was not changed. `lists`: in /run, too, by the
 * names of this machine.
 */
export function untouchedDirectives(
  needs: PathNeeds,
  writable: readonly Need[],
  host: HostView,
  lists: boolean,
  plan: PathPlan,
): void {
  const changed = usedAs(needs, isChanged);
  const above = withParents(changed.map(({ path }) => settle(path, host)));
  const sessions = writable.map(({ path }) => path).filter(path => SESSION.test(path));
  const managers = ['/run', ...sessions].map(top => `${top}${MANAGER}`);
  const open = [...SHARED, ...sessions].filter(
    top => above.has(top) && writable.some(({ path }) => isBelow(top, path)),
  );
  for (const top of open) {
    const found = (host.entries(top) ?? [])
      .map(name => `${top === '/' ? '' : top}/${name}`)
      // /proc read-only would keep systemd from making a user namespace (217/USER).
      .filter(path => host.type(path) === 'directory' && !inAny(path, [...KERNEL_TREES, ...TEMPORARY]));
    const others =
      (lists || top !== RUN) && found.length > 0 && found.length <= FEW
        ? found
        : managers.filter(path => isBelow(path, top));
    const words = others.filter(path => !above.has(path)).flatMap(path => quotePath(path, { prefix: '-' }) ?? []);
    if (words.length > 0)
      plan.directives.push(
        directive('ReadOnlyPaths', words.join(' '), `${top} is writable, but the service changed nothing in these`),
      );
  }
}
