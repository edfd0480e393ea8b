// Profile → policy: for each directive the strictest value that denies nothing that was seen, with its evidence; stricter ones
// are withheld and name the access that forbade them. The law: checking a profile against its own proposal finds nothing.

import type { Profile } from '../profile/profile.ts';
import { capabilityDirectives } from './capabilities.ts';
import { DIRECTIVES, type DirectiveRow } from './directives.ts';
import { denies, type Effect } from './effects.ts';
import { execPaths } from './exec-paths.ts';
import { pathNeeds, reasonOf } from './path-needs.ts';
import type { Policy } from './policy.ts';
import { socketDirectives } from './sockets.ts';
import { type PathPlan, strictPaths } from './strict.ts';
import { syscallDirectives } from './syscalls.ts';
import type { Target } from './target.ts';
import { tmpfsPaths } from './tmpfs.ts';

/** Directives with no evidence at all: they cost nothing, whatever was seen. */
const ALWAYS: Readonly<Record<string, string>> = {
  KeyringMode: 'private',
  RemoveIPC: 'yes',
};

function choices(profile: Profile, target: Target, plan: PathPlan): void {
  for (const [name, entry] of Object.entries(DIRECTIVES)) {
    const row: DirectiveRow = entry;
    if (row.kind !== 'choice' || row.propose === false || row.values === undefined || name in ALWAYS) continue;
    const values = Object.entries(row.values);
    for (const [value, effects] of values) {
      const denied = profile.facts.find(fact => isDenied(effects, fact, target));
      if (denied !== undefined) {
        plan.withheld.push({ name, value, because: row.says, evidence: [reasonOf(denied)] });
        continue;
      }
      if (value !== values.at(-1)?.[0])
        plan.directives.push({ section: 'Service', name, value, because: row.says, evidence: [], seen: 0 });
      break;
    }
  }
}

const isDenied = (effects: readonly Effect[], fact: Profile['facts'][number], target: Target): boolean =>
  !('errno' in fact && fact.errno !== undefined) && effects.some(effect => denies(effect, fact, target.sets) !== null);

/** What the user has to know before he believes the proposal. */
function notes(profile: Profile): Policy['notes'] {
  const found: Policy['notes'] = [];
  for (const fact of profile.facts) {
    if (fact.kind === 'blind') found.push({ kind: 'blind', text: fact.what, evidence: [reasonOf(fact)] });
    if (fact.kind === 'path' && fact.inferred !== undefined)
      found.push({
        kind: 'assumption',
        text: `${fact.path} is allowed as the ${fact.inferred}`,
        evidence: [reasonOf(fact)],
      });
    if (fact.kind === 'unresolved')
      found.push({
        kind: 'open',
        text: `where ${fact.asked} lies could not be told, so nothing was concluded from it (${fact.mode})`,
        evidence: [reasonOf(fact)],
      });
  }
  for (const { what } of profile.overflow) found.push({ kind: 'folded', text: what });
  return found;
}

/** Leaves out what the target's systemd does not know, and says so. */
function forVersion(policy: Policy): Policy {
  const { systemd } = policy.target;
  const since = (name: string): number => {
    const row: DirectiveRow | undefined =
      name in DIRECTIVES ? Object.entries(DIRECTIVES).find(([key]) => key === name)?.[1] : undefined;
    return row?.since ?? 0;
  };
  const unknown = policy.directives.filter(({ name }) => since(name) > systemd);
  if (unknown.length === 0) return policy;
  const names = [...new Set(unknown.map(({ name }) => `${name}= (systemd ${since(name)})`))].join(', ');
  return {
    ...policy,
    directives: policy.directives.filter(({ name }) => since(name) <= systemd),
    notes: [...policy.notes, { kind: 'version', text: `systemd ${systemd} does not know ${names}: left out` }],
  };
}

/** The proposal for a profile (folded already, see profile/patterns.ts). Pure: the same profile and target give the same policy. */
export function derive(profile: Profile, target: Target): Policy {
  const needs = pathNeeds(profile, target.host);
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const add = (part: PathPlan): void => {
    plan.directives.push(...part.directives);
    plan.withheld.push(...part.withheld);
    plan.notes.push(...part.notes);
  };
  if (target.paths.includes('tmpfs')) add(tmpfsPaths(needs, target.host));
  else if (target.paths.includes('strict')) add(strictPaths(needs, target.host));
  if (target.paths.includes('exec')) add(execPaths(needs, target.host, target.paths.includes('tmpfs')));
  choices(profile, target, plan);
  for (const [name, value] of Object.entries(ALWAYS))
    plan.directives.push({
      section: 'Service',
      name,
      value,
      because: DIRECTIVES[name === 'RemoveIPC' ? 'RemoveIPC' : 'KeyringMode'].says,
      evidence: [],
      seen: 0,
    });
  add(capabilityDirectives(profile, target.host));
  add(socketDirectives(profile));
  add(syscallDirectives(profile, target));
  return forVersion({
    format: 'allowtrace-policy',
    version: 1,
    target: {
      systemd: target.systemd,
      paths: [...target.paths],
      syscalls: target.syscalls,
      ...(target.unit === undefined ? {} : { unit: target.unit }),
    },
    directives: plan.directives,
    withheld: plan.withheld,
    notes: [...plan.notes.map(text => ({ kind: 'open' as const, text })), ...notes(profile)],
  });
}
