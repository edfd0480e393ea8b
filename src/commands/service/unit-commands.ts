// The commands of a loaded unit as host/set-id-reach.ts follows them: their words, and what the variables in them may hold.

import { readFile } from 'node:fs/promises';
import type { UnitCommand } from '../../host/set-id-reach.ts';
import type { Assignment } from '../../policy/findings.ts';
import { unquoted } from '../../systemd/exec-line.ts';
import { tracedCommands } from '../../systemd/learning-unit.ts';
import type { Properties } from '../../systemd/systemctl.ts';

/** `EnvironmentFiles=/etc/default/x (ignore_errors=yes)`, a line for each file. */
const FILE = /^(\/\S.*?) \(ignore_errors=/gm;

export async function unitCommands(assignments: readonly Assignment[], show: Properties): Promise<UnitCommand[]> {
  const files = [...show('EnvironmentFiles').matchAll(FILE)].flatMap(([, path]) => path ?? []);
  const texts = await Promise.all(files.map(path => readFile(path, 'latin1').catch(() => '')));
  const environment = [show('Environment'), ...texts].join('\n');
  return tracedCommands(assignments).map(({ program, words }) => ({
    words: [program, ...words].map(unquoted),
    environment,
  }));
}
