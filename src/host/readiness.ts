// Is this machine ready to learn and to run sandboxes? One row a requirement, each with the fix where it is not met. It reads, and starts
// nothing but probes of strace.

import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import { UsageError } from '../errors.ts';
import { findStrace, isOlder, probeTracing, type Strace } from '../strace/launch.ts';
import { missingFeatures, systemdVersion } from '../systemd/version.ts';
import { yamaObstacle } from './ptrace-scope.ts';

/** `limited`: a part of allowtrace is of no use, or says less. */
export interface Finding {
  about: string;
  state: 'ok' | 'limited' | 'missing';
  text: string;
  fix?: string;
}

const ok = (about: string, text: string): Finding => ({ about, state: 'ok', text });

function failed(about: string, error: unknown, state: Finding['state'] = 'missing'): Finding {
  if (!(error instanceof UsageError)) throw error;
  return { about, state, text: error.message, ...(error.hint === undefined ? {} : { fix: error.hint }) };
}

async function straceFindings(): Promise<Finding[]> {
  let strace: Strace;
  try {
    strace = await findStrace();
  } catch (error) {
    return [failed('strace', error)];
  }
  const kernel = release();
  const version: Finding = isOlder(strace, kernel)
    ? {
        about: 'strace',
        state: 'limited',
        text: `strace ${strace.version} is older than Linux ${kernel}: it has no names for newer calls`,
        fix: 'install a newer strace, for example from the backports of the distribution',
      }
    : ok('strace', `strace ${strace.version}`);
  return [version, await tracing(strace)];
}

async function tracing(strace: Strace): Promise<Finding> {
  const obstacle = yamaObstacle(process.getuid?.() === 0);
  if (obstacle !== null)
    return {
      about: 'tracing',
      state: 'missing',
      text: obstacle,
      fix: 'sysctl kernel.yama.ptrace_scope=1 (3 needs a reboot)',
    };
  try {
    await probeTracing(strace, 'complete');
    const filter = await probeTracing(strace, 'seccomp');
    return filter === null
      ? ok('tracing', 'strace can trace, with a seccomp filter too')
      : {
          about: 'tracing',
          state: 'limited',
          text: `strace can trace, but slowly: ${filter}`,
          fix: 'none is needed: --tracing complete works',
        };
  } catch (error) {
    return failed('tracing', error);
  }
}

/** The oldest release that is modelled. */
const OLDEST_SYSTEMD = 247;
const BPF = 'BPF_FRAMEWORK';

async function systemdFindings(): Promise<Finding[]> {
  const version = await systemdVersion();
  if (version === null)
    return [
      {
        about: 'systemd',
        state: 'limited',
        text: 'systemctl is not installed: `service`, the check by systemd-analyze and the score are not available',
        fix: 'run `service` where systemd runs; elsewhere, name the target with --systemd VERSION',
      },
    ];
  const without = (await missingFeatures()) ?? new Set<string>();
  const lacks = (name: string, effect: string): Finding[] =>
    without.has(name)
      ? [
          {
            about: 'systemd',
            state: 'limited',
            text: `systemd was built without ${name}: ${effect}`,
            fix: 'use a systemd that was built with it',
          },
        ]
      : [];
  const supported: Finding =
    version >= OLDEST_SYSTEMD
      ? ok('systemd', `systemd ${version}`)
      : {
          about: 'systemd',
          state: 'limited',
          text: `systemd ${version} is older than ${OLDEST_SYSTEMD}, the oldest release that allowtrace models`,
          fix: 'review every line of a proposal by hand',
        };
  const manager: Finding = existsSync('/run/systemd/system')
    ? ok('service manager', 'systemd runs this machine')
    : {
        about: 'service manager',
        state: 'limited',
        text: 'systemd does not run this machine, so `allowtrace service` cannot learn here',
        fix: 'use `allowtrace learn` or `replay`, or run it on the host of the service',
      };
  return [
    supported,
    manager,
    ...lacks('SECCOMP', 'SystemCallFilter= and similar are ignored'),
    ...lacks(BPF, 'SocketBindAllow= and RestrictFileSystems= are ignored'),
  ];
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
};

/** Parts of the kernel that directives rest on. Sources: seccomp(2), user_namespaces(7), cgroups(7). */
function kernelFindings(): Finding[] {
  const limited = (text: string, fix: string): Finding => ({ about: 'kernel', state: 'limited', text, fix });
  const found = [
    read('/proc/sys/kernel/seccomp/actions_avail') === null
      ? limited(
          'the kernel has no seccomp filters: SystemCallFilter= is ignored',
          'use a kernel with CONFIG_SECCOMP_FILTER',
        )
      : null,
    read('/proc/sys/user/max_user_namespaces') === '0'
      ? limited(
          'user namespaces are disabled: a service with PrivateUsers= does not start',
          'sysctl user.max_user_namespaces=15000',
        )
      : null,
    existsSync('/sys/fs/cgroup/cgroup.controllers')
      ? null
      : limited(
          'no unified control groups: IPAddressDeny= and DeviceAllow= act differently',
          'boot with systemd.unified_cgroup_hierarchy=1',
        ),
  ].filter(one => one !== null);
  return found.length > 0
    ? found
    : [ok('kernel', `Linux ${release()}: seccomp, user namespaces and unified control groups`)];
}

function permissionFinding(): Finding {
  return process.getuid?.() === 0
    ? ok('permissions', 'root: services of the system can be learned')
    : {
        about: 'permissions',
        state: 'limited',
        text: 'not root: only your own commands and units (--user) can be learned',
        fix: 'sudo allowtrace service …',
      };
}

const ROOM = 200e6;

/** The directory itself, or the nearest above it that exists. */
function existing(path: string): string {
  return existsSync(path) || path === '/' ? path : existing(dirname(path));
}

function diskFinding(path: string): Finding {
  const at = existing(path);
  const { bavail, bsize } = statfsSync(at);
  const free = bavail * bsize;
  const room = `${Math.round(free / 1e6)} MB free`;
  if (free < ROOM)
    return {
      about: 'disk',
      state: 'limited',
      text: `${path}: ${room}`,
      fix: `make room: a busy service needs up to ${ROOM / 1e6} MB`,
    };
  try {
    accessSync(at, constants.W_OK);
    return ok('disk', `${path}: ${room}`);
  } catch {
    return {
      about: 'disk',
      state: 'limited',
      text: `${path} is not writable here`,
      fix: 'use sudo, or --profile FILE in a directory of your own',
    };
  }
}

/** All requirements, in the order in which they matter. `profiles`: where profiles of services are kept. */
export async function readiness(profiles: string): Promise<Finding[]> {
  return [
    ...(await straceFindings()),
    ...(await systemdFindings()),
    ...kernelFindings(),
    permissionFinding(),
    diskFinding(profiles),
  ];
}
