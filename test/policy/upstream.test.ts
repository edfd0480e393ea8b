// What is proposed to those who ship a unit: nothing of the machine where it was learned, only what the oldest systemd knows, in their layout.

import test from 'ava';
import { allowtrace, fixture } from '../support/fixtures.ts';

const run = (name: string, ...options: string[]) =>
  allowtrace(['replay', '--for', 'upstream', '--allow-incomplete', '--other-host', ...options, fixture(name)]);
const names = (text: string): string[] => text.split('\n').flatMap(line => /^(\w+)=/.exec(line)?.[1] ?? []);

test('Lines for maintainers stand in the order of their names, and tell nothing of this machine or its configuration', async t => {
  for (const name of ['opensmtpd/y.strace.gz', 'nginx/y.strace', 'redis/y.strace']) {
    const { stdout, exitCode } = await run(name);
    t.is(exitCode, 0, stdout);
    t.deepEqual(names(stdout), names(stdout).toSorted(), name);
    t.notRegex(stdout, /strace:\d|InaccessiblePaths|ReadOnlyPaths|SocketBind|IPAddress|KeyringMode|DevicePolicy/);
    t.regex(stdout, /^# Broader than observed: /m);
    t.true(stdout.split('\n').length <= 45, `${name}: one screen`);
  }
});

test('System calls are whole sets less what holds power; what was observed of that comes back', async t => {
  const redis = (await run('redis/y.strace')).stdout.match(/^SystemCallFilter=.*/gm);
  t.deepEqual(redis?.slice(0, 2), [
    'SystemCallFilter=@system-service',
    'SystemCallFilter=~@keyring @memlock @privileged @resources',
  ]);
  const smtpd = (await run('opensmtpd/y.strace.gz')).stdout.match(/^SystemCallFilter=.*/gm);
  t.deepEqual(smtpd?.slice(2), ['SystemCallFilter=@chown @setuid chroot']);
});

test('Only what the oldest systemd knows is proposed; from 255 on newer calls fail by themselves', async t => {
  const old = (await run('nginx/y.strace', '--systemd', '247')).stdout;
  t.notRegex(old, /PrivateIPC|NoExecPaths/);
  t.regex(old, /^SystemCallErrorNumber=ENOSYS$/m);
  t.regex((await run('nginx/y.strace', '--systemd', '257')).stdout, /^SystemCallErrorNumber=EPERM$/m);
});

test('Directories below /run, /var/lib, /var/cache and /var/log that are its own are made by systemd', async t => {
  const { stdout } = await run('redis/y.strace');
  t.regex(stdout, /^RuntimeDirectory=redis$/m);
  t.regex(stdout, /^StateDirectory=redis$/m);
  t.notRegex(stdout, /^ReadWritePaths=-?\/(?:run|var\/lib)\/redis/m);
});

test('Lines for maintainers take the strict strategy only, and say so', async t => {
  const { exitCode, stderr } = await run('redis/y.strace', '--paths', 'tmpfs');
  t.is(exitCode, 2);
  t.regex(stderr, /--for upstream needs --paths strict/);
});
