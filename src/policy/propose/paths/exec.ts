// The strategy `exec`: nothing may be executed but the programs, interpreters and libraries that were. NoExecPaths=, ExecPaths= (systemd 249).

import { isBelow, parentOf } from '../../../process/resolve.ts';
import type { HostView } from '../../host-view.ts';
import { quotePath } from '../../quote.ts';
import { literalDirectory, modesOf, type Need, nameable, type PathNeeds, reasonOf, settle } from './needs.ts';
import type { PathPlan } from './plan.ts';
import { directive, modesText } from './plan.ts';

/** So many libraries of one directory are allowed as the directory. */
const BUNDLE = 12;

/** In an empty tree (`bound`) only what is bound can be executed anyway, and systemd cannot set flags on binds that were symlinks. */
export function execPaths(needs: PathNeeds, host: HostView, bound: boolean): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  if (bound) return plan;
  const executed = [...needs.used.values()]
    .filter(({ modes }) => modes.has('exec') || modes.has('map'))
    .map(need => {
      if (need.pattern === true)
        return { ...need, path: literalDirectory(need.path), wider: `${need.path} is a pattern for names that change` };
      // A mount point can be neither removed nor replaced (EBUSY).
      return need.modes.has('delete')
        ? {
            ...need,
            path: parentOf(need.path),
            wider: `${need.path} is replaced or removed, so the rule covers its directory`,
          }
        : need;
    });
  const allowed = bundle(executed, host);
  const root = allowed.find(({ path }) => path === '/');
  if (root !== undefined) {
    // Of two lists that name the same path, the one that forbids would count.
    const because = 'programs in / itself are replaced or removed, or have changing names';
    plan.withheld.push({ name: 'NoExecPaths', value: '/', because, evidence: root.facts.map(reasonOf) });
    return plan;
  }
  plan.directives.push(directive('NoExecPaths', '/', 'only the programs below are executable'));
  for (const need of allowed) push(plan, need);
  return plan;
}

/** Many libraries of one directory are allowed as the directory. */
function bundle(executed: readonly Need[], host: HostView): Need[] {
  const siblings = new Map<string, Map<string, Need>>();
  for (const need of executed) {
    const path = settle(need.path, host);
    const list = siblings.get(parentOf(path)) ?? new Map<string, Need>();
    siblings.set(parentOf(path), list.set(path, { ...need, path }));
  }
  const found: Need[] = [];
  for (const [parent, list] of [...siblings].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const libraries = [...list.values()].filter(({ modes }) => !modes.has('exec'));
    const [first] = libraries;
    const whole = first !== undefined && libraries.length >= BUNDLE && !isBelow(parent, '/usr/bin');
    if (whole)
      found.push({
        ...first,
        path: parent,
        modes: modesOf(['map']),
        seen: libraries.length,
        wider: `${libraries.length} libraries in it were mapped, so all of it may be`,
      });
    found.push(...[...list.values()].filter(({ modes }) => !whole || modes.has('exec')));
  }
  return found;
}

function push(plan: PathPlan, need: Need): void {
  const { path, wider } = nameable(need.path);
  // A library that is gone after an update is no reason not to start.
  const value = quotePath(path, { prefix: '-' });
  const told = wider === undefined ? need : { ...need, wider };
  if (value !== null) plan.directives.push(directive('ExecPaths', value, need.inferred ?? modesText(need), [told]));
}
