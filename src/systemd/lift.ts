// THE TABLE of what takes a sandbox off: for each setting the value that denies nothing. `service diagnose` lets a unit run so for a
// moment, to see what it wants. Sources: systemd.exec(5), systemd.resource-control(5); «empty» resets a list there, and
// CapabilityBoundingSet=~ is the full set. Identity (User=, DynamicUser=) and resource limits are no sandbox and stay.

import type { Properties } from './systemctl.ts';

// biome-ignore format: settings of one value on a line
const OPEN: Readonly<Record<string, readonly string[]>> = {
  '':        ['SystemCallFilter', 'SystemCallArchitectures', 'RestrictAddressFamilies', 'RestrictFileSystems', 'ReadWritePaths', 'ReadOnlyPaths', 'InaccessiblePaths', 'ExecPaths', 'NoExecPaths', 'TemporaryFileSystem', 'BindPaths', 'BindReadOnlyPaths', 'DeviceAllow', 'IPAddressAllow', 'IPAddressDeny', 'SocketBindAllow', 'SocketBindDeny', 'RestrictNetworkInterfaces', 'AppArmorProfile', 'SELinuxContext', 'SmackProcessLabel'],
  '~':       ['CapabilityBoundingSet'],
  no:        ['ProtectSystem', 'ProtectHome', 'PrivateTmp', 'PrivateDevices', 'PrivateNetwork', 'PrivateUsers', 'PrivateIPC', 'ProtectHostname', 'ProtectClock', 'ProtectKernelTunables', 'ProtectKernelModules', 'ProtectKernelLogs', 'ProtectControlGroups', 'RestrictNamespaces', 'LockPersonality', 'MemoryDenyWriteExecute', 'RestrictRealtime', 'RestrictSUIDSGID', 'NoNewPrivileges'],
  default:   ['ProtectProc'],
  all:       ['ProcSubset'],
  auto:      ['DevicePolicy'],
};

/** Settings that put a tree at another place: `SOURCE:TARGET:OPTIONS`, as `systemctl show` prints them. */
const BINDS = ['BindPaths', 'BindReadOnlyPaths'] as const;

/** Binds that the service may live by, because they show it something at another path; those of a path onto itself only open it. */
function relocations(show: Properties): string[] {
  return BINDS.flatMap(name =>
    show(name)
      .split(' ')
      .flatMap(word => {
        const [source = '', target = ''] = word.replace(/^-/, '').split(':');
        return source === '' || source === target || target === '' ? [] : [`${name}=-${source}:${target}`];
      }),
  );
}

/** The lines that take the sandbox off. A setting that this systemd does not know (its property is not shown) is left out. */
export function liftedSandbox(show: Properties): string[] {
  const lines = Object.entries(OPEN).flatMap(([value, names]) =>
    names.filter(name => show.has(name)).map(name => `${name}=${value}`),
  );
  return [...lines, ...relocations(show)];
}
