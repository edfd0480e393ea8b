// What the policy may know of a machine's file system: asked for, never read here. host/file-system.ts is the real one.

export type FileType = 'file' | 'directory' | 'symlink' | 'socket' | 'fifo' | 'device' | 'other';

export interface HostView {
  /** Where the path really leads (all symlinks followed); null when it does not exist. */
  realpath(path: string): string | null;
  /** What the path itself is (a symlink is not followed); null when it does not exist. */
  type(path: string): FileType | null;
  /** What a symlink says; null when the path is none. */
  link(path: string): string | null;
  /** Names in a directory, sorted; null when it is none or cannot be read. */
  entries(path: string): readonly string[] | null;
  /** Owner and permission bits (with set-id bits) of what the path leads to; null when unknown. */
  owner(path: string): { uid: number; gid: number; mode: number } | null;
  /** A user by name or number, and the groups it is a member of beside its own; null when there is none, or it is unknown. */
  user(name: string): { uid: number; gid: number; home: string; groups: readonly number[] } | null;
  /** The number of a group by name or number; null when there is none, or it is unknown. */
  group(name: string): number | null;
  /** Known not to be there when the service starts: where nothing is known of the host, only a trace can show that. */
  isAbsent(path: string): boolean;
  /** tmpfiles.d(5) makes this path at every boot. */
  isMadeAtBoot(path: string): boolean;
  /** False when nothing is known (a log from another host): then `null` says nothing. */
  known: boolean;
}

/** Nothing is known of the host. */
export const UNKNOWN_HOST: HostView = {
  realpath: () => null,
  type: () => null,
  link: () => null,
  entries: () => null,
  owner: () => null,
  user: () => null,
  group: () => null,
  isAbsent: () => false,
  isMadeAtBoot: () => false,
  known: false,
};
