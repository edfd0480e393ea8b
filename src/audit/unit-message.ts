// What systemd says of a unit that fails. Sources: systemd's core/exec-invoke.c (before 256 execute.c) and core/unit.c, shared/exit-status.c.

import type { CauseEvent, ExitEvent, StepEvent } from './events.ts';

const UNIT = String.raw`(?<unit>[\w:.\\@-]+\.[a-z]+): `;
const STEP = new RegExp(`^${UNIT}Failed at step (?<step>[A-Z_]+) spawning (?<program>.+): (?<why>[^:]+)$`);
const EXIT = new RegExp(
  `^${UNIT}(?:Main|Control) process exited, code=(?<code>[a-z]+),? ?status=(?<status>\\d+(?:/[A-Z0-9_]+)?)`,
  'i',
);
const CAUSE = new RegExp(`^${UNIT}(?<text>(?:Failed to|Changing|Error|Executable|Unable|Cannot) .*)$`);
/** That a unit failed is no cause. */
const RESULT = /^Failed (?:with result|to (?:start|kill|schedule))/;

/** One message, where it is about why a unit failed. */
export function readUnitMessage(message: string, time?: number): StepEvent | ExitEvent | CauseEvent | null {
  const at = time === undefined ? {} : { time };
  const step = STEP.exec(message)?.groups;
  if (step !== undefined) {
    const { unit = '', step: name = '', program = '', why = '' } = step;
    return { kind: 'step', unit, step: name, program, why, ...at };
  }
  const exit = EXIT.exec(message)?.groups;
  if (exit !== undefined) {
    const { unit = '', code = '', status = '' } = exit;
    return { kind: 'exit', unit, code, status, ...at };
  }
  const { unit = '', text = '' } = CAUSE.exec(message)?.groups ?? {};
  return text === '' || RESULT.test(text) ? null : { kind: 'cause', unit, text, ...at };
}
