// The system calls of a proposal as a seccomp profile for podman, docker and others that run OCI images. Source: OCI runtime specification,
// config-linux.md, «Seccomp»; the calls of the runtime itself as runc makes them under the filter.

import { UsageError } from '../../errors.ts';
import type { Policy } from '../../policy/policy.ts';
import { syscallSets } from '../../policy/sets.ts';

const ENOSYS = 38;
/** What a runtime does between loading the filter and starting the program. */
const RUNTIME =
  'capget capset chdir close close_range dup3 epoll_ctl exit exit_group faccessat2 fchdir fcntl fstat fstatfs futex getcwd getdents64 getpid getppid lstat mmap mprotect munmap newfstatat openat prctl read rt_sigaction rt_sigprocmask rt_sigreturn setgid setgroups setuid sigaltstack stat statfs umask write'.split(
    ' ',
  );
const NAME = /^[a-z_][a-z0-9_]*$/;

/** The calls that the lines of SystemCallFilter= allow, one after the other as systemd reads them. */
function allowed({ directives, target }: Policy): string[] {
  const sets = syscallSets(target.systemd);
  const members = (word: string): string[] => (word.startsWith('@') ? [...sets(word)] : [word.replace(/:.*$/, '')]);
  const list = new Set(sets('@default'));
  for (const { name, value } of directives) {
    if (name !== 'SystemCallFilter') continue;
    const calls = value.replace(/^~/, '').split(' ').flatMap(members);
    for (const call of calls)
      if (value.startsWith('~')) list.delete(call);
      else list.add(call);
  }
  return [...list].filter(call => NAME.test(call)).sort();
}

/** The profile. Throws UsageError where the proposal has no list of calls. */
export function renderOci(policy: Policy): string {
  if (!policy.directives.some(({ name }) => name === 'SystemCallFilter'))
    throw new UsageError(
      'no-filter',
      'the proposal has no SystemCallFilter=, so there is no seccomp profile',
      'allowtrace explain SystemCallFilter says why',
    );
  const names = allowed(policy);
  const observed = new Set(names);
  return `${JSON.stringify(
    {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: ENOSYS,
      syscalls: [
        { names, action: 'SCMP_ACT_ALLOW', comment: 'the service' },
        {
          names: RUNTIME.filter(name => !observed.has(name)),
          action: 'SCMP_ACT_ALLOW',
          comment: 'broader than observed: the runtime, before it starts the service',
        },
      ],
    },
    null,
    2,
  )}\n`;
}
