// Commands of the unit with `+`: they are not traced, but meet some settings like all others. What these would take from them is not known.
// With UMask=0077, `ExecStartPre=+mkdir /run/app` makes a directory that the service cannot enter.

import { basename } from 'node:path';
import { concernsDevices, DIRECTIVE_ROWS } from '../../directives/table.ts';
import { type Plan, takenBack } from '../plan.ts';
import type { Target } from '../target.ts';

/** It sends a signal, and does nothing else. */
const HARMLESS = 'kill';

/** Takes from a plan what might stop such a command. Mounts are made of what is there, and stay; of devices there is a word. */
export function besideUnconfined(plan: Plan, { service }: Target): Plan {
  const command = service?.commands.find(({ unconfined, program }) => unconfined && basename(program) !== HARMLESS);
  if (command === undefined) return plan;
  const written = `${command.name}=+${command.program}`;
  const objection = { because: `${written} would meet it too, and is not traced; without its + it is` };
  const kept = takenBack(plan, ({ name }) => {
    const row = DIRECTIVE_ROWS.get(name);
    return row?.plus === true && row.kind !== 'paths' && !concernsDevices(name) ? objection : null;
  });
  const text = `${written} is not traced, and can open no other devices either (DevicePolicy=)`;
  const ofDevices = plan.directives.some(({ name }) => concernsDevices(name));
  return ofDevices ? { ...kept, notes: [...kept.notes, { kind: 'open', text }] } : kept;
}
