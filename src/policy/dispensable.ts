// What libraries do and do without: it succeeded, but nothing is lost when it is refused. It is kept out of the way of ProcSubset=pid and
// CapabilityBoundingSet=, and no check complains about it. Each row was read in the library's source.

import type { Access } from '../process/access.ts';

/** path → who reads it, and what is done instead. */
// biome-ignore format: one file a line
const FILES: Readonly<Record<string, string>> = {
  '/proc/sys/kernel/ngroups_max':   'glibc (sysconf(3), _SC_NGROUPS_MAX) takes NGROUPS_MAX instead',
  '/proc/sys/kernel/cap_last_cap':  'libcap and libcap-ng ask prctl(PR_CAPBSET_READ) instead',
  '/proc/sys/vm/overcommit_memory': 'glibc (malloc) takes it that memory may be overcommitted',
  '/proc/filesystems':              'libselinux looks for its mount instead',
  '/proc/[tracer]/comm':            'libsystemd looks there whether it is proot that traces, and untraced not at all',
};

/** What a capability was used for, as process/privileges.ts tells it → who did, and what is done instead. */
// biome-ignore format: one call a line
const CALLS: Readonly<Record<string, string>> = {
  // SNDBUF_SIZE and RCVBUF_SIZE of sd-daemon.c, sd-journal's journal-send.c and sd-bus's bus-socket.c.
  'SO_SNDBUFFORCE [8388608] of AF_UNIX': 'libsystemd takes the largest buffer that it gets instead',
  'SO_RCVBUFFORCE [8388608] of AF_UNIX': 'libsystemd takes the largest buffer that it gets instead',
};

/** What was done that can be done without, and why: `/proc/filesystems is read, but …`; null: it cannot. */
export function dispensable(access: Access): string | null {
  if (access.kind === 'capability') {
    const { name, syscall, detail = '' } = access;
    return Object.hasOwn(CALLS, detail) ? `${name} is used for ${syscall} ${detail}, but ${CALLS[detail]}` : null;
  }
  if (access.kind !== 'path' || (access.mode !== 'read' && access.mode !== 'stat')) return null;
  return Object.hasOwn(FILES, access.path) ? `${access.path} is read, but ${FILES[access.path]}` : null;
}
