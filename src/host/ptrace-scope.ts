// Whether Yama, a security module of Linux, lets strace trace here. A probe by root does not tell what the user of a service may do.
// Source: Documentation/admin-guide/LSM/Yama.rst of the kernel. (Scope 1 is no obstacle: strace -D declares itself by PR_SET_PTRACER.)

import { readFileSync } from 'node:fs';

const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';

/** kernel.yama.ptrace_scope; 0 where there is no Yama. */
function ptraceScope(): number {
  try {
    return Number(readFileSync(SCOPE, 'utf8'));
  } catch {
    return 0;
  }
}

/** What keeps strace from tracing as root (with CAP_SYS_PTRACE), or as another user; null: nothing of Yama's. */
export function yamaObstacle(asRoot: boolean, scope: number = ptraceScope()): string | null {
  if (scope >= 3) return `kernel.yama.ptrace_scope is ${scope}: nobody may trace until the next boot`;
  if (scope === 2 && !asRoot) return 'kernel.yama.ptrace_scope is 2: only root may trace';
  return null;
}
