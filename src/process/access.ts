// What a process asked of the kernel, in the words the rest of allowtrace is written in.
// Types only. Names are JavaScript strings; bytes that are not UTF-8 appear as lone surrogates U+DC80–U+DCFF
// (Python's surrogateescape, PEP 383), so every file name survives a round trip through JSON.

/**
 * What is done to a path.
 *
 * - `stat` look-up or metadata read · `read` content · `list` directory content · `write` content
 * - `create` / `delete`: a directory entry appears or disappears: the PARENT must be writable
 * - `meta` inode metadata written · `exec` execve · `map` mapped executable (libraries)
 * - `connect` to an AF_UNIX socket · `bind` an AF_UNIX socket is made (always with `create`)
 * - `mount` · `watch` (inotify, fanotify) · `chdir` · `chroot`
 */
export type Mode =
  | 'stat'
  | 'read'
  | 'list'
  | 'write'
  | 'create'
  | 'delete'
  | 'meta'
  | 'exec'
  | 'map'
  | 'connect'
  | 'bind'
  | 'mount'
  | 'watch'
  | 'chdir'
  | 'chroot';

/** A path was used. `errno` is set when the kernel refused. */
export interface PathAccess {
  kind: 'path';
  mode: Mode;
  /** The host's path: after cwd, dirfd, chroot and, where strace shows it (-y), the kernel's own answer (symlinks resolved). */
  path: string;
  /** The host path as it was named, lexically normalised; only when it differs from `path` (a symlink lies between). */
  asked?: string;
  errno?: string;
  /** Effective uid of the process, when the log or the launcher tells it. */
  uid?: number;
  /** `path` holds `*` in place of volatile names (pids, random or dated names) that were folded: a pattern, not a name. */
  pattern?: true;
  /** Not in the log: concluded by allowtrace (an ELF or `#!` interpreter of an executed file, which strace cannot show). */
  inferred?: string;
}

/** rename(2) or link(2) between two names: both must lie on one mount, or the call fails with EXDEV. Host paths. */
export interface MoveAccess {
  kind: 'move';
  call: 'rename' | 'link';
  from: string;
  to: string;
  errno?: string;
}

/** A system call was made. `assumed`: not traced, allowed because the learning mode leaves such calls out. */
export interface SyscallAccess {
  kind: 'syscall';
  /** strace's name of it; `abi` is set for calls of another personality than the native one. */
  name: string;
  abi?: 'i386' | 'x32';
  assumed?: true;
}

/** socket(2). Names as strace prints them: AF_INET, SOCK_STREAM (flags removed), IPPROTO_TCP. */
export interface SocketAccess {
  kind: 'socket';
  family: string;
  type: string;
  protocol?: string;
  errno?: string;
}

/** An internet address was used. Ephemeral peer ports are folded to 0. AF_UNIX path names are `path` accesses; abstract names come here as `address`. */
export interface AddressAccess {
  kind: 'address';
  op: 'bind' | 'connect' | 'send';
  family: string;
  /** Numeric host (`127.0.0.1`, `::1`) or `@name` of an abstract AF_UNIX socket. */
  address: string;
  port?: number;
  /** `tcp`, `udp`, … when the socket's type is known. */
  transport?: string;
  errno?: string;
}

/** A successful call needed this capability (or, `certain: false`, may have needed it: the log does not show ownership). */
export interface CapabilityAccess {
  kind: 'capability';
  /** `CAP_CHOWN` … as in capabilities(7). */
  name: string;
  syscall: string;
  certain: boolean;
  /** It is a file capability of a program that was executed: execve(2) fails if the bounding set lacks it, whoever the user is. */
  from?: 'file';
  /** What about the call needed it: `port 25`, `uid 110`, `/var/spool/smtpd owned by 110`. */
  detail?: string;
  errno?: string;
}

/** A namespace was made or entered: `mnt`, `net`, `user`, `pid`, `ipc`, `uts`, `cgroup`, `time`. */
export interface NamespaceAccess {
  kind: 'namespace';
  type: string;
  call: string;
  errno?: string;
}

/** Memory that is writable and executable at once (`map`) or made executable after the fact (`protect`): what MemoryDenyWriteExecute= refuses. */
export interface MemoryAccess {
  kind: 'memory';
  what: 'map' | 'protect' | 'shmat';
  errno?: string;
}

/** Anything else whose arguments decide about a directive; `name` comes from the table of features. */
export interface FeatureAccess {
  kind: 'feature';
  /**
   * `realtime` (value: SCHED_FIFO …) · `suid-sgid` (value: octal mode; chmod/open/mkdir/mknod with S_ISUID or S_ISGID) · `personality` ·
   * `made-for-others` (value: octal; something was made whose group or others may use it, under the umask of the start) · `peer-credentials` · `no-new-privs` (prctl) · `identity` (value: `uid 110`, `gid 110`, `groups 110 …`) · `mknod-device` (value: char|block) ·
   * `io-uring` · `signal-foreign` (to one process that is not in the log) · `handles-signal` (value: SIGTERM …; of the main process) ·
   * `stopped-by` (value: the signal whose default action ended the main process) · `grandchild` (a process that is not the main one made one) · `ipc` (value: sysv|posix-mq) · `own-seccomp` · `chroot` · `setuid-exec`, `file-capabilities` (value: path of the program that was executed) · `notify` …
   */
  name: string;
  value?: string;
  /** It only may have happened: the log does not show what would decide. */
  certain?: false;
  errno?: string;
}

/** One program that ran: its executable, who started it, its root and first cwd (host paths). */
export interface ProcessAccess {
  kind: 'process';
  exe: string;
  parent?: string;
  root?: string;
  cwd?: string;
}

/** A path that could not be resolved (unknown cwd or dirfd): reported, never guessed, never a rule. */
export interface UnresolvedAccess {
  kind: 'unresolved';
  mode: Mode;
  asked: string;
}

/** Something happened that strace cannot show completely (io_uring, unknown syscall, foreign mount namespace …). */
export interface BlindAccess {
  kind: 'blind';
  what: string;
}

/** The union of everything that can be observed. Two accesses are the same fact when all their fields are equal. */
export type Access =
  | PathAccess
  | MoveAccess
  | SyscallAccess
  | SocketAccess
  | AddressAccess
  | CapabilityAccess
  | NamespaceAccess
  | MemoryAccess
  | FeatureAccess
  | ProcessAccess
  | UnresolvedAccess
  | BlindAccess;

/** Where in a log something was seen: `trace` is the log's name, `line` counts from 1 (the line on which the call ends). */
export interface Origin {
  trace: string;
  line: number;
  pid: number | null;
  syscall: string;
  /** Not traced: a record names the call, and says nothing of its arguments. Absent: strace showed it. */
  from?: 'audit log' | 'kernel log' | 'journal' | 'strace -c';
}
