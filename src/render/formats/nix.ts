// A proposal as a module of NixOS: serviceConfig, where a list is a line of the unit for each of its words. Source: NixOS manual,
// systemd.services.<name>.serviceConfig; Nix manual, «String literals».

import { DIRECTIVE_ROWS } from '../../policy/directives/table.ts';
import type { Policy } from '../../policy/policy.ts';
import { headLines } from '../dropin.ts';
import { oneLine } from '../unit-lines.ts';

/** A string literal: nothing in it is an antiquotation. */
export const nixString = (text: string): string => `"${text.replace(/["\\$]/g, '\\$&').replace(/\n/g, '\\n')}"`;

/** The module. */
export function renderNix(policy: Policy): string {
  const unit = (policy.target.unit ?? 'NAME').replace(/\.service$/, '');
  const values = new Map<string, string[]>();
  for (const { name, value } of policy.directives) values.set(name, [...(values.get(name) ?? []), oneLine(value)]);
  const settings = [...values].map(([name, [first = '', ...more]]) => {
    const resets = DIRECTIVE_ROWS.get(name)?.list === 'narrows' && first !== '';
    const all = resets ? ['', first, ...more] : [first, ...more];
    const text = all.length === 1 ? nixString(first) : `[ ${all.map(nixString).join(' ')} ]`;
    return `    ${name} = ${text};`;
  });
  return `${[
    ...headLines(policy),
    '{',
    `  systemd.services.${nixString(unit)}.serviceConfig = {`,
    ...settings,
    '  };',
    '}',
  ].join('\n')}\n`;
}
