// The base: a policy without learning, of directives that break almost nothing, withheld where the unit's own lines and programs say that they would.
// Pure. What was learned replaces it.

import { holds } from '../directives/row.ts';
import { DIRECTIVE_ROWS, FILTERS_BRING_NO_NEW_PRIVILEGES, strictness } from '../directives/table.ts';
import type { Directive, Policy, Withheld } from '../policy.ts';
import { forVersion } from '../propose/corrections/versions.ts';
import { proposed, withheld } from '../propose/plan.ts';
import type { Target } from '../propose/target.ts';
import { booleanOf } from '../sandbox/settings.ts';
import { HARDENING, type Hardening } from './hardening.ts';
import { KINDS, type Kind, kindsOf } from './kinds.ts';
import type { UnitWords } from './words.ts';

const isRoot = ({ service }: Target): boolean =>
  service?.user === undefined || service.user === 'root' || service.user === '0';

/** Why a value is not for this unit; null: nothing speaks against it. */
function objection({ breaks }: Hardening, kinds: ReadonlyMap<Kind, string>): string | null {
  const kind = breaks.find(one => kinds.has(one));
  return kind === undefined ? null : `it ${KINDS[kind].says}: ${kinds.get(kind) ?? ''}`;
}

interface Draft {
  directives: Directive[];
  withheld: Withheld[];
}

/** Of a list all entries that nothing speaks against, of others the first. */
function draft(kinds: ReadonlyMap<Kind, string>): Draft {
  const plan: Draft = { directives: [], withheld: [] };
  for (const [name, entries] of Object.entries(HARDENING)) {
    const says = DIRECTIVE_ROWS.get(name)?.says ?? '';
    const isDenyList = entries.some(({ value }) => value.startsWith('~'));
    for (const entry of entries) {
      const why = objection(entry, kinds);
      if (why !== null) {
        plan.withheld.push(withheld(name, entry.value, why));
        continue;
      }
      plan.directives.push(proposed(name, entry.value, says));
      if (!isDenyList) break;
    }
  }
  return plan;
}

/** With User= and no way to more rights, the only capabilities are those that the unit itself gives. */
function withoutCapabilities(plan: Draft, target: Target, unit: UnitWords): Draft {
  const { service } = target;
  const stays = plan.directives.some(({ name }) => name === 'NoNewPrivileges');
  const privileged =
    service?.commands.some(({ unconfined }) => unconfined) === true || unit.lines.some(isPrivilegedStart);
  if (service === undefined || isRoot(target) || !stays || privileged) return plan;
  const because = 'it starts without root, and nothing in it gains rights: it has what AmbientCapabilities= gives';
  return {
    ...plan,
    directives: [
      ...plan.directives.filter(({ name }) => name !== 'CapabilityBoundingSet'),
      proposed('CapabilityBoundingSet', service.ambient.join(' '), because),
    ],
    withheld: plan.withheld.filter(({ name }) => name !== 'CapabilityBoundingSet'),
  };
}

/** `ExecStart=!/bin/x`, `ExecStartPre=+/bin/x`. */
const isPrivilegedStart = (line: string): boolean => /^Exec\w+=[@:-]*[!+]/.test(line);

/** Filters bring NoNewPrivileges=yes to a service with User=: where that is withheld, so are they. */
function withoutFilters(plan: Draft, target: Target): Draft {
  const refused = plan.withheld.find(({ name }) => name === 'NoNewPrivileges');
  if (refused === undefined || isRoot(target) || !holds(FILTERS_BRING_NO_NEW_PRIVILEGES, target.systemd)) return plan;
  const filters = plan.directives.filter(({ name }) => DIRECTIVE_ROWS.get(name)?.seccomp === true);
  const because = `with User= it brings NoNewPrivileges=yes, and ${refused.because}`;
  return {
    directives: plan.directives.filter(one => !filters.includes(one)),
    withheld: [...plan.withheld, ...filters.map(({ name, value }) => withheld(name, value, because))],
  };
}

/** Denied calls fail instead of killing the service, unless the unit itself has a filter, which must not become weaker. */
function withErrno(plan: Draft, unit: UnitWords): Draft {
  const filters = plan.directives.some(({ name }) => name === 'SystemCallFilter');
  const own = unit.lines.some(line => /^SystemCall(?:Filter|ErrorNumber)=./.test(line));
  if (!filters || own) return plan;
  const because = 'a denied call fails; without this line it would kill the service';
  return { ...plan, directives: [...plan.directives, proposed('SystemCallErrorNumber', 'EPERM', because)] };
}

/** Lists that add up, so that what is denied beside the unit's own lines narrows them. */
const ADDS: ReadonlySet<string> = new Set(['SystemCallFilter', 'SystemCallErrorNumber']);

/**
 * Whoever wrote the unit knew it: a directive that stands there stays as it is. What is as strict already needs no second line, and a looser
 * value or a list of its own (`RestrictNamespaces=mnt`) says what the service needs.
 */
function withoutOwn(plan: Draft, unit: UnitWords, systemd: number): Draft {
  const kept: Draft = { directives: [], withheld: [...plan.withheld] };
  for (const directive of plan.directives) {
    const { name, value } = directive;
    const written = unit.lines.findLast(line => line.startsWith(`${name}=`))?.slice(name.length + 1);
    // No capability at all: to systemd, a list that denies some would begin anew with all others.
    if (written === '' && name === 'CapabilityBoundingSet') continue;
    const own = written ?? '';
    const addsUp = ADDS.has(name) || (name === 'CapabilityBoundingSet' && own.startsWith('~'));
    if (own === '' || addsUp) {
      kept.directives.push(directive);
      continue;
    }
    const order = strictness(name, systemd);
    // What stands there may be written in another word, such as `true`.
    const last = booleanOf(own) === true ? 'yes' : own;
    if (!order.includes(last) || order.indexOf(last) > order.indexOf(value))
      kept.withheld.push(withheld(name, value, `the unit says ${name}=${own}`));
  }
  return kept;
}

/** The base for a unit. `words`: what is known of it and its programs. */
export function basePolicy(words: UnitWords, target: Target): Policy {
  const kinds = kindsOf(words);
  const drafted = withErrno(withoutFilters(withoutCapabilities(draft(kinds), target, words), target), words);
  const { directives, withheld: kept } = withoutOwn(drafted, words, target.systemd);
  const unread = words.unread.map(path => ({
    kind: 'open' as const,
    text: `${path} could not be read: what it does was not taken into account`,
  }));
  return forVersion({
    format: 'allowtrace-policy',
    version: 1,
    target: {
      systemd: target.systemd,
      paths: [],
      syscalls: target.syscalls,
      base: true,
      ...(target.unit === undefined ? {} : { unit: target.unit }),
    },
    basis: { runs: 0, hosts: 0 },
    incomplete: [],
    directives,
    withheld: kept,
    notes: unread,
  });
}
