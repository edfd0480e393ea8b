// The strategy `strict`: everything is read-only, and what the service changes is listed. Sources: systemd.exec(5), ProtectSystem=.

import type { HostView } from '../../host-view.ts';
import { blockList, type MachineLists } from './block-list.ts';
import { KERNEL_TREES, type PathNeeds, reasonOf } from './needs.ts';
import { directive, inAny, type PathPlan, writableDirectives } from './plan.ts';
import {
  noExecDirectives,
  privateTmp,
  protectHome,
  readOnlyRun,
  readOnlySharedMemory,
  TEMPORARY,
  untouchedDirectives,
} from './private-places.ts';

/** `exec`: only listed programs can be executed, so none has to be hidden. */
export function strictPaths(needs: PathNeeds, host: HostView, exec: boolean, lists: MachineLists | null): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const all = [...needs.writable.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const root = all.find(({ path }) => path === '/');
  if (root === undefined)
    plan.directives.push(directive('ProtectSystem', 'strict', 'everything is read-only except the paths below'));
  // ReadWritePaths=/ changes nothing beside it.
  else
    plan.withheld.push({
      name: 'ProtectSystem',
      value: 'strict',
      because: 'names in / itself are made or deleted',
      evidence: root.facts.map(reasonOf),
    });
  const ownTmp = privateTmp(needs, host, plan);
  const writable = all.filter(({ path }) => !inAny(path, KERNEL_TREES) && !(ownTmp && inAny(path, TEMPORARY)));
  protectHome(needs, 'read-only', [], host, plan);
  // RuntimeDirectory= and similar are writable as they are.
  writableDirectives(
    'ReadWritePaths',
    writable.filter(({ provided }) => provided !== true),
    host,
    plan,
  );
  untouchedDirectives(needs, writable, host, lists !== null, plan);
  readOnlyRun(all, plan);
  readOnlySharedMemory(needs, plan);
  noExecDirectives(needs, writable, ownTmp, host, plan);
  if (lists !== null)
    plan.directives.push(...blockList(needs, host, { ...lists, programs: !exec, visible: () => true }));
  return plan;
}
