// Which capability root needed to use a file, judged by owners and permission bits: without capabilities root is like anybody
// else of uid 0 and group 0. What is not known is kept as a doubt. Sources: path_resolution(7), capabilities(7), chmod(2) (sticky).

import type { CapabilityAccess } from '../../../process/access.ts';
import { parentOf } from '../../../process/resolve.ts';
import type { Fact, Profile } from '../../../profile/profile.ts';
import type { HostView } from '../../host-view.ts';
import { type Owner, permits, type Right, reach, rightsFor, type Subject, W } from '../../permissions.ts';
import type { Service } from '../target.ts';

type PathFact = Extract<Fact, { kind: 'path' }>;

type Answer = 'yes' | 'perhaps' | 'no';

/** A capability that root needs for what it is not allowed by being uid 0, and why. `known`: owner and mode are. */
interface Lack {
  name: `CAP_${string}`;
  why: string;
  known: boolean;
}

const ROOT_ALONE: Subject = { uid: 0, gids: new Set([0]) };
const STICKY = 0o1000;

/** Trees whose files belong to root, or to whoever makes them: what is gone from there raises no doubt. */
const NOBODYS = /^\/(?:tmp|run|var\/tmp|var\/run|usr|lib|lib64|bin|sbin)(?:\/|$)/;

const IN_KERNEL_TREE = /^\/(?:dev|proc|sys)\//;

/** /proc files that only the owner of a process, or a debugger, may look into: proc(5), «PTRACE_MODE». */
export const PRIVATE_PROC =
  /^\/proc\/\[pid\]\/(?:task\/\[tid\]\/)?(?:exe|cwd|root|fd|fdinfo|environ|maps|numa_maps|smaps|smaps_rollup|mem|io|ns|auxv|stack|syscall|personality|pagemap|map_files)(?:\/|$)/;

/** Those of them that have no permission bits for others, and the directories of which that is true: fs/proc/base.c. */
const OWNERS_PROC =
  /^\/proc\/\[pid\]\/(?:task\/\[tid\]\/)?(?:fd|fdinfo|environ|mem|io|ns|auxv|stack|syscall|personality|pagemap|map_files)$/;
const IN_OWNERS_PROC = /^\/proc\/\[pid\]\/(?:task\/\[tid\]\/)?(?:fd|map_files)\//;

/** What the unit says of whom the service is started as; an unknown unit's is root. */
export type Maker = Pick<Service, 'uid' | 'owner' | 'runtimeDirectories'>;

/** Of a unit that is not known: systemd starts it as root. */
export const ROOT: Maker = { owner: { uid: 0, gid: 0 }, runtimeDirectories: [] };

class Owners {
  readonly #host: HostView;
  /** Who made what, as far as the trace shows. */
  readonly #makers = new Map<string, number>();
  /** Files were given to others, so that what root made may not be root's any more. */
  readonly #given: boolean;
  /** What had its owner or mode changed. */
  readonly #changed = new Set<string>();

  readonly #service: Maker;

  constructor(profile: Profile, host: HostView, service: Maker) {
    const { uid } = service;
    this.#host = host;
    this.#service = service;
    let given = false;
    for (const fact of profile.facts) {
      if (fact.kind === 'capability' && fact.name === 'CAP_CHOWN') given = true;
      if (fact.kind === 'path' && fact.mode === 'create' && fact.errno === undefined)
        this.#makers.set(fact.path, fact.uid ?? uid ?? 0);
      if (fact.kind === 'path' && fact.mode === 'meta' && fact.errno === undefined) this.#changed.add(fact.path);
    }
    this.#given = given;
  }

  /** Owner and mode; a maker's file is taken for private. `unknown`: it is not on this machine, and the trace does not show who made it. */
  of(path: string): Owner | 'unknown' {
    const owner = path.includes('*') ? null : this.#host.owner(path);
    const maker = this.#makers.get(path);
    if (owner !== null) return owner;
    // systemd makes it for the unit's user before each start, and it is gone while the service is stopped.
    if (this.#service.owner !== null && this.#service.runtimeDirectories.includes(path))
      return { ...this.#service.owner, mode: 0o755 };
    return maker === undefined ? 'unknown' : { uid: maker, gid: maker, mode: 0o700 };
  }

  /** Does root lack this right to the path? */
  lacks(path: string, bit: number): Answer {
    const owner = this.of(path);
    if (owner === 'unknown') return NOBODYS.test(path) ? 'no' : 'perhaps';
    if (!permits(ROOT_ALONE, owner, bit)) return 'yes';
    // Made by root, and given away for all that is known.
    return this.#given && this.#changed.has(path) && this.#host.owner(path) === null ? 'perhaps' : 'no';
  }

  /** Does the path belong to somebody else than root? */
  isForeign(path: string, changes: number, given: boolean): Answer {
    const owner = this.of(path);
    if (owner !== 'unknown' && owner.uid !== 0) return given && changes === 1 ? 'no' : 'yes';
    // Made by root, given away and changed after that.
    if (this.#host.owner(path) === null && this.#given && !(given && changes === 1)) return 'perhaps';
    return 'no';
  }
}

/** What root lacks by this answer. */
const lackOf = (name: Lack['name'], answer: Answer, why: string): Lack[] =>
  answer === 'no'
    ? []
    : [{ name, why: answer === 'yes' ? why : `${why}, whose owner is not known`, known: answer === 'yes' }];

const lackFor = ({ path, bit, why }: Right, owners: Owners): Lack[] =>
  lackOf(bit === W ? 'CAP_DAC_OVERRIDE' : 'CAP_DAC_READ_SEARCH', owners.lacks(path, bit), why);

/** What the kernel's own files may take, by the name under which they were asked for. Of whose processes they were is not known. */
function kernelLacks(path: string, mode: PathFact['mode']): Lack[] {
  const lack = (name: Lack['name'], why = `${path} of another user's process`): Lack => ({ name, why, known: false });
  const lacks: Lack[] = [];
  if (PRIVATE_PROC.test(path)) lacks.push(lack('CAP_SYS_PTRACE'));
  if (IN_OWNERS_PROC.test(path) || (OWNERS_PROC.test(path) && mode !== 'stat')) lacks.push(lack('CAP_DAC_READ_SEARCH'));
  if (path.startsWith('/proc/[pid]/') && mode === 'write' && !path.endsWith('/timerslack_ns'))
    lacks.push(lack('CAP_DAC_OVERRIDE'));
  if (/^\/proc\/\[pid\]\/map_files\/./.test(path)) lacks.push(lack('CAP_CHECKPOINT_RESTORE'));
  if (/^\/proc\/\[pid\]\/timerslack_ns$/.test(path)) lacks.push(lack('CAP_SYS_NICE'));
  if (/^\/proc\/(?:self|\[pid\])\/(?:task\/\[tid\]\/)?stack$/.test(path))
    lacks.push(lack('CAP_SYS_ADMIN', `to read ${path}`));
  // user_namespaces(7): root is mapped only by one who might have given files capabilities, other users by one who may become them.
  const map = mode === 'write' ? /^\/proc\/(self|\[pid\])\/([ug])id_map$/.exec(path) : null;
  if (map?.[2] === 'u') lacks.push(lack('CAP_SETFCAP', 'to map root into a user namespace'));
  if (map?.[1] === '[pid]')
    lacks.push(lack(map[2] === 'u' ? 'CAP_SETUID' : 'CAP_SETGID', 'to map others into a user namespace'));
  if (/^\/proc\/(?:self|\[pid\])\/oom_score_adj$/.test(path) && mode === 'write')
    lacks.push(lack('CAP_SYS_RESOURCE', 'to lower oom_score_adj'));
  return lacks;
}

/** Terminals are given to who logs in, and changed after that: login(1). */
const terminalLacks = ({ path, mode, evidence }: PathFact): Lack[] =>
  mode === 'meta' && evidence.count > 1 && /^\/dev\/(?:pts\/|tty)/.test(path) && /chown/.test(evidence.origin.syscall)
    ? [{ name: 'CAP_FOWNER', why: `to change ${path}, which was given away`, known: false }]
    : [];

/** The owner's rights: changing what belongs to another, and deleting it from a sticky directory. Giving it away is CAP_CHOWN's matter. */
function ownersLacks({ path, mode, evidence }: PathFact, owners: Owners): Lack[] {
  const given = /chown/.test(evidence.origin.syscall);
  if (mode === 'meta') return lackOf('CAP_FOWNER', owners.isForeign(path, evidence.count, given), `to change ${path}`);
  const parent = mode === 'delete' ? owners.of(parentOf(path)) : 'unknown';
  if (parent === 'unknown' || (parent.mode & STICKY) === 0 || parent.uid === 0) return [];
  return lackOf('CAP_FOWNER', owners.isForeign(path, 0, false), `to delete ${path} from a sticky directory`);
}

/** For each access what root lacks for it. */
function lacking(owners: Owners): (fact: PathFact) => readonly Lack[] {
  const above = reach(right => lackFor(right, owners));
  const ofPath = (fact: PathFact): readonly Lack[] => {
    if (fact.path === '/' || IN_KERNEL_TREE.test(fact.path))
      return [...kernelLacks(fact.path, fact.mode), ...terminalLacks(fact)];
    const rights = rightsFor(fact);
    // Most paths are only looked up.
    if (rights.length === 0 && fact.mode !== 'meta') return above(fact.path);
    return [...above(fact.path), ...rights.flatMap(right => lackFor(right, owners)), ...ownersLacks(fact, owners)];
  };
  return fact => {
    const { asked, mode } = fact;
    // What lies behind /proc/PID/root, or is open in another process, is asked for by that name.
    return asked !== undefined && PRIVATE_PROC.test(asked)
      ? [...kernelLacks(asked, mode), ...ofPath(fact)]
      : ofPath(fact);
  };
}

/**
 * The capabilities that paths needed, as facts of their own: one for each capability and doubt. On a host of which nothing is known
 * every owner is a doubt. `uid`: the user of the service, when its unit names one.
 */
function ownershipFacts(profile: Profile, host: HostView, service: Maker): Fact<CapabilityAccess>[] {
  const { uid } = service;
  const lacks = lacking(new Owners(profile, host, service));
  const found = new Map<string, Fact<CapabilityAccess>>();
  for (const fact of profile.facts) {
    if (fact.kind !== 'path' || fact.errno !== undefined || (fact.uid ?? uid ?? 0) !== 0) continue;
    const { evidence } = fact;
    for (const { name, why, known } of lacks(fact)) {
      const certain = known && fact.uid === 0;
      const key = `${name} ${certain}`;
      const need = found.get(key);
      // One call is several facts (create and write, and each directory above): their sum would be more than there were calls.
      if (need !== undefined) need.evidence.count = Math.max(need.evidence.count, evidence.count);
      else {
        const { syscall } = evidence.origin;
        found.set(key, { kind: 'capability', name, syscall, certain, detail: why, evidence: { ...evidence } });
      }
    }
  }
  return [...found.values()];
}

/** The profile with those facts in it. */
export const withOwnership = (profile: Profile, host: HostView, service: Maker): Profile => ({
  ...profile,
  facts: [...profile.facts, ...ownershipFacts(profile, host, service)],
});
