// What a rule that is broader than observed lets the service have on this machine: how many entries of a directory it used, and the first ones that
// it never touched. Pure.

import { isBelow } from '../../../process/resolve.ts';
import type { Profile } from '../../../profile/profile.ts';
import type { HostView } from '../../host-view.ts';
import type { Directive } from '../../policy.ts';
import { failed } from '../plan.ts';

/** Lists of paths that allow something. */
const GRANTS: ReadonlySet<string> = new Set(['ReadWritePaths', 'BindPaths', 'BindReadOnlyPaths', 'ExecPaths']);
/** Names that are listed one by one. */
const TOLD = 5;

/** Each rule that is broader than observed, with what lies in it and was not used. */
export function withGranted(directives: readonly Directive[], profile: Profile, host: HostView): Directive[] {
  const paths = profile.facts.flatMap(fact =>
    failed(fact)
      ? []
      : fact.kind === 'path'
        ? [fact.path, fact.asked ?? fact.path]
        : fact.kind === 'move'
          ? [fact.from, fact.to]
          : [],
  );
  return directives.map(directive => {
    const { name, value, wider } = directive;
    const top = value.replace(/^-/, '');
    const entries = wider === undefined || !GRANTS.has(name) ? null : host.entries(top);
    if (entries === null || entries.length === 0) return directive;
    const used = new Set(
      paths.flatMap(path => (path !== top && isBelow(path, top) ? [path.slice(top.length + 1).split('/')[0]] : [])),
    );
    const untouched = entries.filter(entry => !used.has(entry));
    if (untouched.length === 0) return directive;
    const more = untouched.length > TOLD ? ', …' : '';
    const count = `${entries.length - untouched.length} of ${entries.length} entries used, not ${untouched.slice(0, TOLD).join(', ')}${more}`;
    return { ...directive, wider: `${wider ?? ''} (${count})`, brief: directive.brief ?? wider ?? '' };
  });
}
