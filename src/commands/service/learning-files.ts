// Putting a running systemd's unit into its learning period and taking it out again: the files that are written, in an order that
// leaves the unit runnable wherever it is cut off. What the files say is decided in systemd/; here they are only put in place.

import { existsSync } from 'node:fs';
import { access, constants, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { UsageError } from '../../errors.ts';
import { yamaObstacle } from '../../host/ptrace-scope.ts';
import { setIdInReach } from '../../host/set-id-reach.ts';
import { didYouMean } from '../../nearest-word.ts';
import { packageFile } from '../../package-files.ts';
import { EXEC_SEARCH } from '../../policy/exec-search.ts';
import { ensureDirectory, writeAtomically } from '../../profile/file.ts';
import { findStrace, straceArguments } from '../../strace/launch.ts';
import { becomeWords, obstacleToBecoming } from '../../systemd/become.ts';
import {
  collectorText,
  enoughText,
  type LearningRecord,
  releaseText,
  socketText,
} from '../../systemd/collector-units.ts';
import { type LearningUnit, learningUnit, startsPrivileged } from '../../systemd/learning-unit.ts';
import { loadedAssignments, settingsOf, withoutSettings } from '../../systemd/loaded-unit.ts';
import { collectorName, places, type Scope, socketName } from '../../systemd/places.ts';
import { type Properties, Systemctl } from '../../systemd/systemctl.ts';
import { endLearning, type Learned, learnedRecord } from './learned-units.ts';
import { lift } from './lifted.ts';
import { type Asked, chooseMode } from './mode.ts';
import { unitCommands } from './unit-commands.ts';

/** strace has --argv0 since 6.4; before, perl is the one program everywhere that sets argv[0] and nothing else. */
const ARGV0_SINCE = [6, 4] as const;
const PERL = ['/usr/bin/perl', '-e', 'exec {shift} @ARGV'] as const;

const collectScript = fileURLToPath(packageFile('build/bundle/collect.cjs'));

function find(name: string, directories: readonly string[]): string | null {
  return directories.map(directory => join(directory, name)).find(path => existsSync(path)) ?? null;
}

/** Whom the service starts as; null: a user that systemd makes up at each start, or not the same for every command. */
async function uidOf(show: Properties, privileged: boolean, user: boolean): Promise<number | null> {
  if (user) return process.getuid?.() ?? null;
  if (show('DynamicUser') === 'yes') return null;
  const name = show('User') === '' ? 'root' : show('User');
  const { stdout, failed } = await execa('id', ['-u', name], { reject: false, stdin: 'ignore' });
  if (failed)
    throw new UsageError('no-account', `User=${name}: there is no such user`, 'the service cannot start either');
  const uid = Number(stdout.trim());
  return privileged && uid !== 0 ? null : uid;
}

/** Whether a program is there for the unit: in its root, or bound into it. */
async function isInside(root: string, program: string, show: Properties): Promise<boolean> {
  const binds = ['BindReadOnlyPaths', 'BindPaths'].flatMap(name => show(name).split(' '));
  const sources = binds.flatMap(bind => {
    const [from = '', to = from] = bind.replace(/^-/, '').split(':');
    return to !== '' && `${program}/`.startsWith(`${to}/`) ? [from + program.slice(to.length)] : [];
  });
  for (const path of [join(root, program), ...sources]) {
    try {
      await access(path, constants.X_OK);
      return true;
    } catch {
      // Not there.
    }
  }
  return false;
}

/** RootDirectory= of the unit; null: the machine's own root. */
async function rootOf(show: Properties, strace: string): Promise<string | null> {
  const image = show('RootImage');
  if (image !== '')
    throw new UsageError(
      'root-image',
      `RootImage=${image}: strace cannot be put into an image`,
      'learn it outside the image',
    );
  const root = show('RootDirectory');
  if (root === '' || root === '/') return null;
  if (await isInside(root, strace, show)) return root;
  throw new UsageError(
    'root-directory',
    `RootDirectory=${root} has no ${strace}`,
    `install strace inside ${root}, or bind it and its libraries into it (BindReadOnlyPaths=)`,
  );
}

function checkRights(systemctl: Systemctl): void {
  if (!systemctl.user && process.getuid?.() !== 0)
    throw new UsageError('not-root', 'services of the system need root', 'sudo allowtrace service …, or --user');
}

/** Words that start a command of the unit as its user from a strace that runs as root; null: strace has to run as that user. */
async function become(
  show: Properties,
  { user, root }: { user: boolean; root: string },
): Promise<{ words: string[] | null; obstacle: string | null }> {
  if (user || (/^(?:root|0)?$/.test(show('User')) && show('DynamicUser') !== 'yes'))
    return { words: null, obstacle: null };
  const obstacle = obstacleToBecoming(show);
  if (obstacle !== null) return { words: null, obstacle };
  const setpriv = find('setpriv', EXEC_SEARCH);
  if (setpriv === null || !(await isInside(root, setpriv, show)))
    return { words: null, obstacle: 'setpriv(1) is not installed there' };
  const id = async (...options: string[]): Promise<string> =>
    (await execa('id', [...options, show('User')], { reject: false, stdin: 'ignore' })).stdout.trim();
  const [gid, groups] = [await id('-g'), await id('-G')];
  if (gid === '') return { words: null, obstacle: `the groups of User=${show('User')} are not known` };
  return { words: becomeWords(setpriv, show, { gid, groups: groups.split(' ') }), obstacle: null };
}

/** A unit of which something may be left: it need not be there any more, or be masked, if it is being learned. */
export async function leftUnit(
  name: string,
  systemctl: Systemctl,
  scope: Scope,
): Promise<{ unit: string; show: Properties; learned: Learned | null; loaded: boolean }> {
  checkRights(systemctl);
  const show = await systemctl.show(name);
  const unit = show('Id');
  const learned = learnedRecord(unit, scope);
  const loaded = show('LoadState') === 'loaded';
  if (learned === null && !loaded && !existsSync(places(unit, scope, false).profile)) await loadedUnit(name, systemctl);
  return { unit, show, learned, loaded };
}

/** systemd knows no such unit: are there any with a name like it? */
async function noSuchUnit(name: string, systemctl: Systemctl): Promise<UsageError> {
  const { stdout } = await systemctl.attempt('list-unit-files', '--no-legend', '--type=service');
  const known = stdout.split('\n').flatMap(line => line.trim().split(/\s+/, 1));
  const list = `systemctl ${systemctl.user ? '--user ' : ''}list-unit-files --type=service`;
  return new UsageError('no-unit', `there is no ${name}`, didYouMean(name, known) ?? `${list} lists them`);
}

/** A unit that systemd has loaded, by its own name (an alias leads to it); an error tells what it is instead. */
export async function loadedUnit(name: string, systemctl: Systemctl): Promise<{ unit: string; show: Properties }> {
  checkRights(systemctl);
  const show = await systemctl.show(name);
  const state = show('LoadState');
  if (state === 'not-found') throw await noSuchUnit(name, systemctl);
  if (state !== 'loaded') throw new UsageError('bad-unit', `${name} is ${state}`, `systemctl status ${name}`);
  return { unit: show('Id'), show };
}

export interface LearningOptions {
  tracing: Asked;
  persistent: boolean;
  /** Learning ends at this coverage. */
  untilCoverage?: number | undefined;
  /** Further settings of the drop-in. */
  extra?: readonly string[];
  /** An installed proposal of ours is no part of the unit: it is out of force meanwhile. */
  lift?: true;
  /** Where to learn; the unit's own profile when absent. */
  profile?: string;
}

/** Writes the units and the drop-in and lets systemd read them; the service itself is not touched yet. */
export async function beginLearning(
  unit: string,
  loaded: Properties,
  scope: Scope,
  options: LearningOptions,
): Promise<Learned & { learning: LearningUnit }> {
  const systemctl = new Systemctl(scope.user);
  const where = places(unit, scope, options.persistent);
  const lifts = options.lift === true && existsSync(where.installed);
  const assignments = await loadedAssignments(loaded, lifts ? [where.installed] : []);
  const show = lifts ? withoutSettings(loaded, await settingsOf(where.installed), assignments) : loaded;
  const strace = await findStrace();
  const program =
    find(basename(strace.path), [...EXEC_SEARCH, ...(scope.env.PATH ?? '').split(delimiter)]) ?? strace.path;
  const root = await rootOf(show, program);
  if (options.persistent && show('DefaultDependencies') === 'no')
    throw new UsageError(
      'too-early',
      `${unit} starts before the collector can (DefaultDependencies=no): at a boot each would wait for the other`,
      'learn it without --persistent, until the next reboot',
    );
  const profile = options.profile ?? where.profile;
  const privileged = startsPrivileged(assignments);
  const uid = await uidOf(show, privileged, scope.user);
  const asRoot = uid === 0 || (privileged && !scope.user);
  const becoming = await become(show, { user: scope.user, root: root ?? '/' });
  const { words: becomes } = becoming;
  const yama = yamaObstacle(uid === 0 || becomes !== null);
  if (yama !== null)
    throw new UsageError(
      'no-ptrace',
      `${unit} cannot be traced: ${yama}`,
      'sysctl kernel.yama.ptrace_scope=1, if it lets you',
    );
  const inReach = async (): Promise<string | null> =>
    root === null
      ? setIdInReach(
          await unitCommands(assignments, show),
          show('ExecSearchPath').replaceAll(' ', ':') || EXEC_SEARCH.join(':'),
        )
      : `its programs lie in RootDirectory=${root}, where they are not followed`;
  // A tracer that is not root's takes that away anyway (ptrace(2)).
  const gains = (asRoot || becomes !== null) && show('NoNewPrivileges') !== 'yes';
  const [mode, why] = await chooseMode(options.tracing, strace, { asRoot, gains, show, profile, inReach });
  const [major = 0, minor = 0] = strace.version.split('.').map(Number);
  const ownArgv0 = major > ARGV0_SINCE[0] || (major === ARGV0_SINCE[0] && minor >= ARGV0_SINCE[1]);
  const perl = (await isInside(root ?? '/', PERL[0], show)) ? PERL : [];
  const learning = learningUnit({
    unit,
    paths: lifts ? [where.dropin, where.lifted] : [where.dropin],
    assignments,
    show,
    asRoot,
    fifos: where.fifos,
    needs: [socketName(unit), collectorName(unit)],
    strace: fifo => [program, ...straceArguments(mode, fifo)],
    // strace would set that of the program that starts the command.
    argv0: ownArgv0 && becomes === null ? 'option' : perl,
    become: becomes,
    resolve: name => (show('ExecSearchPath') === '' ? find(name, EXEC_SEARCH) : null),
    systemctl: scope.user ? 'systemctl --user' : 'systemctl',
    ...(options.extra === undefined ? {} : { extra: options.extra }),
  });
  if (learning.streams.length === 0)
    throw new UsageError(
      'no-command',
      [`${unit} has no command that can be learned`, ...learning.notes].join('; '),
      'rules are for commands that run in the sandbox',
    );
  const cwd = show('WorkingDirectory');
  const record: LearningRecord = {
    format: 'allowtrace-learning',
    version: 1,
    unit,
    since: Math.floor(Date.now() / 1000),
    persistent: options.persistent,
    mode,
    why,
    strace: strace.version,
    streams: learning.streams,
    profile,
    host: hostname(),
    user: scope.user,
    cwd: cwd.startsWith('/') ? cwd : '/',
    uid,
    notifies: show('NotifyAccess') !== 'none',
    ...(becoming.obstacle === null ? {} : { exposed: true }),
    ...(root === null ? {} : { root }),
    ...(gains ? { gains: true } : {}),
    ...(lifts ? { lifted: where.lifted } : {}),
    ...(options.untilCoverage === undefined
      ? {}
      : { until: { coverage: options.untilCoverage, reached: where.reached, dropin: where.dropin } }),
  };
  const plan = {
    record,
    places: where,
    owner: show('DynamicUser') === 'yes' || becomes !== null ? '' : show('User'),
    command: [process.execPath, collectScript],
  };
  try {
    await ensureDirectory(dirname(where.socket));
    await rm(where.reached, { force: true });
    await writeAtomically(where.release, releaseText(plan));
    if (record.until !== undefined) await writeAtomically(where.enough, enoughText(plan));
    await writeAtomically(where.socket, socketText(plan));
    await writeAtomically(where.collector, collectorText(plan));
    await systemctl.reload();
    await systemctl.run('start', socketName(unit), collectorName(unit));
    // Only now, when everything that it names is there, is the unit itself changed.
    if (lifts) await lift(unit, where);
    await ensureDirectory(dirname(where.dropin));
    await writeAtomically(where.dropin, learning.text);
    await systemctl.reload();
  } catch (error) {
    await endLearning({ record, places: where });
    throw error;
  }
  const { obstacle } = becoming;
  if (obstacle !== null)
    learning.notes.push(
      `${obstacle}, so strace runs as the service does: another process of that user could write what is learned; what processes of the service itself write is not believed`,
    );
  return { record, places: where, learning };
}
