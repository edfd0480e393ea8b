// What a program does only because it is traced. detect_container() of libsystemd (systemd's src/basic/virt.c) wants to know whether proot
// runs it: it reads the kernel's release, then its own status, and where that names a tracer, the name (comm) of that process.

import type { Task } from './state.ts';

/** What it opens below /proc, one after the other, as accesses.ts writes paths. */
const STEPS: readonly string[] = ['/proc/sys/kernel/osrelease', '/proc/self/status', '/proc/[pid]/comm'];

/**
 * Does libsystemd open its tracer here? `path` is what `task` opens for reading, or tries to; a tracer is no process of the log. Whoever
 * opens anything else below /proc in between reads other processes for reasons of his own.
 */
export function isOfTracer(path: string, task: Task): boolean {
  const next = path === STEPS[task.steps] ? task.steps + 1 : path === STEPS[0] ? 1 : 0;
  task.steps = next === STEPS.length ? 0 : next;
  return next === STEPS.length;
}
