// Which way of tracing is safe for a service: what strace can do here, whom the service runs as, and what earlier runs of it showed.

import { existsSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import { metIn } from '../../host/tracing-mode.ts';
import { readProfile } from '../../profile/file.ts';
import type { Profile } from '../../profile/profile.ts';
import { probeTracing, type Strace, type Tracing } from '../../strace/launch.ts';

/** `auto` chooses. */
export type Asked = 'auto' | Tracing;

/**
 * Which way of tracing is safe for this unit, and why. `gains`: what it executes may gain privileges without a filter; `inReach`: why it might start a set-id program as root (host/set-id-reach.ts).
 */
export async function chooseMode(
  asked: Asked,
  strace: Strace,
  {
    asRoot,
    gains,
    show,
    profile,
    inReach,
  }: {
    asRoot: boolean;
    gains: boolean;
    show: (name: string) => string;
    profile: string;
    inReach: () => Promise<string | null>;
  },
): Promise<[Tracing, string]> {
  if (asked === 'complete') {
    await probeTracing(strace, 'complete');
    return ['complete', 'asked for'];
  }
  const obstacle = await probeTracing(strace, 'seccomp');
  if (asked === 'seccomp') {
    if (obstacle !== null) throw new UsageError('no-seccomp', `--tracing seccomp does not work here: ${obstacle}`);
    return ['seccomp', 'asked for'];
  }
  if (obstacle !== null) return ['complete', `a filter does not work here: ${obstacle}`];
  const before = await earlierRuns(profile);
  const met = metIn(before, gains);
  if (met !== null) return ['complete', `${met} in an earlier run`];
  if (!asRoot) return ['seccomp', 'the service does not run as root'];
  if (show('NoNewPrivileges') === 'yes') return ['seccomp', 'the unit has NoNewPrivileges=yes already'];
  if (before?.runs.some(({ mode }) => mode === 'complete'))
    return ['seccomp', 'in a complete run before, no set-uid program was started'];
  const against = await inReach();
  return against === null
    ? ['seccomp', 'nothing in its reach gains privileges when it is executed']
    : ['complete', `a filter would break set-uid programs or hide calls: ${against}`];
}

/** What is known of earlier runs; null when there was none, or its profile cannot be read. */
export async function earlierRuns(path: string): Promise<Profile | null> {
  if (!existsSync(path)) return null;
  try {
    return await readProfile(path);
  } catch {
    return null;
  }
}
