// The strategy `exec`: nothing may be executed but the programs, interpreters and libraries that were. NoExecPaths=, ExecPaths= (systemd 249).

import { isBelow, parentOf } from '../process/resolve.ts';
import type { HostView } from './host-view.ts';
import type { Need, PathNeeds } from './path-needs.ts';
import { quotePath } from './quote.ts';
import { directive, modesText, type PathPlan } from './strict.ts';

/** So many libraries of one directory are allowed as the directory. */
const BUNDLE = 12;

export function execPaths(needs: PathNeeds, host: HostView): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const executed = [...needs.used.values()].filter(
    ({ modes, path }) => (modes.has('exec') || modes.has('map')) && !path.includes('*'),
  );
  plan.directives.push(directive('NoExecPaths', '/', 'nothing is executed but what is listed below'));
  const siblings = new Map<string, Need[]>();
  for (const need of executed) {
    const real = host.realpath(need.path) ?? need.path;
    const list = siblings.get(parentOf(real)) ?? [];
    if (!list.some(({ path }) => path === real)) list.push({ ...need, path: real });
    siblings.set(parentOf(real), list);
  }
  for (const [parent, list] of [...siblings].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const libraries = list.filter(({ modes }) => !modes.has('exec'));
    const [first] = libraries;
    const whole = first !== undefined && libraries.length >= BUNDLE && !isBelow(parent, '/usr/bin');
    if (whole)
      push(
        plan,
        {
          ...first,
          path: parent,
          modes: new Set(['map']),
          seen: libraries.length,
          wider: `${libraries.length} libraries in it were mapped, so all of it may be`,
        },
        host,
      );
    else for (const need of list) push(plan, need, host);
    if (whole) for (const need of list) if (need.modes.has('exec')) push(plan, need, host);
  }
  return plan;
}

function push(plan: PathPlan, need: Need, host: HostView): void {
  const missing = !host.known || host.type(need.path) === null;
  const value = quotePath(need.path, { prefix: missing ? '-' : '' });
  if (value === null)
    plan.notes.push(`${need.path} is not UTF-8, which systemd refuses in a unit file: it cannot be executed`);
  else plan.directives.push(directive('ExecPaths', value, need.inferred ?? modesText(need), [need]));
}
