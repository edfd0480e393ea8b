// Takes a sandbox off: for each directive of the table the value that denies nothing. `service diagnose` lets a unit run so for a moment,
// to see what it wants. Identity (User=, DynamicUser=), the directories that systemd makes and resource limits are no sandbox and stay.

import { DIRECTIVE_ROWS, liftedValue } from '../policy/directives/table.ts';
import type { Properties } from './systemctl.ts';

/** Labels of security modules: no rows of the table, since what they deny is written elsewhere. */
const LABELS = ['AppArmorProfile', 'SELinuxContext', 'SmackProcessLabel'] as const;

/** Settings that put a tree at another place: `SOURCE:TARGET:OPTIONS`, as `systemctl show` prints them. */
const BINDS = ['BindPaths', 'BindReadOnlyPaths'] as const;

/** Binds that the service may live by, because they show it something at another path; those of a path onto itself only open it. */
function relocations(show: Properties): string[] {
  return BINDS.flatMap(name =>
    show(name)
      .split(' ')
      .flatMap(word => {
        const [source = '', target = ''] = word.replace(/^-/, '').split(':');
        return source === '' || source === target || target === '' ? [] : [`${name}=-${source}:${target}`];
      }),
  );
}

/** The lines that take the sandbox off. A setting that this systemd does not know (its property is not shown) is left out. */
export function liftedSandbox(show: Properties): string[] {
  const lifted = [...DIRECTIVE_ROWS.keys()].flatMap(name => {
    const value = liftedValue(name);
    return value === null ? [] : [[name, value] as const];
  });
  const lines = [...lifted, ...LABELS.map(name => [name, ''] as const)].filter(([name]) => show.has(name));
  return [...lines.map(([name, value]) => `${name}=${value}`), ...relocations(show)];
}
