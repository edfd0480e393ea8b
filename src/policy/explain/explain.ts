// Why something is allowed or not: what was seen of it, which directives speak of it, what was withheld because of it.
// Pure. Accesses are asked of the same model of the sandbox that `check` uses, so both say the same.

import { nearest } from '../../nearest-word.ts';
import { CAPABILITIES } from '../../process/constants/capabilities.ts';
import { ROWS } from '../../process/syscalls.ts';
import type { Profile } from '../../profile/profile.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import type { Assignment } from '../findings.ts';
import type { Policy } from '../policy.ts';
import { ROOT, withOwnership } from '../propose/lists/ownership.ts';
import { withoutSpecifiers } from '../propose/paths/instances.ts';
import type { Target } from '../propose/target.ts';
import { sandboxOf } from '../sandbox/sandbox.ts';
import { traceHost } from '../sandbox/trace-host.ts';
import { SET_NAMES } from '../sets.ts';
import { explainPath } from './explain-path.ts';
import { explainCall, explainDirective, explainListed, explainSet } from './explain-words.ts';
import type { Explanation, Ground } from './explanation.ts';

/** An explanation, or names that may have been meant instead. */
export type Answer = Explanation | { unknown: string; near: string[] };

function groundOf(seen: Profile, policy: Policy, target: Target): Ground {
  const assignments = policy.directives.map(
    ({ section, name, value }, line): Assignment => ({
      section,
      name,
      value: withoutSpecifiers(value, target),
      at: { file: 'proposal', line },
    }),
  );
  return {
    profile: withOwnership(seen, target.host, target.service ?? ROOT),
    policy,
    target,
    sandbox: sandboxOf(assignments, { ...target, host: traceHost(target.host, seen).host }),
    directiveOf: by => policy.directives[by.at.line],
  };
}

/** Every name that can be asked about, beside paths. */
function* names({ profile, target }: Ground): Generator<string> {
  yield* DIRECTIVE_ROWS.keys();
  yield* ROWS.keys();
  for (const fact of profile.facts) if (fact.kind === 'syscall') yield fact.name;
  yield* target.sets('@known');
  yield* SET_NAMES;
  yield* CAPABILITIES;
  for (const fact of profile.facts) if (fact.kind === 'socket') yield fact.family;
  yield* ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK', 'AF_PACKET', 'AF_ALG', 'AF_VSOCK', 'AF_BLUETOOTH', 'AF_CAN'];
}

/** Answers a question about a path (absolute), a system call, a @set, a capability, an address family or a directive. */
export function explain(what: string, seen: Profile, policy: Policy, target: Target): Answer {
  const ground = groundOf(seen, policy, target);
  if (what.startsWith('/')) return explainPath(what, ground);
  const asked = what.replace(/=.*$/, '');
  const spelt = [...names(ground)].find(name => name.toLowerCase() === asked.toLowerCase());
  if (spelt === undefined) return { unknown: what, near: nearest(asked, names(ground)) };
  const { facts } = ground.profile;
  if (spelt.startsWith('@')) return explainSet(spelt, ground);
  if (spelt.startsWith('CAP_'))
    return explainListed(
      spelt,
      'capability',
      'CapabilityBoundingSet',
      facts.filter(fact => fact.kind === 'capability' && fact.name === spelt && fact.errno === undefined),
      ground,
    );
  if (spelt.startsWith('AF_'))
    return explainListed(
      spelt,
      'address family',
      'RestrictAddressFamilies',
      facts.filter(fact => fact.kind === 'socket' && fact.family === spelt && fact.errno === undefined),
      ground,
    );
  return DIRECTIVE_ROWS.has(spelt) ? explainDirective(spelt, ground) : explainCall(spelt, ground);
}
