// The processes of a live run, as /proc tells them: who is traced, by whom, and who is left when strace is gone.
// It only looks and signals; when to do so is decided by commands/learn/run-traced.ts. Source: proc(5), proc_pid_status(5).

import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** One process of this machine. */
export interface Status {
  pid: number;
  parent: number;
  group: number;
  /** 0: nobody traces it. */
  tracer: number;
  /** It has a seccomp filter. */
  filtered: boolean;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

/** Null when it has ended, zombies included. */
export function statusOf(pid: number): Status | null {
  const text = read(`/proc/${pid}/status`);
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  if (text === '' || /^State:\s*[ZX]/m.test(text)) return null;
  return {
    pid,
    parent: field('PPid'),
    group: field('NSpgid'),
    tracer: field('TracerPid'),
    filtered: field('Seccomp') === 2,
  };
}

const everyPid = (): number[] => readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? [Number(name)] : []));

/** The strace that writes to `log`: it has that name among its arguments, and nobody traces it. */
export function findTracer(log: string): number | null {
  return (
    everyPid().find(
      pid =>
        pid !== process.pid && read(`/proc/${pid}/cmdline`).split('\0').includes(log) && statusOf(pid)?.tracer === 0,
    ) ?? null
  );
}

/** Every process that `tracer` traces. */
export function traceesOf(tracer: number): Status[] {
  return everyPid()
    .flatMap(pid => statusOf(pid) ?? [])
    .filter(status => status.tracer === tracer);
}

/** Those whose parent is not among them: what a service manager would signal. */
export function topmost(processes: readonly Status[]): Status[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  return processes.filter(({ parent }) => !pids.has(parent));
}

/** Did the terminal send its signal to our process group too, so that the command has it already? */
export function isForeground(): boolean {
  const text = read('/proc/self/stat');
  const [, , group, , terminal, foreground] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return terminal !== '0' && group === foreground;
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const cgroupOf = (pid: number | 'self'): string => read(`/proc/${pid}/cgroup`);

/** A dying tracer closes its log before it lets go of its tracees; so long is waited for that. */
const LETTING_GO_MS = 5_000;
const PAUSE_MS = 5;

/**
 * Those of `pids` that live on when the log has ended. `pids` are those that the log knew to live; a number that another process has got
 * meanwhile is told by its control group.
 */
export async function leftBehind(pids: readonly number[]): Promise<number[]> {
  const own = cgroupOf('self');
  for (let waited = 0; ; waited += PAUSE_MS) {
    const alive = pids.flatMap(pid => statusOf(pid) ?? []).filter(({ pid }) => cgroupOf(pid) === own);
    if (waited >= LETTING_GO_MS || alive.every(({ tracer }) => tracer === 0))
      return alive.filter(({ tracer }) => tracer === 0).map(({ pid }) => pid);
    await sleep(PAUSE_MS);
  }
}

/**
 * Kills what a dead strace left with a filter that nobody answers: there every traced call fails with ENOSYS (strace before 6.6).
 * Their children that the log had no time to name are found too.
 */
export function killOrphans(pids: readonly number[]): void {
  const isOrphan = (pid: number): boolean => {
    const status = statusOf(pid);
    return status?.filtered === true && status.tracer === 0;
  };
  const killed = new Set<number>();
  let found = pids.filter(isOrphan);
  while (found.length > 0) {
    for (const pid of found) {
      signal(pid, 'SIGKILL');
      killed.add(pid);
    }
    found = everyPid().filter(pid => !killed.has(pid) && killed.has(statusOf(pid)?.parent ?? 0) && isOrphan(pid));
  }
}
