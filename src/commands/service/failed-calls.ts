// The failed calls of a service that runs already: strace attaches to its processes from outside, so that the service's own sandbox stays as
// it is, and is let go at the end. Sources: strace(1) (-p, -e status=failed), setpriv(1) (--pdeathsig), cgroups(7) (cgroup.procs).

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { statusOf } from '../../host/tracees.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import { Observer } from '../../profile/observer.ts';
import type { Profile } from '../../profile/profile.ts';
import { attachArguments, LIVE_LAYOUT, type Strace } from '../../strace/launch.ts';
import { LiveLog } from '../../strace/live-log.ts';

const CGROUPS = '/sys/fs/cgroup';

/** Every process of a control group and of those below it. */
function membersOf(group: string): number[] {
  try {
    const below = readdirSync(group, { withFileTypes: true }).filter(entry => entry.isDirectory());
    const own = readFileSync(join(group, 'cgroup.procs'), 'latin1').split('\n').filter(Boolean).map(Number);
    return [...own, ...below.flatMap(({ name }) => membersOf(join(group, name)))];
  } catch {
    return [];
  }
}

/** Until it has become the service, a process of systemd sets up its sandbox. */
function isManager(pid: number): boolean {
  try {
    return /\/systemd(?:-executor)?$/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return true;
  }
}

interface Attached {
  observer: Observer;
  /** Resolves when strace has let go: to its complaint, '' for none. */
  ended: Promise<string>;
  letGo: () => void;
}

export class FailedCalls {
  readonly #unit: string;
  readonly #strace: Strace;
  readonly #attached: Attached[] = [];
  readonly #tried = new Set<number>();
  /** Why some process could not be watched; null: all are. */
  obstacle: string | null = null;

  constructor(unit: string, strace: Strace) {
    this.#unit = unit;
    this.#strace = strace;
  }

  /** Attaches to those processes of the control group that nobody traces yet; their children are followed. */
  async attach(controlGroup: string): Promise<void> {
    if (controlGroup === '') return;
    const pids = membersOf(join(CGROUPS, controlGroup)).filter(
      pid => !this.#tried.has(pid) && statusOf(pid)?.tracer === 0 && !isManager(pid),
    );
    if (pids.length === 0) return;
    for (const pid of pids) this.#tried.add(pid);
    const log = await LiveLog.create();
    const observer = new Observer({
      id: randomUUID(),
      trace: `trial of ${this.#unit}`,
      mode: 'replay',
      host: hostname(),
      strace: this.#strace.version,
      layout: LIVE_LAYOUT,
    });
    // Should we be killed, strace lets the service go.
    const words = ['--pdeathsig=TERM', '--', this.#strace.path, ...attachArguments(log.path, pids)];
    const child = execa('setpriv', words, { reject: false, stdin: 'ignore', stdout: 'ignore', cleanup: false });
    const read = log.read(chunk => observer.push(chunk));
    const ended = child.then(async ({ stderr, exitCode, failed, isTerminated }) => {
      log.opened();
      await read;
      const complaint = stderr.split('\n').find(line => line.includes(': ')) ?? '';
      const gone = pids.every(pid => statusOf(pid) === null);
      if (failed && !isTerminated && exitCode !== 0 && !gone)
        this.obstacle ??= complaint === '' ? `strace ended with ${exitCode}` : complaint;
      return complaint;
    });
    this.#attached.push({ observer, ended, letGo: () => void child.kill('SIGTERM') });
  }

  /** What has failed so far. */
  profile(): Profile {
    return mergeProfiles(this.#attached.map(({ observer }) => observer.snapshot()));
  }

  /** Different accesses and calls seen so far. */
  get size(): number {
    return this.#attached.reduce((sum, { observer }) => sum + observer.stats.facts, 0);
  }

  /** Lets every process go, and reads what is still in the logs. */
  async end(): Promise<void> {
    for (const { letGo } of this.#attached) letGo();
    await Promise.all(this.#attached.map(({ ended }) => ended));
  }
}
