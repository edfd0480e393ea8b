// The names that strace gives to system calls are the kernel's, with a few exceptions of old versions; systemd takes the kernel's,
// as libseccomp lists them. A test holds every name of the table of system calls against `systemd-analyze`.

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

/** The kernel's name of a call that strace printed. */
export const kernelName = (name: string): string => KERNEL_NAMES[name] ?? name;
