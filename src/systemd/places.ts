// Where the files of a learning period lie, for the system's manager and for a user's. Runtime places vanish at a reboot.

import { UsageError } from '../errors.ts';

/** The places for one unit; all absolute. */
export interface Places {
  /** The learning drop-in: its name sorts behind any other. */
  dropin: string;
  /** The socket unit that holds the FIFOs open, the service that reads them, and the one that gives up. */
  socket: string;
  collector: string;
  release: string;
  /** Directory of the FIFOs. */
  fifos: string;
  /** Where the collector leaves what it could not save in its place. */
  rescued: string;
  /** What the service had left in /run, while it is learned or tried. */
  aside: string;
  /** The unit that starts it as after a boot. */
  bootStart: string;
  /** What was learned; kept until `service reset`. */
  profile: string;
  /** What a unit did without its sandbox; removed when it has been told. */
  diagnosis: string;
  /** Written when the coverage that was asked for is reached. */
  reached: string;
  /** The unit that takes the drop-in away then. */
  enough: string;
  /** Where a proposal is tried (it outranks what is installed, and is gone after a reboot), and where it is installed for good. */
  trial: string;
  installed: string;
  /** What keeps the installed proposal out of force while the unit is learned: it has its name, and a stronger directory. */
  lifted: string;
  /** The units that take a proposal back when nobody else does. */
  rollback: string;
  rollbackTimer: string;
}

export interface Scope {
  user: boolean;
  env: NodeJS.ProcessEnv;
}

const DROPIN = 'zzzz-allowtrace-learn.conf';
const INSTALLED = 'allowtrace.conf';

interface Roots {
  runtimeUnits: string;
  units: string;
  run: string;
  state: string;
}

function roots({ user, env }: Scope): Roots {
  if (!user)
    return {
      runtimeUnits: '/run/systemd/system',
      units: '/etc/systemd/system',
      run: '/run/allowtrace',
      state: '/var/lib/allowtrace',
    };
  const runtime = env.XDG_RUNTIME_DIR;
  const home = env.HOME;
  if (runtime === undefined || home === undefined)
    throw new UsageError(
      'no-user-manager',
      '--user needs XDG_RUNTIME_DIR and HOME',
      'log in as that user, or: machinectl shell USER@',
    );
  return {
    runtimeUnits: `${runtime}/systemd/user`,
    units: `${env.XDG_CONFIG_HOME ?? `${home}/.config`}/systemd/user`,
    run: `${runtime}/allowtrace`,
    state: `${env.XDG_STATE_HOME ?? `${home}/.local/state`}/allowtrace`,
  };
}

/** Names of the three units that serve the learning of `unit`. */
export const socketName = (unit: string): string => `allowtrace-learn@${instance(unit)}.socket`;
export const collectorName = (unit: string): string => `allowtrace-learn@${instance(unit)}.service`;
export const releaseName = (unit: string): string => `allowtrace-release@${instance(unit)}.service`;
export const enoughName = (unit: string): string => `allowtrace-enough@${instance(unit)}.service`;
export const rollbackName = (unit: string): string => `allowtrace-rollback@${instance(unit)}`;
export const bootStartName = (unit: string): string => `allowtrace-boot@${instance(unit)}.service`;
const instance = (unit: string): string => unit.replace(/\.service$/, '');

/** In the directory of the FIFOs, once the service was started there: what it finds in /run may be what it left. */
export const startedMark = (fifos: string): string => `${fifos}/started`;

export const rescuedIn = (fifos: string): string => `${fifos}/rescued.json`;

/** The unit that a collector serves; null for other names. */
export function learnedUnit(name: string): string | null {
  const found = /^allowtrace-learn@(.+)\.service$/.exec(name)?.[1];
  return found === undefined ? null : `${found}.service`;
}

/** The directories in which collectors are found: runtime first. */
export function unitDirectories(scope: Scope): [runtime: string, persistent: string] {
  const { runtimeUnits, units } = roots(scope);
  return [runtimeUnits, units];
}

/** `persistent`: the learning period outlasts a reboot. */
export function places(unit: string, scope: Scope, persistent: boolean): Places {
  const { runtimeUnits, units, run, state } = roots(scope);
  const base = persistent ? units : runtimeUnits;
  return {
    dropin: `${base}/${unit}.d/${DROPIN}`,
    socket: `${base}/${socketName(unit)}`,
    collector: `${base}/${collectorName(unit)}`,
    release: `${base}/${releaseName(unit)}`,
    fifos: `${run}/${unit}`,
    rescued: rescuedIn(`${run}/${unit}`),
    aside: `${run}/${unit}.aside`,
    bootStart: `${runtimeUnits}/${bootStartName(unit)}`,
    profile: `${state}/${unit}.json`,
    diagnosis: `${state}/${unit}.diagnosis.json`,
    reached: `${state}/${unit}.reached`,
    enough: `${base}/${enoughName(unit)}`,
    trial: `${runtimeUnits}.control/${unit}.d/${INSTALLED}`,
    installed: `${units}/${unit}.d/${INSTALLED}`,
    lifted: `${base}.control/${unit}.d/${INSTALLED}`,
    rollback: `${runtimeUnits}/${rollbackName(unit)}.service`,
    rollbackTimer: `${runtimeUnits}/${rollbackName(unit)}.timer`,
  };
}
