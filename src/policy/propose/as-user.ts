// A service that starts as root only to become one user might as well start as him (`--as-user`): then root is never there to be had.
// Judged by what root did before: every file must be the user's to use as well, and every capability one that can be given to him.
// Whether the program itself is content with it, no trace can show. Sources: systemd.exec(5), User=, AmbientCapabilities=; capabilities(7).

import { isBelow } from '../../process/resolve.ts';
import { GAPS, gapsIn } from '../../profile/gaps.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import type { HostView } from '../host-view.ts';
import { permits, type Right, reach, rightsFor, type Subject, X } from '../permissions.ts';
import { usedCapabilities } from './lists/capabilities.ts';
import { PRIVATE_PROC } from './lists/ownership.ts';
import { reasonOf } from './paths/needs.ts';
import { emptyPlan, type Plan, proposed, succeeded, withheld } from './plan.ts';
import type { Account, Target } from './target.ts';

type PathFact = Extract<Fact, { kind: 'path' }>;

/** Needed only to stop being root. */
const DROPPING: ReadonlySet<string> = new Set(['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP']);
/** A process without root can be given these without becoming root in all but name. */
const MODEST: ReadonlySet<string> = new Set([
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
]);

/** Whom the service becomes and what it needs as him, or why it cannot start as him. */
type Successor =
  | { uid: number; gids: ReadonlySet<number>; capabilities: string[]; fact: Fact }
  | { because: string; facts: Fact[] };

const idsOf = (profile: Profile, what: 'uid' | 'gid' | 'groups'): { ids: number[]; fact: Fact }[] =>
  succeeded(profile, 'feature').flatMap(fact => {
    if (fact.name !== 'identity' || fact.value?.startsWith(`${what} `) !== true) return [];
    const ids = (fact.value.slice(what.length).match(/\d+/g) ?? []).map(Number).filter(id => id !== 0);
    return ids.length === 0 ? [] : [{ ids, fact }];
  });

/** Tells what of an access the user may not do: `to create /run/x.pid`; null when he may. */
function refuser(user: Subject, host: HostView, made: ReadonlySet<string>): (fact: PathFact) => string | null {
  const lacks = (right: Right): string[] => {
    // What the service makes is the user's when he makes it.
    if (made.has(right.path)) return [];
    const owner = right.path.includes('*') ? null : host.owner(right.path);
    if (owner === null) return [`${right.why}, whose owner is not known`];
    return permits(user, owner, right.bit) ? [] : [right.why];
  };
  const lacksAbove = reach(lacks);
  return fact => {
    const { path, mode } = fact;
    if (PRIVATE_PROC.test(path) || (isBelow(path, '/sys') && mode === 'write')) return `to ${mode} ${path}`;
    if (isBelow(path, '/proc')) return mode === 'write' ? `to write ${path}` : null;
    const executes = mode === 'exec' ? [{ path, bit: X, why: `to execute ${path}` }] : [];
    const [why] = [...lacksAbove(path), ...[...rightsFor(fact), ...executes].flatMap(lacks)];
    if (why !== undefined) return why;
    if (mode === 'meta' && !made.has(path) && host.owner(path)?.uid !== user.uid) return `to change ${path}`;
    return null;
  };
}

/** `profile`: without what ownership.ts concludes about root. */
function successor(profile: Profile, host: HostView): Successor {
  const [gap] = gapsIn(profile);
  if (gap !== undefined) return { because: GAPS[gap], facts: [] };
  const users = idsOf(profile, 'uid');
  const [first, other] = [...new Map(users.map(({ ids, fact }) => [ids.join(), { uid: ids[0], fact }])).values()];
  if (first?.uid === undefined) return { because: 'it never becomes another user', facts: [] };
  if (other !== undefined) return { because: 'it becomes more than one user', facts: [first.fact, other.fact] };
  const own = usedCapabilities(profile).filter(({ from }) => from !== 'file');
  const needed = new Map(own.map(fact => [fact.name, fact]));
  for (const name of DROPPING) needed.delete(name);
  for (const [name, fact] of needed)
    if (!MODEST.has(name)) return { because: `it needs ${name}, which makes any user a root`, facts: [fact] };
  const gids = new Set([...idsOf(profile, 'gid'), ...idsOf(profile, 'groups')].flatMap(({ ids }) => ids));
  const paths = succeeded(profile, 'path');
  const made = new Set(paths.flatMap(({ mode, path }) => (mode === 'create' || mode === 'bind' ? [path] : [])));
  const refusal = refuser({ uid: first.uid, gids }, host, made);
  for (const fact of paths) {
    const why = (fact.uid ?? 0) === 0 ? refusal(fact) : null;
    if (why !== null) return { because: `root is needed ${why}`, facts: [fact] };
  }
  return { uid: first.uid, gids, capabilities: [...needed.keys()].sort(), fact: first.fact };
}

/** The hint, for a proposal without --as-user. */
export function userHint(seen: Profile, target: Target): Plan {
  const plan = emptyPlan();
  if (target.service?.user !== undefined || target.asUser !== undefined) return plan;
  const found = successor(seen, target.host);
  if ('because' in found) return plan;
  const also = found.capabilities.length === 0 ? '' : ` with AmbientCapabilities=${found.capabilities.join(' ')}`;
  plan.notes.push({
    kind: 'hint',
    text: `the service starts as root only to become uid ${found.uid}: User=${found.uid}${also} might do (--as-user proposes it)`,
    evidence: [reasonOf(found.fact)],
  });
  return plan;
}

/** What was done before and by becoming the user is done as the user, and needs no right to become him. */
function asIfBy({ uid, gids }: Subject, profile: Profile): Profile {
  const own = new Set([`uid ${uid}`, ...[...gids].map(gid => `gid ${gid}`)]);
  const isDropping = (fact: Fact): boolean =>
    (fact.kind === 'capability' && DROPPING.has(fact.name)) ||
    (fact.kind === 'feature' && fact.name === 'identity' && own.has(fact.value ?? ''));
  const facts = profile.facts
    .filter(fact => !isDropping(fact))
    .map(fact => (fact.kind === 'path' && (fact.uid ?? 0) === 0 ? { ...fact, uid } : fact));
  return { ...profile, facts };
}

function directives(account: Account, gids: ReadonlySet<number>, capabilities: readonly string[], fact: Fact): Plan {
  const [gid = account.gid] = gids;
  const wider = ['an assumption: what the program does when it finds that it is not root was not seen'];
  const plan = emptyPlan();
  plan.directives.push(
    proposed('User', account.name, 'it starts as root only to become this user', [fact], wider),
    proposed('Group', gids.size === 0 || gids.has(account.gid) ? account.group : `${gid}`, 'the group that it took'),
  );
  // With capabilities.ts: what the unit is taken to give, the proposal keeps as far as it is needed.
  plan.notes.push({
    kind: 'assumption',
    text: `the service works when it is started as ${account.name}${capabilities.length === 0 ? '' : ` with ${capabilities.join(' ')}`}: programs and scripts that insist on root, and calls such as setgroups(2) that only root may make, were not tried`,
  });
  return plan;
}

/** Profile and target as if the user had started the service, and what is proposed for that. */
export interface StartedAsUser {
  profile: Profile;
  target: Target;
  plan: Plan;
}

/** With --as-user: the profile and the target as if the service were started as the user it becomes, and the lines that do it. */
export function startedAsUser(seen: Profile, target: Target): StartedAsUser {
  const { asUser, service, host } = target;
  if (asUser === undefined || service?.user !== undefined) return { profile: seen, target, plan: emptyPlan() };
  const found = successor(seen, host);
  const account = 'because' in found ? null : asUser(found.uid);
  if ('because' in found || account === null) {
    const plan = emptyPlan();
    const [value, because, facts] =
      'because' in found
        ? ['the user it becomes', found.because, found.facts]
        : [`${found.uid}`, 'this machine has no such user', [found.fact]];
    plan.withheld.push(withheld('User', value, because, facts));
    plan.notes.push({ kind: 'open', text: `--as-user: it has to start as root: ${because}` });
    return { profile: seen, target, plan };
  }
  const { uid, gids, capabilities, fact } = found;
  return {
    profile: asIfBy({ uid, gids }, seen),
    target: {
      ...target,
      service: {
        commands: [],
        runtimeDirectories: [],
        ...service,
        user: account.name,
        uid,
        owner: { uid, gid: account.gid },
        ambient: capabilities,
      },
    },
    plan: directives(account, gids, capabilities, fact),
  };
}
