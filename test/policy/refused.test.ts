// Which failed calls of a service were refused by its sandbox, and which would have failed anyway.

import test from 'ava';
import { refused } from '../../src/policy/check/refused.ts';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

function seen(id: string, log: string): Profile {
  const observer = new Observer({ id, trace: id, mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot();
}

function refusals(settings: string, failed: string, learned = ''): string[] {
  const assignments = inForce(readUnitText(Buffer.from(`[Service]\n${settings}`), 'x.conf'));
  const sandbox = sandboxOf(assignments, { systemd: 252, sets: syscallSets(), host: UNKNOWN_HOST });
  const known = seen('learned', `1 openat(AT_FDCWD, "/etc/a", O_RDONLY) = 3\n${learned}`);
  return refused(seen('trial', failed), known, sandbox).facts.map(fact =>
    fact.kind === 'path' ? `${fact.mode} ${fact.path}` : fact.kind === 'syscall' ? fact.name : fact.kind,
  );
}

const READ_ONLY = 'ProtectSystem=strict\n';
const WRITE = '1 openat(AT_FDCWD, "/srv/a", O_WRONLY) = -1 EROFS (Read-only file system)\n';

test('a call that fails as the sandbox makes it fail was refused', t => {
  t.deepEqual(refusals(READ_ONLY, WRITE), ['write /srv/a']);
  t.deepEqual(refusals(`${READ_ONLY}ReadWritePaths=/srv\n`, WRITE), [], 'the sandbox lets it pass');
});

test('a call that fails otherwise, or failed without the sandbox too, was not', t => {
  t.deepEqual(refusals(READ_ONLY, WRITE.replace('EROFS', 'EISDIR')), []);
  t.deepEqual(refusals(READ_ONLY, WRITE, WRITE), []);
  t.deepEqual(refusals('InaccessiblePaths=/srv\n', '1 openat(AT_FDCWD, "/srv/a", O_RDONLY) = -1 ENOENT (No)\n'), []);
});

test('a filter answers first: what the call was for is named too', t => {
  const filter = `${READ_ONLY}SystemCallFilter=openat\nSystemCallErrorNumber=EPERM\n`;
  t.deepEqual(refusals(filter, '1 mkdir("/srv/d", 0777) = -1 EPERM (Operation not permitted)\n'), [
    'create /srv/d',
    'mkdir',
  ]);
  t.deepEqual(refusals('SystemCallFilter=openat\n', '1 mkdir("/srv/d", 0777) = ?\n1 +++ killed by SIGSYS +++\n'), [
    'mkdir',
  ]);
});
