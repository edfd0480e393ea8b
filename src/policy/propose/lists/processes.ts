// PrivatePIDs=: the main process as process 1 of a namespace, in which there are no others. Sources: pid_namespaces(7); PrivatePIDs= in
// systemd.exec(5); setup_private_pids() and build_environment() of exec-invoke.c of systemd 257. Each rule was tried on 257 and 262.

import { basename } from 'node:path';
import type { Fact, Profile } from '../../../profile/profile.ts';
import { holds } from '../../directives/row.ts';
import { DIRECTIVES, effectsOf } from '../../directives/table.ts';
import { denies } from '../../effects.ts';
import { emptyPlan, type Objection, type Plan, proposed, succeeded, withheld } from '../plan.ts';
import type { Service, Target } from '../target.ts';

const { PrivatePIDs } = DIRECTIVES;

/** systemd 257 writes down the number that the main process has outside (LISTEN_PID, WATCHDOG_PID), 262 the one that it has inside. */
const GIVES_BY_INNER_PID = { since: 262 };

/** They look into other processes, or keep hold of them. */
const INTO_OTHERS: ReadonlySet<string> = new Set(
  'ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd'.split(' '),
);

/** KillSignal= of a unit that says nothing: systemd.kill(5). */
const SIGTERM = 'SIGTERM';

/** Commands that run in a namespace of their own, and so can neither see nor signal the main process. */
const BESIDE_MAIN: ReadonlySet<string> = new Set(['ExecStartPost', 'ExecReload', 'ExecStop', 'ExecStopPost']);

/** Files that hold the number of a process by convention: who reads them outside would take it for one of the machine's. */
const HOLDS_PID = /(?:\.pid|[./_-]?(?:pid|lock|lck))$/i;

/** What the unit says that cannot be with it. */
function unitObjection(service: Service, { systemd, unit, host }: Target): Objection | null {
  const { type = 'simple', aboutPids = [], givesByPid = [] } = service;
  if (type === 'forking') return { because: 'systemd does not start a service of Type=forking with it' };
  if (type === 'oneshot') return { because: 'Type=oneshot: what its commands leave running would end with them' };
  const [line] = aboutPids;
  if (line !== undefined) return { because: `${line}: the number of the main process counts, or others outlive it` };
  const command = service.commands.find(({ name, unconfined }) => BESIDE_MAIN.has(name) && !unconfined);
  if (command !== undefined)
    return {
      because: `${command.name}=${command.program} would run in a namespace of its own, where it cannot signal the main process; with + in front it can`,
    };
  if (holds(GIVES_BY_INNER_PID, systemd)) return null;
  const socket = `${unit?.replace(/\.service$/, '')}.socket`;
  const isThere = ['/etc', '/run', '/usr/lib', '/lib'].some(
    top => host.type(`${top}/systemd/system/${socket}`) !== null,
  );
  const [given = isThere ? socket : undefined] = givesByPid;
  return given === undefined
    ? null
    : {
        because: `${given}: systemd ${systemd} tells the service the number that it has outside, so it would not take what it is given`,
      };
}

/** What was observed of the service that cannot be with it. */
function factObjection(profile: Profile, { systemd, sets }: Target): Objection | null {
  const effects = effectsOf(PrivatePIDs.values.yes, systemd);
  const denied = profile.facts.find(
    fact =>
      !('errno' in fact && fact.errno !== undefined) && effects.some(effect => denies(effect, fact, sets) !== null),
  );
  if (denied !== undefined) return { because: PrivatePIDs.says, facts: [denied] };
  const objections: readonly [because: string, facts: readonly Fact[]][] = [
    ['other processes were looked into', succeeded(profile, 'syscall').filter(({ name }) => INTO_OTHERS.has(name))],
    [
      'processes were listed',
      succeeded(profile, 'path').filter(({ mode, path }) => mode === 'list' && path === '/proc'),
    ],
    [
      'it may hold the number of a process, which others would look for outside',
      succeeded(profile, 'path').filter(
        ({ mode, path }) => (mode === 'create' || mode === 'write') && HOLDS_PID.test(path),
      ),
    ],
    [
      'should its parent end first, the main process would have to wait for it, as process 1 does',
      succeeded(profile, 'feature').filter(({ name }) => name === 'grandchild'),
    ],
  ];
  for (const [because, facts] of objections) if (facts.length > 0) return { because, facts };
  return null;
}

/** Does the program that the service starts with handle the signal by which it is stopped? The kernel ignores it for process 1 otherwise. */
function stopObjection(profile: Profile, service: Service, target: Target): Objection | null {
  const signal = service.stopSignal ?? SIGTERM;
  const [main] = service.commands.filter(({ name }) => name === 'ExecStart');
  if (main === undefined) return { because: 'the unit has no ExecStart=' };
  const program = target.host.realpath(main.program) ?? main.program;
  const isMain = (path: string): boolean =>
    path === program || path === main.program || (!main.program.startsWith('/') && basename(path) === main.program);
  const handled = succeeded(profile, 'feature').some(
    ({ name, value, evidence }) => name === 'handles-signal' && value === signal && evidence.by.some(isMain),
  );
  return handled
    ? null
    : {
        because: `as process 1 of its namespace ${main.program} would ignore ${signal}, for which no handler was observed: a stop would last until TimeoutStopSec=`,
      };
}

/** PrivatePIDs=yes, where it is known to harm nothing. */
export function privatePids(profile: Profile, target: Target): Plan {
  const plan = emptyPlan();
  if (!holds(PrivatePIDs, target.systemd)) return plan;
  const { service, home, kernel } = target;
  const objection: Objection | null =
    service === undefined
      ? { because: 'without the unit neither its Type= nor its commands are known' }
      : home !== undefined
        ? { because: 'a systemd of a user may lack the right to mount /proc' }
        : kernel?.has(PrivatePIDs.kernel) !== true
          ? {
              because: `the service would not start on a machine without PID namespaces, and nothing is known of this one's`,
            }
          : (unitObjection(service, target) ??
            factObjection(profile, target) ??
            stopObjection(profile, service, target));
  if (objection === null) {
    const stop = service?.stopSignal ?? SIGTERM;
    const handled = succeeded(profile, 'feature').filter(
      ({ name, value }) => name === 'handles-signal' && value === stop,
    );
    plan.directives.push(proposed('PrivatePIDs', 'yes', PrivatePIDs.says, handled));
  } else plan.withheld.push(withheld('PrivatePIDs', 'yes', objection.because, objection.facts));
  return plan;
}
