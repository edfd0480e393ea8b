// Which devices can be opened: DevicePolicy=, DeviceAllow= and the settings that imply them. Source: systemd.resource-control(5),
// cgroup_context_apply() of systemd 252. It needs control groups with BPF; where a machine has none, systemd says so and goes on.

import { rowOf } from '../../row.ts';
import { DIRECTIVE_ROWS } from '../directives.ts';
import type { Effect } from '../effects.ts';
import type { Rule, Setting } from './sandbox.ts';

const SETTINGS: ReadonlySet<string> = new Set(['DevicePolicy', 'DeviceAllow', 'ProtectClock', 'PrivateDevices']);

/** Is what this setting does to files of /dev said here? */
export const isDeviceSetting = (name: string): boolean => SETTINGS.has(name);

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

/** The effect of the table: every device but the harmless ones is refused. */
const CLOSED: readonly Effect[] = DIRECTIVE_ROWS.get('DevicePolicy')?.values?.closed ?? [];

/** What cannot be opened, once a policy or any DeviceAllow= closed the rest. */
export function deviceRules(settings: readonly Setting[]): Rule[] {
  const policy = settings.findLast(({ name }) => name === 'DevicePolicy');
  const allowed = settings.filter(({ name }) => name === 'DeviceAllow');
  const closing = policy !== undefined && policy.value !== 'auto' ? policy : allowed[0];
  if (closing === undefined) return [];
  const only = allowed.flatMap(({ value }) => nodes(value) ?? ['/dev']);
  return CLOSED.map(effect => ({
    effect: effect.deny === 'other-paths' ? { ...effect, only: [...effect.only, ...only] } : effect,
    by: closing.by,
  }));
}
