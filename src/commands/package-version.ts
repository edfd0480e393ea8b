// The version of the package, as its own package.json has it.

import { readFileSync } from 'node:fs';

export function packageVersion(): string {
  const text: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : 'unknown';
}
