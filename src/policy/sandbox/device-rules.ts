// Which devices can be opened: DevicePolicy=, DeviceAllow= and the settings that imply them. Source: systemd.resource-control(5),
// cgroup_context_apply() of systemd 252. It needs control groups with BPF; where a machine has none, systemd says so and goes on.

import { isBelow } from '../../process/resolve.ts';
import { rowOf } from '../../row.ts';
import { DIRECTIVES } from '../directives/table.ts';
import type { Assignment } from '../findings.ts';
import type { Rule, Setting } from './settings.ts';

/** Groups of devices (/proc/devices) → where their nodes are. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'char-rtc': ['/dev/rtc', '/dev/rtc0'],
  'char-pts': ['/dev/pts'],
  'char-tty': ['/dev/tty'],
  'char-input': ['/dev/input'],
  'char-drm': ['/dev/dri'],
  'char-alsa': ['/dev/snd'],
};

const nodes = (value: string): readonly string[] | null => {
  const [device = ''] = value.split(/\s+/);
  return device.startsWith('/dev/') ? [device] : (rowOf(GROUPS, device) ?? null);
};

/** Can it be told which files of /dev a DeviceAllow= means? */
export const isDeviceKnown = (value: string): boolean => !/^(?:char|block)-/.test(value) || nodes(value) !== null;

/** Does a DeviceAllow= let this device be read? The memory devices are in a group of their own: /proc/devices. */
export const isDeviceAllowed = (path: string, assignments: readonly Assignment[]): boolean =>
  assignments.some(
    ({ name, value }) =>
      name === 'DeviceAllow' && new RegExp(`^(?:${path}|char-mem|char-\\*)(?:\\s+r\\S*)?$`).test(value),
  );

/** What cannot be opened, once a policy or any DeviceAllow= closed the rest: the table says what a policy leaves. */
export function deviceRules(settings: readonly Setting[]): Rule[] {
  const policy = settings.findLast(({ name }) => name === 'DevicePolicy');
  const allowed = settings.filter(({ name }) => name === 'DeviceAllow');
  const closing = policy !== undefined && policy.value !== 'auto' ? policy : allowed[0];
  if (closing === undefined) return [];
  const { values } = DIRECTIVES.DevicePolicy;
  const [{ except }] = policy?.value === 'strict' ? values.strict.denies : values.closed.denies;
  const listed = allowed.map(({ value }) => ({ paths: nodes(value) ?? ['/dev'], writes: /\sr?m?w|^\S+$/.test(value) }));
  const of = (writes: boolean): string[] => listed.flatMap(one => (one.writes === writes ? one.paths : []));
  const readOnly = of(false).filter(path => !of(true).some(top => isBelow(path, top)));
  return [{ effect: { deny: 'devices', except: [...except, ...of(true)], readOnly }, by: closing.by }];
}
