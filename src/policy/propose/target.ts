// What a policy is made for: the systemd that will read it, the strategies asked for, what is known of the host and of the unit.

import type { Commands } from '../check/unconfined.ts';
import type { KernelFeature } from '../directives/row.ts';
import type { SyscallSets } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import type { HostView } from '../host-view.ts';
import type { CallStrategy, PathStrategy } from '../policy.ts';

export interface Target {
  /** systemd's version number. */
  systemd: number;
  paths: readonly PathStrategy[];
  /** Trees that `tmpfs` empties instead of the root. */
  empty?: readonly string[];
  syscalls: CallStrategy;
  sets: SyscallSets;
  /** Parts that this systemd was built without, as `systemctl --version` lists them; absent: not known. */
  without?: ReadonlySet<string>;
  host: HostView;
  unit?: string;
  /** For a unit of a user's systemd: his home, which the drop-in calls %h. */
  home?: string;
  service?: Service;
  /** The unit as it is installed, without what allowtrace proposed for it: the lines in force, and its commands. */
  installed?: { assignments: readonly Assignment[]; commands: Commands };
  /** What the kernel is known to grant where the service runs. */
  kernel?: ReadonlySet<KernelFeature>;
  /** Log system calls outside the list instead of refusing them. */
  trial?: boolean;
  /** List what this machine has and the service never used, whatever else is restricted; absent: for the installed unit alone. */
  blockList?: boolean;
  /** For those who ship the unit, not for this machine: see corrections/upstream.ts. */
  upstream?: boolean;
  /** Restrict peers to the addresses that were seen. */
  addresses?: boolean;
  /** Start the service as the user it becomes: gives the account of a number, as this machine knows it. */
  asUser?: (uid: number) => Account | null;
}

export interface Account {
  name: string;
  gid: number;
  /** Name of `gid`. */
  group: string;
}

/** The user and the group of a file. */
export interface Owner {
  uid: number;
  gid: number;
}

/** What is known of the unit, from its installed files. */
export interface Service {
  /** User= as it stands there; absent: root. */
  user?: string;
  /** Its number, when the machine knows it. */
  uid?: number;
  /** Whom systemd gives the directories that it makes for the unit; null: not known beforehand. */
  owner: Owner | null;
  /** RuntimeDirectory= as it stands there: paths. systemd makes them for the unit already. */
  runtimeDirectories: readonly string[];
  type?: string;
  /** WorkingDirectory=, where it is a path. */
  workingDirectory?: string;
  /** UMask= as it stands there. */
  umask?: number;
  /** KillSignal=; absent: SIGTERM. */
  stopSignal?: string;
  /** Lines by which processes outlive the main one, or others know it by its number: `KillMode=process`, `PIDFile=/run/x.pid` … */
  aboutPids?: readonly string[];
  /** Lines by which systemd tells the service what it gives to the process with this number: sd_listen_fds(3), sd_watchdog_enabled(3). */
  givesByPid?: readonly string[];
  /** AmbientCapabilities=, names. */
  ambient: readonly string[];
  /** DefaultDependencies=no without a mount of /tmp to wait for: it may start before there is a /tmp. */
  early?: true;
  /** JoinsNamespaceOf=: it is to share /tmp with another unit. */
  joins?: true;
  /** Directives with a few fixed values as the unit has them, in the words of the table of directives. */
  chosen?: Readonly<Record<string, string>>;
  /** Every Exec…= command of the unit. `unconfined`: prefixed with `+`, so that no sandbox applies. */
  commands: readonly { name: string; program: string; unconfined: boolean }[];
}
