// Yama's scopes, as the kernel's documentation has them.

import test from 'ava';
import { yamaObstacle } from '../../src/host/ptrace-scope.ts';

test('scope 2 keeps all but root from tracing, scope 3 everybody', t => {
  for (const scope of [0, 1]) for (const root of [true, false]) t.is(yamaObstacle(root, scope), null);
  t.is(yamaObstacle(true, 2), null);
  t.regex(yamaObstacle(false, 2) ?? '', /ptrace_scope is 2: only root/);
  t.regex(yamaObstacle(true, 3) ?? '', /ptrace_scope is 3: nobody/);
});
