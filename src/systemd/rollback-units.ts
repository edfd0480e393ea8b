// The dead man's switch of a trial, or of a unit that runs without its sandbox for a moment: a timer that takes the drop-in away, whatever
// has become of allowtrace. Plain systemd; pure text.
// (systemd-run would write such units too, but systemd 252 misreads its quoting at the next daemon-reload.)

import { quoteWord } from './exec-line.ts';

export interface Rollback {
  unit: string;
  /** What is taken away. */
  dropin: string;
  /** Seconds from now. */
  after: number;
  /** What becomes of the service then; null: it is left as it is. */
  verb: 'restart' | 'stop' | null;
  user: boolean;
}

export const rollbackTimer = ({ unit, after }: Rollback): string => `[Unit]
Description=Until the drop-in of allowtrace for ${unit} is taken back

[Timer]
OnActiveSec=${Math.ceil(after)}
AccuracySec=1s
`;

export function rollbackService({ unit, dropin, verb, user }: Rollback): string {
  const systemctl = user ? 'systemctl --user' : 'systemctl';
  return `[Unit]
Description=Take back the drop-in of allowtrace for ${unit}

[Service]
Type=oneshot
ExecStart=rm -f ${quoteWord(dropin)}
ExecStart=${systemctl} daemon-reload
${verb === null ? '' : `ExecStart=-${systemctl} reset-failed ${quoteWord(unit)}\nExecStart=${systemctl} ${verb} ${quoteWord(unit)}\n`}`;
}
