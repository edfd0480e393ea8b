// A proposal as the maintainer of a unit would ship it: nothing that only this machine or its configuration explains, directories that systemd
// makes in place of paths, whole sets of system calls. What that allows beyond the evidence is said. Sources: systemd.exec(5), «System Call
// Filtering» and RuntimeDirectory=; the units of chrony 4.3, redis 7.0 and systemd-resolved, which are laid out like this.

import { isBelow } from '../../../process/resolve.ts';
import { indexOf } from '../../../profile/fact-index.ts';
import type { Profile } from '../../../profile/profile.ts';
import { SERVICE_DIRECTORIES } from '../../directives/places.ts';
import { holds, type Versions } from '../../directives/row.ts';
import { kernelName } from '../../kernel-names.ts';
import type { Directive, Withheld } from '../../policy.ts';
import { inWords } from '../lists/call-sets.ts';
import type { Plan } from '../plan.ts';
import type { Target } from '../target.ts';

/** What the configuration of a machine decides, or describes that machine. */
const LOCAL: Readonly<Record<string, string>> = {
  IPAddressAllow: 'any address',
  IPAddressDeny: 'any address',
  InaccessiblePaths: '',
  NoExecPaths: 'programs in writable directories',
  ReadOnlyPaths: '',
  SocketBindAllow: 'any port',
  SocketBindDeny: 'any port',
};
const BECAUSE = 'the configuration of a machine decides it, or the line describes one (--for upstream)';

/** What comes with another line, or holds without it: systemd.exec(5), PrivateDevices=, KeyringMode=. */
const IMPLIED: Readonly<Record<string, string | null>> = {
  DevicePolicy: 'PrivateDevices',
  KeyringMode: null,
  PrivateMounts: 'ProtectSystem',
};

const PERMISSIONS = 0o7777;
const USUAL_MODE = 0o755;
const WHOLE = '@system-service';
/** Parts of it that most services do not need, and that hold power. */
const EXCLUDED = ['@keyring', '@memlock', '@privileged', '@resources'] as const;
/** From this release on, calls newer than systemd itself get ENOSYS under any filter (NEWS of 255): older ones must say so. */
const OWN_ENOSYS: Versions = { since: 255 };

interface Place {
  setting: string;
  name: string;
  mode: number | undefined;
}

/** The directory that systemd could make for this path: it must belong to the unit's user already, since systemd gives it to him. */
function placeOf(path: string, profile: Profile, { host, service }: Target): Place | null {
  for (const [top, setting] of Object.entries(SERVICE_DIRECTORIES)) {
    if (path === top || !isBelow(path, top)) continue;
    const name = path.slice(top.length + 1).split('/')[0] ?? '';
    const directory = `${top}/${name}`;
    if (!/^[\w.@-]+$/.test(name) || (host.known && host.type(directory) !== 'directory')) return null;
    const owner = host.owner(directory);
    const wanted = service === undefined ? { uid: 0, gid: 0 } : service.owner;
    if (wanted === null) return null;
    if (owner !== null)
      return owner.uid === wanted.uid && owner.gid === wanted.gid
        ? { setting, name, mode: owner.mode & PERMISSIONS }
        : null;
    return isGivenAway(directory, profile) ? null : { setting, name, mode: undefined };
  }
  return null;
}

const isGivenAway = (directory: string, profile: Profile): boolean =>
  indexOf(profile)
    .ofKind('path')
    .some(
      ({ mode, path, evidence }) =>
        mode === 'meta' && isBelow(path, directory) && /chown/.test(evidence.origin.syscall),
    );

const pathOf = (value: string): string => value.replace(/^("?)-/, '$1');

/** Directories that systemd makes instead of paths that are there by chance; one mode serves all of a place. */
function withDirectories(directives: readonly Directive[], profile: Profile, target: Target): Directive[] {
  const kept: Directive[] = [];
  const made = new Map<string, { words: Set<string>; from: Directive; mode: number | undefined }>();
  for (const directive of directives) {
    const { name, value } = directive;
    const own = Object.values(SERVICE_DIRECTORIES).find(setting => setting === name);
    if (own !== undefined) {
      const mode = directives.find(other => other.name === `${own}Mode`)?.value;
      made.set(own, {
        words: new Set(value.split(' ')),
        from: directive,
        mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
      });
    }
  }
  const known = new Set([...made.keys()].flatMap(name => [name, `${name}Mode`]));
  for (const directive of directives) {
    if (known.has(directive.name)) continue;
    const place = directive.name === 'ReadWritePaths' ? placeOf(pathOf(directive.value), profile, target) : null;
    const group = place === null ? undefined : made.get(place.setting);
    if (place === null || (group !== undefined && (group.mode ?? USUAL_MODE) !== (place.mode ?? USUAL_MODE)))
      kept.push(directive.name === 'ReadWritePaths' ? withoutHost(directive) : directive);
    else if (group === undefined)
      made.set(place.setting, { words: new Set([place.name]), from: directive, mode: place.mode });
    else group.words.add(place.name);
  }
  for (const [setting, { words, from, mode }] of made) {
    const because = 'systemd makes it before the service starts';
    const { wider: _, brief: __, ...plain } = from;
    kept.push({ ...plain, name: setting, value: [...words].sort().join(' '), because });
    if (mode !== undefined && mode !== USUAL_MODE)
      kept.push({ ...plain, name: `${setting}Mode`, value: mode.toString(8).padStart(4, '0'), because });
  }
  return kept;
}

/** Whether a path is there is another matter on another machine: what the base of the system does not bring is optional. */
const withoutHost = ({ wider, ...directive }: Directive): Directive => {
  const path = pathOf(directive.value);
  // Where the name is quoted, the prefix stands within the quotes.
  const value = path.split('/').length > 3 ? path.replace(/^"?/, '$&-') : path;
  return { ...directive, value, ...(wider === undefined ? {} : { wider, brief: `all of ${path}` }) };
};

/** `@system-service` less what holds power, and what of it and beyond it was needed all the same. */
function calls(directive: Directive, profile: Profile, { sets }: Target): Directive[] {
  const listed = new Set(directive.value.split(' ').flatMap(word => (word.startsWith('@') ? [...sets(word)] : [word])));
  const always = sets('@default');
  const seen = indexOf(profile)
    .ofKind('syscall')
    .map(({ name }) => kernelName(name))
    .filter(name => !always.has(name));
  const excluded = new Set(EXCLUDED.flatMap(set => [...sets(set)]));
  const isWhole = (name: string): boolean => sets(WHOLE).has(name) && !excluded.has(name);
  const isMissed = (name: string): boolean => !always.has(name) && !isWhole(name);
  // Of families that were observed, the rest comes along, in the words of sets.
  const families = ['@chown', '@setuid'].flatMap(set => [...sets(set)]);
  const missed = new Set([...seen, ...families.filter(name => listed.has(name))].filter(isMissed));
  const again = inWords(missed, new Set([...sets(WHOLE)].filter(isWhole)), sets);
  const line = (value: string, wider?: string): Directive => {
    const { wider: _, brief: __, ...rest } = directive;
    return { ...rest, value, ...(wider === undefined ? {} : { wider, brief: wider }) };
  };
  return [
    line(WHOLE, 'whole sets of system calls'),
    line(`~${EXCLUDED.join(' ')}`),
    ...(again.length === 0 ? [] : [line(again.join(' '))]),
  ];
}

/** Names of hosts lead to either internet, and what logs does so by a local socket. */
function families(directive: Directive): Directive {
  const words = new Set(directive.value.split(' '));
  if (words.has('AF_INET') || words.has('AF_INET6'))
    for (const name of ['AF_INET', 'AF_INET6', 'AF_UNIX']) words.add(name);
  const value = [...words].sort().join(' ');
  if (value === directive.value && directive.wider === undefined) return directive;
  const wider = 'both internets and local sockets';
  return { ...directive, value, wider, brief: wider };
}

/** The draft as a maintainer would ship it. */
export function forUpstream<P extends Pick<Plan, 'directives' | 'withheld'>>(
  draft: P,
  profile: Profile,
  target: Target,
): P {
  const names = new Set(draft.directives.map(({ name }) => name));
  const left: Withheld[] = [];
  const kept = draft.directives.flatMap((directive): Directive[] => {
    const { name, value } = directive;
    if (name in LOCAL) {
      left.push({ name, value, because: BECAUSE, evidence: [] });
      return [];
    }
    const by = IMPLIED[name];
    if (by === null || (by !== undefined && names.has(by))) return [];
    if (name === 'SystemCallFilter') return calls(directive, profile, target);
    if (name === 'SystemCallErrorNumber')
      return [{ ...directive, value: holds(OWN_ENOSYS, target.systemd) ? 'EPERM' : value }];
    return name === 'RestrictAddressFamilies' ? [families(directive)] : [directive];
  });
  return { ...draft, directives: withDirectories(kept, profile, target), withheld: [...draft.withheld, ...left] };
}

/** What such a proposal leaves open, in a few words each. */
export const leftOpen = (withheld: readonly Withheld[]): string[] =>
  [...new Set(withheld.flatMap(({ name, because }) => (because === BECAUSE ? (LOCAL[name] ?? []) : [])))].filter(
    text => text !== '',
  );
