// How often something was observed: never more often than the log has lines.

import test from 'ava';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';

test('No evidence of a proposal is counted more often than there are lines in the log', t => {
  const lines = 200;
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/' });
  for (let i = 0; i < lines; i++)
    observer.push(Buffer.from(`1 openat(AT_FDCWD, "/srv/d${i % 5}/f", O_RDWR|O_CREAT, 0644) = 3\n`));
  observer.end();
  const target = { systemd: 252, paths: ['strict' as const], syscalls: 'equal' as const, sets: syscallSets(252) };
  const { directives, withheld } = derive(observer.snapshot(), { ...target, host: UNKNOWN_HOST });
  const reasons = [...directives, ...withheld].flatMap(({ evidence }) => evidence);
  t.true(reasons.some(({ access }) => access.kind === 'capability'));
  t.deepEqual(
    reasons.filter(({ count }) => count > lines),
    [],
  );
});
