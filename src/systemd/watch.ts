// What in a unit's state tells that its sandbox does not let it work. Pure: two looks at the unit in, a sentence out.
// Sources: systemd.service(5), systemd.exec(5) «Process Exit Codes», the messages of systemd 252.

import type { Properties } from './systemctl.ts';

/** The parts of a unit's state that are compared. */
export interface UnitState {
  active: string;
  sub: string;
  result: string;
  restarts: number;
  /** `exited`, `killed`, `dumped`, and its number. */
  code: string;
  status: string;
}

/** si_code of SIGCHLD, as ExecMainCode= prints it. */
const CODES: Readonly<Record<string, string>> = { '1': 'exited', '2': 'killed', '3': 'dumped' };
const SIGSYS = '31';
/** Exit statuses of systemd itself when it could not set up what the unit asks for. */
const SETUP: Readonly<Record<string, string>> = {
  '203': '203/EXEC',
  '226': '226/NAMESPACE',
  '218': '218/CAPABILITIES',
  '228': '228/SECCOMP',
};

export function unitState(show: Properties): UnitState {
  return {
    active: show('ActiveState'),
    sub: show('SubState'),
    result: show('Result'),
    restarts: Number(show('NRestarts')) || 0,
    code: CODES[show('ExecMainCode')] ?? '',
    status: show('ExecMainStatus'),
  };
}

/** How the main process ended, in a few words; '' while it runs or when there was none. */
export function endText({ code, status }: UnitState): string {
  if (code === '') return '';
  if (code !== 'exited')
    return status === SIGSYS ? 'killed by SIGSYS: a system call that is not allowed' : `killed by signal ${status}`;
  const setup = SETUP[status];
  if (setup !== undefined) return `${setup}: systemd could not set up its sandbox`;
  return `exit status ${status}`;
}

/** What went wrong between two looks at a unit that should go on as it did; null: nothing. */
export function trouble(before: UnitState, now: UnitState): string | null {
  const end = endText(now);
  const how = end === '' ? '' : ` (${end})`;
  if (now.active === 'failed') return `it failed: ${now.result}${how}`;
  if (now.restarts > before.restarts) return `systemd had to restart it${how}`;
  if (now.sub === 'auto-restart') return `it ended and waits for a restart${how}`;
  if (before.active === 'active' && now.active === 'inactive') return `it ended${how}`;
  return null;
}

/** Messages of systemd about a process of the unit that only a sandbox explains: `Main process exited, code=killed, status=31/SYS`. */
export const isDenial = (message: string): boolean =>
  /status=31\/SYS|status=22[68]\/|status=203\/EXEC|signal SYS|Failed to set up mount namespacing/.test(message);
