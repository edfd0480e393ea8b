// What no sandbox holds: a service that may use a socket which is equivalent to root, and one that runs other people's jobs. Said first.

import { basename } from 'node:path/posix';
import { isBelow } from '../../process/resolve.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Note } from '../policy.ts';
import { reasonOf } from './paths/needs.ts';
import { succeeded } from './plan.ts';
import type { Target } from './target.ts';

/** Who may write to these tells root what to do. Sources: systemd(1), docker(1), podman-system-service(1), libvirtd(8). */
export const ROOT_SOCKETS: readonly string[] = [
  '/run/containerd',
  '/run/docker.sock',
  '/run/libvirt',
  '/run/podman',
  '/run/snapd.socket',
  '/run/systemd/private',
];
/** polkit(8): root may do there whatever its services offer. */
const BUS = '/run/dbus/system_bus_socket';

/** Programs that run what others tell them to: their jobs and sessions get the sandbox too. */
const RUNNERS: ReadonlySet<string> = new Set(
  'anacron atd buildkite-agent cron crond dropbear fcron gitlab-runner login buildbot-worker sshd telnetd in.telnetd Runner.Listener woodpecker-agent'.split(
    ' ',
  ),
);
const SHELLS: ReadonlySet<string> = new Set(['sh', 'ash', 'bash', 'dash', 'fish', 'ksh', 'zsh']);
/** Users that people log in as: login.defs(5), UID_MIN; 65534 is nobody. */
const isPerson = (uid: number | undefined): boolean => uid !== undefined && uid >= 1000 && uid !== 65534;

function rootSockets(profile: Profile, { service }: Target): Note[] {
  const isRoot = service === undefined || service.user === undefined || service.user === 'root';
  const used = succeeded(profile, 'path').filter(
    ({ mode, path }) =>
      mode === 'connect' && (ROOT_SOCKETS.some(top => isBelow(path, top)) || (isRoot && path === BUS)),
  );
  const [first] = used;
  if (first === undefined) return [];
  const text =
    first.path === BUS
      ? `it talks to the system bus as root (${first.path}): what it may ask of others there, such as starting units, no sandbox keeps from it`
      : `it uses ${first.path}, which is equivalent to root: this sandbox does not contain whoever controls it`;
  return [{ kind: 'warning', text, evidence: used.slice(0, 1).map(reasonOf) }];
}

function jobs(profile: Profile, { service }: Target): Note[] {
  const executions = succeeded(profile, 'path').filter(({ mode }) => mode === 'exec');
  const runner = executions.find(({ path }) => RUNNERS.has(basename(path)));
  const session = executions.find(
    ({ path, uid }) => SHELLS.has(basename(path)) && isPerson(uid) && uid !== service?.uid,
  );
  const fact = runner ?? session;
  if (fact === undefined) return [];
  const who =
    runner === undefined
      ? `it runs ${fact.path} as user ${fact.uid ?? ''}`
      : `${basename(fact.path)} runs jobs or sessions of others`;
  const text = `${who}: they get this sandbox too, and need what was not observed; install only what holds for the daemon itself (no path strategy, no SystemCallFilter=, CapabilityBoundingSet=, NoNewPrivileges=), or have it start them in units of their own`;
  return [{ kind: 'warning', text, evidence: [reasonOf(fact)] }];
}

/** The first lines of a proposal that promises less than it seems to. */
export const unholdable = (profile: Profile, target: Target): Note[] => [
  ...rootSockets(profile, target),
  ...jobs(profile, target),
];
