// Profile → policy: for each directive the strictest value that denies nothing that was seen, with its evidence; stricter ones
// are withheld and name the access that forbade them. The law: checking a profile against its own proposal finds nothing.

import type { FactOf } from '../../profile/fact-index.ts';
import { shortfalls } from '../../profile/gaps.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import { traced } from '../../profile/recorded.ts';
import { unconfinedFacts } from '../check/unconfined.ts';
import { holds } from '../directives/row.ts';
import { DIRECTIVE_ROWS, EARLY_TMP, sinceVersion, UMASK_CLOSES_MOUNTS } from '../directives/table.ts';
import { type HostView, UNKNOWN_HOST } from '../host-view.ts';
import type { Basis, Policy } from '../policy.ts';
import { type StartedAsUser, startedAsUser, userHint } from './as-user.ts';
import { choices, forbidsFilters } from './choices.ts';
import { besideUnconfined } from './corrections/beside.ts';
import { withOwnValues } from './corrections/own-values.ts';
import { proven } from './corrections/proven.ts';
import { withoutUnseen } from './corrections/unseen.ts';
import { forUpstream } from './corrections/upstream.ts';
import { forVersion } from './corrections/versions.ts';
import { ipAddresses, socketBinds } from './lists/addresses.ts';
import { capabilityDirectives } from './lists/capabilities.ts';
import { deviceDirectives } from './lists/devices.ts';
import { ROOT, withOwnership } from './lists/ownership.ts';
import { privatePids } from './lists/processes.ts';
import { addressFamilies, namespaces } from './lists/sockets.ts';
import { syscallDirectives } from './lists/syscalls.ts';
import { removeIpc, umask } from './lists/users.ts';
import {
  leftInRun,
  linksInRun,
  missedInReadOnly,
  profileNotes,
  rotatedFiles,
  unenforced,
  unseenCommands,
} from './notes.ts';
import type { MachineLists } from './paths/block-list.ts';
import { withoutUnseenBoot } from './paths/boot-start.ts';
import { execPaths } from './paths/exec.ts';
import { withFamilies } from './paths/families.ts';
import { withGiven, withNamed } from './paths/given.ts';
import { withGranted } from './paths/granted.ts';
import { withSpecifiers } from './paths/instances.ts';
import { withLibraryFiles } from './paths/library-files.ts';
import { type PathNeeds, pathNeeds } from './paths/needs.ts';
import { ownDirectories } from './paths/own-directories.ts';
import type { PathPlan } from './paths/plan.ts';
import { renewedDirectories } from './paths/renewed.ts';
import { strictPaths } from './paths/strict.ts';
import { tmpfsPaths } from './paths/tmpfs.ts';
import { emptyPlan, type Plan, succeeded, takenBack, withheld } from './plan.ts';
import type { Target } from './target.ts';
import { unholdable } from './unholdable.ts';

/** Libraries of the system: names in them change from release to release. */
const LIBRARY = /^\/(?:usr\/)?lib(?:32|64|x32)?\/.*\.so(?:\.|$)/;

/** A library that was loaded, and that this machine does not have: an update, or another release. */
function lostLibrary(profile: Profile, host: HostView): FactOf<'path'> | undefined {
  if (!host.known) return undefined;
  return succeeded(profile, 'path').find(
    ({ mode, path, pattern }) =>
      mode === 'map' && pattern !== true && LIBRARY.test(path) && host.realpath(path) === null,
  );
}

/**
 * A command with `+` has every privilege, but sees the mounts that TemporaryFileSystem= and Bind*Paths= make (apply_mount_namespace() of
 * systemd 252), without the /proc and /dev that the others get, and is not traced: there is `strict` instead.
 */
function possible(
  profile: Profile,
  { paths: asked, service, host, systemd }: Target,
): Pick<Target, 'paths'> & Pick<PathPlan, 'withheld'> {
  const lost = asked.some(one => one !== 'strict') ? lostLibrary(profile, host) : undefined;
  if (lost !== undefined) {
    const because = `${lost.path}, which was mapped while learning, is not on this machine: its programs load other libraries, which were not observed; learn here`;
    return {
      paths: ['strict'],
      withheld: [
        ...(asked.includes('tmpfs') ? [withheld('TemporaryFileSystem', '/:ro', because, [lost])] : []),
        ...(asked.includes('exec') ? [withheld('NoExecPaths', '/', because, [lost])] : []),
      ],
    };
  }
  const asStrict = asked.map(one => (one === 'tmpfs' ? 'strict' : one));
  const { user = 'root', umask = 0 } = service ?? {};
  if (asked.includes('tmpfs') && holds(UMASK_CLOSES_MOUNTS, systemd) && user !== 'root' && (umask & 0o001) !== 0) {
    const mask = umask.toString(8).padStart(4, '0');
    const because = `systemd ${systemd} makes the directories of an empty root with the unit's UMask=${mask}: only root could enter them`;
    return { paths: asStrict, withheld: [withheld('TemporaryFileSystem', '/:ro', because)] };
  }
  const blind = asked.includes('tmpfs') ? service?.commands.find(({ unconfined }) => unconfined) : undefined;
  if (blind === undefined) return { paths: asked, withheld: [] };
  const because = `${blind.name}=+${blind.program} would see nothing but what is bound, not even /proc and /dev, and is not traced; without its + it is`;
  return { paths: asStrict, withheld: [withheld('TemporaryFileSystem', '/:ro', because)] };
}

/** A unit that may start before there is a /tmp would get one that only root can enter. */
function ownTmp({ service, systemd }: Target): Pick<PathNeeds, 'tmpRefused' | 'tmpAlone'> {
  if (service?.early !== true || !holds(EARLY_TMP, systemd))
    return sinceVersion('PrivateTmp', 'disconnected') <= systemd && service?.joins !== true ? { tmpAlone: true } : {};
  return { tmpRefused: `with DefaultDependencies=no systemd ${systemd} makes a /tmp that only root can enter` };
}

/** Lists that describe this machine: for its own unit as far as they restrict more than the other lines; null: none. */
function machineLists(profile: Profile, { blockList, installed, upstream }: Target, chosen: Plan): MachineLists | null {
  if (upstream === true) return null;
  if (blockList === true) return { setId: true };
  if (installed === undefined) return null;
  // From incomplete evidence it is withheld again.
  const raises = chosen.directives.every(({ name }) => name !== 'NoNewPrivileges') || shortfalls(profile).length > 0;
  return { setId: raises };
}

/** The part of the proposal that is about paths: the strategies asked for. */
function paths(profile: Profile, target: Target, chosen: Plan): Plan {
  const { host, empty, service, unit, home } = target;
  const { paths: strategies, withheld: impossible } = possible(profile, target);
  const lists = machineLists(profile, target, chosen);
  const seen = withLibraryFiles(pathNeeds(profile, host), host);
  const writable = withFamilies(seen.writable, profile, host, service?.uid);
  const all = { ...seen, writable, ...ownTmp(target) };
  const renewed = renewedDirectories(profile, all, host, service);
  const { needs, directives: own, notes } = ownDirectories(profile, { ...all, renewed }, host, service ?? ROOT);
  const afterBoot = [...leftInRun(profile, needs.writable), ...linksInRun(needs, host)];
  const missed = missedInReadOnly(profile, needs.writable, host);
  const parts: PathPlan[] = [
    { directives: own, withheld: [...impossible], notes: [...notes, ...afterBoot, ...missed] },
  ];
  if (strategies.includes('tmpfs')) parts.push(tmpfsPaths(needs, host, empty, lists));
  else if (strategies.includes('strict')) parts.push(strictPaths(needs, host, strategies.includes('exec'), lists));
  if (strategies.includes('exec')) parts.push(execPaths(needs, host, strategies.includes('tmpfs')));
  return {
    directives: withSpecifiers(
      parts.flatMap(({ directives }) => directives),
      { unit, home },
    ),
    withheld: parts.flatMap(part => part.withheld),
    notes: parts.flatMap(({ notes }) => notes).map(text => ({ kind: 'open', text })),
  };
}

/** Filters that would bring NoNewPrivileges=yes to a service that runs set-id programs are taken out again. */
function withoutFilters(plan: Plan, profile: Profile, target: Target): Plan {
  const why = forbidsFilters(profile, target);
  if (why === undefined) return plan;
  const objection = { because: 'with User= it brings NoNewPrivileges=yes', facts: [why] };
  return takenBack(plan, ({ name }) =>
    DIRECTIVE_ROWS.get(name)?.seccomp === true || name === 'SystemCallErrorNumber' ? objection : null,
  );
}

/** How much was observed. */
function basisOf({ runs }: Profile): Basis {
  const seconds = runs.reduce((sum, { start, end }) => sum + (end ?? 0) - (start ?? end ?? 0), 0);
  return {
    runs: runs.length,
    hosts: new Set(runs.map(({ host }) => host)).size,
    ...(runs.every(({ start, end }) => start !== undefined && end !== undefined) ? { seconds } : {}),
  };
}

/** The proposal before it is put to the model. `asked`: the target, before it is known whom the service is started as. */
function drafted(seen: Profile, asked: Target, { profile: started, target, plan: asUser }: StartedAsUser): Policy {
  // Whose files are on other machines is not known, whatever this one has.
  const owners = target.upstream === true ? UNKNOWN_HOST : target.host;
  const profile = withGiven(withOwnership(started, owners, target.service ?? ROOT), asked.service);
  const plan = emptyPlan();
  const add = (part: Plan): void => {
    plan.directives.push(...part.directives);
    plan.withheld.push(...part.withheld);
    plan.notes.push(...part.notes);
  };
  add(asUser);
  const chosen = choices(profile, target);
  add(paths(profile, target, chosen));
  add(chosen);
  add(
    deviceDirectives(
      profile,
      target,
      plan.withheld.some(({ name }) => name === 'DevicePolicy'),
    ),
  );
  add(umask(profile, target));
  add(privatePids(profile, target));
  add(removeIpc(profile));
  add(capabilityDirectives(profile, target));
  add(userHint(seen, target));
  add(addressFamilies(profile, target));
  add(socketBinds(profile));
  add(ipAddresses(profile, target.addresses === true));
  add(namespaces(profile));
  add(syscallDirectives(profile, target, plan.directives));
  const confined = withOwnValues(besideUnconfined(withoutFilters(plan, profile, target), target), target);
  const draft = withoutUnseenBoot(withoutUnseen(confined, profile, target.systemd), profile, target);
  const { directives, withheld: kept, notes } = target.upstream === true ? forUpstream(draft, profile, target) : draft;
  return forVersion({
    format: 'allowtrace-policy',
    version: 1,
    target: {
      systemd: target.systemd,
      paths: [...target.paths],
      ...(target.empty === undefined ? {} : { empty: [...target.empty] }),
      syscalls: target.syscalls,
      ...(target.trial === true ? { trial: true } : {}),
      ...(target.addresses === true ? { addresses: true } : {}),
      ...(asUser.directives.length > 0 ? { asUser: true } : {}),
      ...(target.upstream === true ? { upstream: true } : {}),
      ...(target.unit === undefined ? {} : { unit: target.unit }),
    },
    basis: basisOf(traced(profile)),
    incomplete: shortfalls(profile),
    directives: target.upstream === true ? [...directives] : withGranted(directives, seen, target.host),
    withheld: kept,
    notes: [
      ...unholdable(profile, target),
      ...notes,
      ...profileNotes(profile),
      ...unseenCommands(profile, target),
      ...rotatedFiles(directives, target),
      ...unenforced(directives, target),
    ],
  });
}

/** What commands with `+` did alone meets next to nothing of the sandbox: it does not have to allow it. */
function byConfinement(profile: Profile, { installed }: Target): { confined: Profile; free: readonly Fact[] } {
  if (installed === undefined || installed.commands.unconfined.length === 0) return { confined: profile, free: [] };
  const isFree = unconfinedFacts(profile.facts, installed.commands);
  return {
    confined: { ...profile, facts: profile.facts.filter(fact => !isFree(fact)) },
    free: profile.facts.filter(isFree),
  };
}

/**
 * The proposal for a profile (folded already, see profile/patterns.ts). Pure: the same profile and target give the same policy. What it
 * returns passes its own check, unless it says in `rejected` what stands in the way.
 */
export function derive(seen: Profile, asked: Target): Policy {
  const { confined, free } = byConfinement(withNamed(seen, asked.service, asked.host), asked);
  const started = startedAsUser(confined, asked);
  const { target } = started;
  const profile =
    free.length === 0 ? started.profile : { ...started.profile, facts: [...started.profile.facts, ...free] };
  const policy = proven(drafted(confined, asked, started), profile, target);
  if (policy !== null) return policy;
  const paths = target.paths.map(one => (one === 'tmpfs' ? 'strict' : one));
  const strict = drafted(confined, asked, { ...started, target: { ...target, paths } });
  const because = 'an empty root denies what was observed, and no other line helps';
  const rest = [...strict.withheld, withheld('TemporaryFileSystem', '/:ro', because)];
  return proven({ ...strict, withheld: rest }, profile, target) ?? strict;
}
