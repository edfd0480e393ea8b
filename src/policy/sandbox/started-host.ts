// The machine as it is once systemd has made what a unit asks for: directories, and the symlinks to them. Pure.
// Source: setup_exec_directory() of systemd 252: for a dynamic user `name` is a symlink to `private/name`.

import type { FileType, HostView } from '../host-view.ts';
import { madeDirectories } from './mount-entries.ts';
import type { Sandbox } from './sandbox.ts';

/** The host with the directories of a unit, where it does not have them yet. */
export function startedHost(host: HostView, { assignments, settings, context: { systemd } }: Sandbox): HostView {
  const dynamicUser = settings.some(({ name, value }) => name === 'DynamicUser' && value === 'yes');
  const types = new Map<string, FileType>();
  const targets = new Map<string, string>();
  for (const by of assignments)
    for (const { path, real, links } of madeDirectories(by, { dynamicUser, systemd })) {
      types.set(real, 'directory');
      for (const link of path === real ? links : [path, ...links]) {
        types.set(link, 'symlink');
        targets.set(link, real);
      }
    }
  if (types.size === 0) return host;
  const isMade = (path: string): boolean => host.type(path) === null && types.has(path);
  return {
    ...host,
    type: path => host.type(path) ?? types.get(path) ?? null,
    link: path => (isMade(path) ? (targets.get(path) ?? null) : host.link(path)),
    realpath: path => (isMade(path) ? (targets.get(path) ?? path) : host.realpath(path)),
    isAbsent: path => !types.has(path) && host.isAbsent(path),
  };
}
