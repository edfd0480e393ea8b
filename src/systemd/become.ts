// How a service is started as its user by a program that runs as root: strace has to run as root, or any process of the service's user
// could write its log. Pure; tried against what systemd itself sets up (ids, groups, all five capability sets, securebits).
// Sources: setpriv(1), systemd.exec(5) («User=», «SupplementaryGroups=», «AmbientCapabilities=»), exec_child() of systemd 252.

import type { Properties } from './systemctl.ts';

/** What the account database says of the unit's user. */
export interface Identity {
  gid: string;
  /** Every group that he is a member of, his own among them. */
  groups: readonly string[];
}

/** What strace needs to start the service as another user and to read its memory. */
const NEEDED = ['sys_ptrace', 'setuid', 'setgid', 'setpcap'] as const;

/** Why the unit's user cannot be left to setpriv; null: he can. */
export function obstacleToBecoming(show: Properties): string | null {
  if (show('DynamicUser') === 'yes') return 'DynamicUser= makes up its user at each start';
  if (show('PAMName') !== '') return 'PAMName= opens a session for its user';
  if (show('PrivateUsers') !== '' && show('PrivateUsers') !== 'no') return 'PrivateUsers= hides other users';
  if (!/^0?$/.test(show('SecureBits'))) return 'SecureBits= keeps capabilities';
  return null;
}

const words = (list: string): string[] => list.split(' ').filter(word => word !== '');
const bare = (capability: string): string => capability.toLowerCase().replace(/^cap_/, '');

/** The words in front of the command, up to and including `--`. */
export function becomeWords(setpriv: string, show: Properties, { gid, groups }: Identity): string[] {
  const group = show('Group') === '' ? gid : show('Group');
  const others = groups.filter(one => one !== gid);
  const all = new Set([group, ...others, ...words(show('SupplementaryGroups'))]);
  const bounding = words(show('CapabilityBoundingSet')).map(bare);
  const given = NEEDED.filter(name => !bounding.includes(name));
  const ambient = words(show('AmbientCapabilities')).map(bare);
  const plus = ambient.map(name => `+${name}`).join(',');
  return [
    setpriv,
    `--reuid=${show('User')}`,
    `--regid=${group}`,
    `--groups=${[...all].join(',')}`,
    ...(given.length === 0 ? [] : [`--bounding-set=${given.map(name => `-${name}`).join(',')}`]),
    ...(ambient.length === 0 ? [] : [`--inh-caps=-all,${plus}`, `--ambient-caps=${plus}`]),
    '--',
  ];
}
