// The strategy `strict`: everything is read-only, and what the service changes is listed. Sources: systemd.exec(5), ProtectSystem=.

import { isBelow } from '../process/resolve.ts';
import type { HostView } from './host-view.ts';
import { KERNEL_TREES, type Need, type PathNeeds } from './path-needs.ts';
import type { Directive, Withheld } from './policy.ts';
import { quotePath } from './quote.ts';

/** Left alone by ProtectSystem=strict: ProtectHome= decides about them. */
const HOMES: readonly string[] = ['/home', '/root', '/run/user'];
const TEMPORARY: readonly string[] = ['/tmp', '/var/tmp'];

export interface PathPlan {
  directives: Directive[];
  withheld: Withheld[];
  notes: string[];
}

const inAny = (path: string, tops: readonly string[]): boolean => tops.some(top => isBelow(path, top));

/** A directive of the [Service] section whose evidence are these needs. */
export function directive(name: string, value: string, because: string, needs: readonly Need[] = []): Directive {
  const [first] = needs;
  const wider = needs.find(need => need.wider !== undefined)?.wider;
  return {
    section: 'Service',
    name,
    value,
    because,
    evidence: first?.reasons ?? [],
    seen: needs.reduce((sum, need) => sum + need.seen, 0),
    ...(wider === undefined ? {} : { wider }),
  };
}

/** How a path is used, for a comment: `create, delete, write`. */
export const modesText = (need: Need): string => [...need.modes].sort().join(', ');

/** Is its own /tmp enough? Not if something in /tmp was there before, or is shared through a socket. */
function privateTmp(needs: PathNeeds, plan: PathPlan): boolean {
  const inside = [...needs.used.values()].filter(({ path }) => inAny(path, TEMPORARY) && !TEMPORARY.includes(path));
  const made = new Set(inside.filter(({ modes }) => modes.has('create') || modes.has('bind')).map(({ path }) => path));
  const shared = inside.find(
    ({ path, modes }) => modes.has('bind') || (!made.has(path) && ![...made].some(top => isBelow(path, top))),
  );
  if (shared === undefined) {
    plan.directives.push(
      directive(
        'PrivateTmp',
        'yes',
        inside.length === 0 ? 'nothing in /tmp was used' : 'only files of its own were used in /tmp',
        inside,
      ),
    );
    return true;
  }
  plan.withheld.push({
    name: 'PrivateTmp',
    value: 'yes',
    because: `${shared.path} was used, which others may share`,
    evidence: shared.reasons,
  });
  return false;
}

function protectHome(needs: PathNeeds, writable: readonly Need[], plan: PathPlan): void {
  const inside = [...needs.used.values()].filter(({ path }) => inAny(path, HOMES));
  const written = writable.filter(({ path }) => inAny(path, HOMES));
  const [first] = inside.filter(({ path, modes }) => !HOMES.includes(path) || modes.has('list'));
  const value = first === undefined && written.length === 0 ? 'yes' : 'read-only';
  const because = value === 'yes' ? 'nothing in home directories was used' : 'home directories were used';
  plan.directives.push(directive('ProtectHome', value, because, inside));
  if (value !== 'yes' && first !== undefined)
    plan.withheld.push({
      name: 'ProtectHome',
      value: 'yes',
      because: `${first.path} was used`,
      evidence: first.reasons,
    });
}

/**
 * One line for each path that must be writable. The trace says that it was there at start; where the host disagrees, `-` lets the service
 * start (else 226/NAMESPACE), but what is made there later stays read-only: the user is told.
 */
export function writableDirectives(
  name: 'ReadWritePaths' | 'BindPaths',
  writable: readonly Need[],
  host: HostView,
  plan: PathPlan,
): void {
  for (const need of writable) {
    const missing = !host.known || host.type(need.path) === null;
    const value = quotePath(need.path, { prefix: missing ? '-' : '', colon: name === 'BindPaths' });
    if (value === null) {
      plan.notes.push(`${need.path} is not UTF-8, which systemd refuses in a unit file: allow its directory by hand`);
      continue;
    }
    plan.directives.push(directive(name, value, modesText(need), [need]));
    if (missing && host.known)
      plan.notes.push(
        `${need.path} was there when the service was traced, but is not on this machine: have it before the service starts, else it cannot be written`,
      );
  }
}

export function strictPaths(needs: PathNeeds, host: HostView): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  plan.directives.push(directive('ProtectSystem', 'strict', 'everything is read-only but what is listed below'));
  const all = [...needs.writable.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const ownTmp = privateTmp(needs, plan);
  const writable = all.filter(({ path }) => !inAny(path, KERNEL_TREES) && !(ownTmp && inAny(path, TEMPORARY)));
  protectHome(needs, writable, plan);
  writableDirectives('ReadWritePaths', writable, host, plan);
  return plan;
}
