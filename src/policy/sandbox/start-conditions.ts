// THE TABLE of settings that end a start outside of the sandbox: what they name has to be there before systemd has made any mount. Pure.
// Sources: exec_child() of src/core/execute.c and get_user_creds() of src/basic/user-util.c of systemd 252; systemd.exec(5), «Process exit codes».

import { rowOf } from '../../row.ts';
import type { Outcome } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import type { HostView } from '../host-view.ts';
import { isDeviceAllowed } from './device-rules.ts';
import { booleanOf, wordsOf } from './settings.ts';

/** What becomes of the start: how it ends, or why that is unknown; null: this is no obstacle. */
export type StartAnswer = { outcome: Outcome } | { why: string } | null;

/** What a condition may know. */
export interface StartScene {
  host: HostView;
  /** Is this the machine that the service runs on? Else what is missing here says nothing. */
  here: boolean;
  assignments: readonly Assignment[];
}

type Condition = (by: Assignment, scene: StartScene) => StartAnswer;

/** What is not on the machine ends the start; of another machine it is not known. */
const unless = (isThere: boolean, { here }: StartScene, what: string, outcome: Outcome): StartAnswer =>
  isThere ? null : here ? { outcome } : { why: `whether there is ${what} is not known here` };

/** systemd has these built in: synthesize_user_creds(). */
const BUILT_IN_USERS: ReadonlySet<string> = new Set(['root', '0', 'nobody', '65534']);
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(['root', '0', 'nobody', 'nogroup', '65534']);

const isDynamic = ({ assignments }: StartScene): boolean =>
  assignments.some(({ name, value }) => name === 'DynamicUser' && booleanOf(value) === true);

const user: Condition = ({ value }, scene) =>
  isDynamic(scene)
    ? null
    : unless(BUILT_IN_USERS.has(value) || scene.host.user(value) !== null, scene, `a user ${value}`, '217/USER');

const isGroup = (name: string, { host }: StartScene): boolean => BUILT_IN_GROUPS.has(name) || host.group(name) !== null;

const group: Condition = ({ value }, scene) =>
  isDynamic(scene) ? null : unless(isGroup(value, scene), scene, `a group ${value}`, '216/GROUP');

const groups: Condition = (by, scene) => {
  const lost = wordsOf(by).find(({ text }) => !isGroup(text, scene));
  return lost === undefined ? null : unless(false, scene, `a group ${lost.text}`, '216/GROUP');
};

const GLOB = /[*?[]/;

/** The manager reads it, from the machine's own files, before it starts anything: there is no exit code. */
const environmentFile: Condition = ({ value }, scene) => {
  if (value.startsWith('-')) return null;
  if (GLOB.test(value)) return { why: 'which files a pattern means is not looked at' };
  return unless(scene.host.realpath(value) !== null, scene, value, 'resources');
};

/** `file:`, `append:` and `truncate:` are opened as root, before any mount is made; a missing directory is not made. */
const stream =
  (outcome: Outcome): Condition =>
  ({ value }, scene) => {
    const [, path] = /^(?:file|append|truncate):(\/.*)$/.exec(value) ?? [];
    if (path === undefined) return null;
    const needed = outcome === '208/STDIN' ? path : path.replace(/\/[^/]*$/, '') || '/';
    return unless(scene.host.realpath(needed) !== null, scene, needed, outcome);
  };

/** A credential that is named by an absolute path and set nowhere else: load_credential(). */
const credential: Condition = ({ value }, scene) => {
  const [id = '', path = ''] = value.split(':');
  if (!path.startsWith('/')) return null;
  const isSet = scene.assignments.some(one => /^SetCredential/.test(one.name) && one.value.split(':')[0] === id);
  return isSet ? null : unless(scene.host.realpath(path) !== null, scene, path, '243/CREDENTIALS');
};

/** How much a service needs of it is in no log of system calls. Kernel and systemd set no limit themselves. */
const limit: Condition = ({ name, value }) =>
  /^infinity(?::infinity)?$/.test(value)
    ? null
    : { why: `how much of ${name.slice(5)} the service needs is not in a log` };

/** The soft limit that systemd sets itself: systemd-system.conf(5), DefaultLimitNOFILE=. */
const DEFAULT_NOFILE = 1024;
const openFiles: Condition = (by, scene) => (Number.parseInt(by.value, 10) >= DEFAULT_NOFILE ? null : limit(by, scene));

/** Standard input is /dev/null unless something else is asked for, and is opened inside the control group. */
const devicePolicy: Condition = ({ value }, { assignments }) => {
  if (value !== 'strict' || isDeviceAllowed('/dev/null', assignments)) return null;
  const input = assignments.findLast(({ name }) => name === 'StandardInput')?.value ?? 'null';
  return input === 'null' ? { outcome: '208/STDIN' } : null;
};

/** Another root has to be there. */
const root: Condition = ({ value }, scene) =>
  unless(scene.host.realpath(value.replace(/^[-+]+/, '')) !== null, scene, value, '226/NAMESPACE');

const CONDITIONS: Readonly<Record<string, Condition>> = {
  User: user,
  Group: group,
  SupplementaryGroups: groups,
  EnvironmentFile: environmentFile,
  StandardInput: stream('208/STDIN'),
  StandardOutput: stream('209/STDOUT'),
  StandardError: stream('222/STDERR'),
  LoadCredential: credential,
  LoadCredentialEncrypted: credential,
  LimitAS: limit,
  LimitCPU: limit,
  LimitDATA: limit,
  LimitFSIZE: limit,
  LimitNPROC: limit,
  LimitRTTIME: limit,
  LimitSTACK: limit,
  LimitNOFILE: openFiles,
  DevicePolicy: devicePolicy,
  RootDirectory: root,
  RootImage: root,
};

/** What a line means for the start. */
export const startAnswer: Condition = (by, scene) => rowOf(CONDITIONS, by.name)?.(by, scene) ?? null;
