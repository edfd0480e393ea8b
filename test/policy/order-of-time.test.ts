// A check minds the order of time: what was missing when the service started, and came later, is not there for a mount.

import test from 'ava';
import { check } from '../../src/policy/check/check.ts';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

/** What a unit denies of a log: `OUTCOME mode path` or `OUTCOME feature value`, on a host of which nothing is known. */
function denied(unit: string, log: string): string[] {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(`1 execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0\n${log}`));
  observer.end();
  const lines = inForce(readUnitText(Buffer.from(`[Service]\n${unit}`), 'd.service'));
  const sandbox = sandboxOf(lines, { systemd: 252, sets: syscallSets(), host: UNKNOWN_HOST });
  return check(observer.snapshot(), sandbox).violations.map(({ outcome, access, by }) =>
    access.kind === 'path' ? `${outcome} ${access.mode} ${access.path}` : `${outcome} ${by.name}`,
  );
}

const open = (path: string, result: string): string => `1 openat(AT_FDCWD, "${path}", O_RDONLY) = ${result}\n`;
const missing = '-1 ENOENT (No such file or directory)';

test('An optional bind of what appears later is a bind of nothing', t => {
  const log = open('/srv/conf/later', missing) + open('/srv/conf/later', '3');
  const root = 'TemporaryFileSystem=/:ro\nBindReadOnlyPaths=-/usr/sbin/d\n';
  t.deepEqual(denied(`${root}BindReadOnlyPaths=-/srv/conf/later\n`, log), ['ENOENT read /srv/conf/later']);
  t.deepEqual(denied(`${root}BindReadOnlyPaths=-/srv/conf\n`, log), []);
  t.deepEqual(denied(`${root}BindReadOnlyPaths=-/srv/conf/later\n`, open('/srv/conf/later', '3')), []);
});

test('A directory that the service makes is missing when it starts: to list it ends the start, on any host', t => {
  const log = '1 mkdir("/var/cache/d", 0777) = 0\n1 openat(AT_FDCWD, "/var/cache/d/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const unit = 'ProtectSystem=strict\nReadWritePaths=/var/cache/d\n';
  t.is(denied(unit, log)[0], '226/NAMESPACE exec /usr/sbin/d');
  const again = '1 rmdir("/var/cache/d") = 0\n1 mkdir("/var/cache/d", 0777) = 0\n';
  t.false(denied(unit, again).some(line => line.startsWith('226')));
});

test('A /tmp of its own holds nothing of what others have in /tmp', t => {
  const log = '1 openat(AT_FDCWD, "/tmp", O_RDONLY|O_DIRECTORY) = 3</tmp>\n1 getdents64(3</tmp>, 0x55, 32768) = 280\n';
  t.deepEqual(denied('PrivateTmp=yes\n', log), ['empty list /tmp']);
});

test('UMask= denies a group what was made for it alone', t => {
  const log = '1 mknodat(AT_FDCWD, "/run/d/fifo", S_IFIFO|0660) = 0\n';
  t.deepEqual(denied('UMask=0077\n', log), ['EACCES UMask']);
  t.deepEqual(denied('UMask=0007\n', log), []);
  // Every program says 0666 and means nothing by it.
  t.deepEqual(denied('UMask=0077\n', '1 openat(AT_FDCWD, "/srv/x", O_WRONLY|O_CREAT, 0666) = 3\n'), []);
});
