// Writes what is generated in docs/: npm run docs. generated.test.ts says when it is stale.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { root } from '../support/fixtures.ts';
import { generated } from './generated.ts';

for (const [path, text] of await generated()) {
  mkdirSync(dirname(`${root}${path}`), { recursive: true });
  writeFileSync(`${root}${path}`, text);
}
