// Lines with which a service does not start at all. Sources: systemd.exec(5), "process exit codes".

import type { Outcome } from '../effects.ts';
import type { Denial } from './judge.ts';
import type { Sandbox } from './sandbox.ts';

/** A mount that cannot be made, a rule that libseccomp does not take. */
export const failedStarts = ({ mounts, filter }: Sandbox): Denial[] => [
  ...mounts.failures.map(({ by }) => ({ outcome: '226/NAMESPACE', by })),
  ...(filter?.failures ?? []).map(by => ({ outcome: '228/SECCOMP', by })),
];

/** Is the outcome the exit code of a start that failed? */
export const endsStart = (outcome: Outcome): boolean => /^2\d\d\//.test(outcome);
