// The names that strace gives to system calls are the kernel's, with a few exceptions of old versions; systemd takes the kernel's,
// as libseccomp lists them. A test holds every name of the table of system calls against `systemd-analyze`.

import { rowOf } from '../row.ts';

/** strace's name → the kernel's, where they differ. */
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  // strace before 4.7 left the size out.
  pread: 'pread64',
  pwrite: 'pwrite64',
  // The old call without flags is known by this name on 32 bit machines only; on others strace means umount2.
  umount: 'umount2',
  llseek: '_llseek',
  posix_fadvise: 'fadvise64',
};

/** The first of the numbers that mean one call on every architecture (alpha left aside). Source: scripts/syscall.tbl of Linux 7.2. */
const COMMON = 424;
/** Calls by their number, from COMMON on: a strace that is older than the kernel prints `syscall_0x1c4`. */
const SINCE_COMMON =
  'pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns rseq_slice_yield'.split(
    ' ',
  );
const UNNAMED = /^syscall_(0x[0-9a-f]+)$/;

/** The kernel's name of a call that strace printed; a number that is not known stays as it is. */
export function kernelName(name: string): string {
  const number = UNNAMED.exec(name)?.[1];
  return number === undefined ? (rowOf(KERNEL_NAMES, name) ?? name) : (SINCE_COMMON[Number(number) - COMMON] ?? name);
}
