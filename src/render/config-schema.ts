// The JSON schema of the config file, from the table of commands: editors complete and check allowtrace.config.json with it.

import type { CommandManual, OptionManual } from './manual.ts';

type Schema = Readonly<Record<string, unknown>>;

function valueSchema({ type, choices, many, describe }: OptionManual): Schema {
  const one = { type, ...(choices.length === 0 ? {} : { enum: choices }) };
  return { description: describe, ...(many ? { anyOf: [one, { type: 'array', items: one }] } : one) };
}

const optionsSchema = (description: string, options: readonly OptionManual[]): Schema => ({
  description,
  type: 'object',
  properties: Object.fromEntries(options.map(option => [option.name, valueSchema(option)])),
  additionalProperties: false,
});

/** Options of the same name mean different things to different commands: all of their values will do. */
function defaultsSchema(commands: readonly CommandManual[]): Schema {
  const schemas = new Map<string, Schema[]>();
  for (const option of commands.flatMap(({ options }) => options)) {
    const known = schemas.get(option.name) ?? [];
    const schema = valueSchema(option);
    if (!known.some(other => JSON.stringify(other) === JSON.stringify(schema)))
      schemas.set(option.name, [...known, schema]);
  }
  const properties = [...schemas].map(([name, all]) => [name, all.length === 1 ? all[0] : { anyOf: all }]);
  return {
    description: 'for every command that has the option',
    type: 'object',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

export function renderConfigSchema(commands: readonly CommandManual[]): string {
  const withOptions = commands.filter(({ options }) => options.length > 0);
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'allowtrace.config.json, or the key allowtrace of package.json',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      defaults: defaultsSchema(commands),
      ...Object.fromEntries(withOptions.map(({ verb, summary, options }) => [verb, optionsSchema(summary, options)])),
    },
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
