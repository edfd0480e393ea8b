// Files that libraries look at and do without: reading them succeeded, but nothing is lost when they are hidden. They are kept
// out of the way of ProcSubset=pid, and no check complains about them. Each row was read in the library's source.

import type { Access } from '../process/access.ts';

/** path → who reads it, and what is done instead. */
// biome-ignore format: one file a line
export const DISPENSABLE: Readonly<Record<string, string>> = {
  '/proc/sys/kernel/ngroups_max':   'glibc (sysconf(3), _SC_NGROUPS_MAX) takes NGROUPS_MAX instead',
  '/proc/sys/kernel/cap_last_cap':  'libcap and libcap-ng ask prctl(PR_CAPBSET_READ) instead',
  '/proc/sys/vm/overcommit_memory': 'glibc (malloc) takes it that memory may be overcommitted',
  '/proc/filesystems':              'libselinux looks for its mount instead',
};

/** Was only read what can be done without? */
export const isDispensable = (access: Access): boolean =>
  access.kind === 'path' &&
  (access.mode === 'read' || access.mode === 'stat') &&
  Object.hasOwn(DISPENSABLE, access.path);
