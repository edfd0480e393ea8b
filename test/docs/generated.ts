// What docs/ holds that is made from the tables: path → text.

import { readFileSync } from 'node:fs';
import { COMMON_OPTIONS, manual, optionManuals } from '../../src/commands/manual.ts';
import { DIRECTIVES } from '../../src/policy/directives/table.ts';
import { EQUAL_POWER } from '../../src/policy/equal-power.ts';
import { SYSCALLS } from '../../src/process/syscalls.ts';
import { renderConfigSchema } from '../../src/render/config-schema.ts';
import { renderMan } from '../../src/render/man.ts';
import {
  renderCommandReference,
  renderDirectiveReference,
  renderSyscallReference,
} from '../../src/render/reference.ts';
import { root } from '../support/fixtures.ts';

export async function generated(): Promise<Map<string, string>> {
  const { version }: { version: string } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const commands = await manual();
  const common = optionManuals(COMMON_OPTIONS);
  return new Map([
    ['docs/man/allowtrace.1', renderMan(commands, { version, common })],
    ['docs/schemas/config.schema.json', renderConfigSchema(commands)],
    ['docs/reference/commands.md', renderCommandReference(commands, common)],
    ['docs/reference/directives.md', renderDirectiveReference(Object.entries(DIRECTIVES))],
    ['docs/reference/syscalls.md', renderSyscallReference(Object.entries(SYSCALLS), Object.entries(EQUAL_POWER))],
  ]);
}
