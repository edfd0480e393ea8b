// What a policy is made for: the systemd that will read it, the strategies asked for, what is known of the host.

import type { SyscallSets } from './effects.ts';
import type { HostView } from './host-view.ts';
import type { PathStrategy } from './policy.ts';

export interface Target {
  /** systemd's version number. */
  systemd: number;
  paths: readonly PathStrategy[];
  /** `exact`: the calls that were seen · `groups`: whole @sets where at least half of a set was seen. */
  syscalls: 'exact' | 'groups';
  sets: SyscallSets;
  host: HostView;
  unit?: string;
}
