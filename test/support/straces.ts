// Straces of other suites of Debian, where their archive can be reached.

import { join } from 'node:path';
import { execaSync } from 'execa';
import { root } from './fixtures.ts';

/** A folder with the strace of another suite; or why there is none. `version`: what it says it is. */
export interface OtherStrace {
  path: string;
  version: string;
  obstacle: string | null;
}

export function otherStrace(suite: string, path: string): OtherStrace {
  const script = join(root, 'test/support/other-strace');
  const { failed, stdout, stderr } = execaSync(script, [suite, path], {
    reject: false,
    timeout: 60_000,
    stdin: 'ignore',
  });
  return { path, version: stdout, obstacle: failed ? stderr.split('\n')[0] || 'it takes too long' : null };
}
