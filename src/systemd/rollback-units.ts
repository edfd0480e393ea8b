// The dead man's switch of a trial: a timer that takes a proposal back, whatever has become of allowtrace. Plain systemd; pure text.
// (systemd-run would write such units too, but systemd 252 misreads its quoting at the next daemon-reload.)

import { quoteWord } from './exec-line.ts';

export interface Rollback {
  unit: string;
  /** The drop-in on trial. */
  trial: string;
  /** Seconds from now. */
  after: number;
  /** The service is to run afterwards. */
  run: boolean;
  user: boolean;
}

export const rollbackTimer = ({ unit, after }: Rollback): string => `[Unit]
Description=Until the proposal of allowtrace for ${unit} is taken back

[Timer]
OnActiveSec=${Math.ceil(after)}
AccuracySec=1s
`;

export function rollbackService({ unit, trial, run, user }: Rollback): string {
  const systemctl = user ? 'systemctl --user' : 'systemctl';
  return `[Unit]
Description=Take back the proposal of allowtrace for ${unit}

[Service]
Type=oneshot
ExecStart=rm -f ${quoteWord(trial)}
ExecStart=${systemctl} daemon-reload
${run ? `ExecStart=-${systemctl} reset-failed ${quoteWord(unit)}\nExecStart=${systemctl} restart ${quoteWord(unit)}\n` : ''}`;
}
