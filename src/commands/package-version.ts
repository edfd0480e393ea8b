// The version of the package, as its own package.json has it.

import { readFileSync } from 'node:fs';
import { packageFile } from '../package-files.ts';

export function packageVersion(): string {
  const text: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : 'unknown';
}
