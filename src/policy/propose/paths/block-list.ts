// InaccessiblePaths=: what an intruder reaches for first and the service never used. Shells, downloaders, compilers, schedulers, set-id programs, secrets
// and root-equivalent sockets. Only what exists on the machine is listed, so nothing is said about an unknown one.
// Sources: the files of Debian's packages; systemd.exec(5), InaccessiblePaths= (symlinks are followed: the file that they lead to is hidden).

import type { HostView } from '../../host-view.ts';
import { withParents } from '../../path-sets.ts';
import type { Directive } from '../../policy.ts';
import { quotePath } from '../../quote.ts';
import { type PathNeeds, usedAs } from './needs.ts';
import { directive } from './plan.ts';

/** Where programs are looked for. */
const PROGRAM_DIRECTORIES: readonly string[] = [
  '/usr/bin',
  '/usr/sbin',
  '/bin',
  '/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
];

/** kind → names of programs; a version may follow (`python3.11`, `gcc-12`). */
// biome-ignore format: one kind a line
const PROGRAMS = {
  'shells':                  'sh bash rbash dash zsh fish ksh mksh pdksh csh tcsh busybox elvish nu pwsh',
  'downloaders and tunnels': 'curl wget wget2 aria2c ftp tftp lftp nc ncat netcat socat telnet ssh scp sftp rsync rclone lynx w3m links elinks http',
  'compilers':               'cc c++ gcc g++ cpp clang tcc as ld gold make cmake go rustc cargo javac tsc',
  'interpreters':            'python perl ruby php lua luajit node nodejs deno bun tclsh expect gdb awk gawk mawk',
  'schedulers':              'crontab at batch atq atrm anacron systemd-run busctl systemctl machinectl',
} as const satisfies Record<string, string>;

/** Set-id programs outside of the program directories. */
const HELPERS: readonly string[] = [
  '/usr/lib/dbus-1.0/dbus-daemon-launch-helper',
  '/usr/lib/openssh/ssh-keysign',
  '/usr/lib/polkit-1/polkit-agent-helper-1',
  '/usr/libexec/polkit-agent-helper-1',
  '/usr/lib/snapd/snap-confine',
];

const SECRETS = 'secrets';

// biome-ignore format: one kind a line
const FILES: Readonly<Record<string, readonly string[]>> = {
  [SECRETS]:                        ['/boot', '/etc/NetworkManager/system-connections', '/etc/gshadow', '/etc/gshadow-', '/etc/krb5.keytab', '/etc/openvpn', '/etc/security/opasswd', '/etc/shadow', '/etc/shadow-', '/etc/ssh', '/etc/ssl/private', '/etc/sudoers', '/etc/sudoers.d', '/etc/wireguard', '/var/backups'],
  'root-equivalent sockets':        ['/run/containerd', '/run/dbus', '/run/docker.sock', '/run/libvirt', '/run/podman', '/run/snapd.socket', '/run/systemd/private'],
};

/** A mount holds a file, not its name: mount_namespaces(7), d_invalidate() of fs/dcache.c. */
const REAPPEARS =
  'a file that is replaced by rename, as passwd replaces /etc/shadow, can be read again until the next start';

const VERSION = /(?:[-.]?\d[\d.]*)?$/;
const SET_ID = 0o6000;
const SET_ID_PROGRAMS = 'set-id programs';

interface Found {
  kind: string;
  path: string;
}

function programs(host: HostView): Found[] {
  const kinds = new Map<string, string>(
    Object.entries(PROGRAMS).flatMap(([kind, names]) => names.split(' ').map((name): [string, string] => [name, kind])),
  );
  const found: Found[] = [];
  for (const directory of PROGRAM_DIRECTORIES) {
    if (host.type(directory) !== 'directory') continue;
    for (const name of host.entries(directory) ?? []) {
      const path = `${directory}/${name}`;
      const kind = kinds.get(name) ?? kinds.get(name.replace(VERSION, ''));
      const mode = host.owner(path)?.mode ?? 0;
      if (kind !== undefined) found.push({ kind, path });
      else if ((mode & SET_ID) !== 0) found.push({ kind: SET_ID_PROGRAMS, path });
    }
  }
  for (const path of HELPERS) found.push({ kind: SET_ID_PROGRAMS, path });
  return found;
}

/** Everything that was used in any other way than by looking whether it is there; also by the names it leads to. */
function* usedPaths(needs: PathNeeds, host: HostView): Iterable<string> {
  for (const { path } of usedAs(needs, modes => modes.size > 1 || !modes.has('stat'))) {
    yield path;
    yield host.realpath(path) ?? path;
  }
}

/** What lists of this machine may hold. `setId`: set-id programs too, where they could raise privileges. */
export interface MachineLists {
  setId: boolean;
}

/**
 * One line for each kind. `programs`: false where nothing but what is listed can be executed anyway; `visible` says whether a path is there at all
 * (in an empty root, most are not).
 */
export function blockList(
  needs: PathNeeds,
  host: HostView,
  options: MachineLists & { programs: boolean; visible: (path: string) => boolean },
): Directive[] {
  if (!host.known) return [];
  const candidates: Found[] = Object.entries(FILES).flatMap(([kind, paths]) => paths.map(path => ({ kind, path })));
  if (options.programs) candidates.unshift(...programs(host));
  const used = withParents(usedPaths(needs, host));
  const kinds = new Map<string, Set<string>>();
  for (const { kind, path } of candidates) {
    const real = host.realpath(path);
    if (kind === SET_ID_PROGRAMS && !options.setId) continue;
    if (real === null || !options.visible(real) || used.has(real)) continue;
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(real));
  }
  return [...kinds].map(([kind, paths]) => ({
    ...directive(
      'InaccessiblePaths',
      // Optional: a program that is removed one day must not keep the service from starting.
      [...paths]
        .sort()
        .flatMap(path => quotePath(path, { prefix: '-' }) ?? [])
        .join(' '),
      `${kind} of this machine that the service did not use`,
    ),
    ...(kind === SECRETS && [...paths].some(path => host.type(path) === 'file') ? { wider: REAPPEARS } : {}),
  }));
}
