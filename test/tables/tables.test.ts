// The tables against the real tools: strace knows every system call, systemd knows every directive.

import test from 'ava';
import { execa } from 'execa';
import { DIRECTIVES } from '../../src/policy/directives.ts';
import { SYSCALLS } from '../../src/process/syscalls.ts';
import { systemdVersion } from '../../src/systemd/version.ts';

/** Names of other architectures, or newer than the strace that may be installed. */
const ELSEWHERE =
  /64$|32$|^old|^stime$|^umount$|^mmap2$|^nice$|^clone2$|^seteuid$|at$|^(?:fchmodat2|file_|open_tree_attr|mseal|memfd_secret)/;

test('strace knows the calls of the table', async t => {
  const { failed } = await execa('strace', ['-V'], { reject: false });
  if (failed) return t.pass('skipped: strace is not installed');
  const names = Object.keys(SYSCALLS).filter(name => !ELSEWHERE.test(name));
  const { stderr } = await execa('strace', ['-e', `trace=${names.join(',')}`, '-o', '/dev/null', 'true'], {
    reject: false,
  });
  t.notRegex(stderr, /invalid system call/);
});

test('systemd knows the directives of the table that it is old enough for', async t => {
  const version = await systemdVersion();
  if (version === null) return t.pass('skipped: systemd is not installed');
  const { stdout } = await execa('/lib/systemd/systemd', ['--dump-configuration-items'], {
    reject: false,
    env: { SYSTEMD_LOG_LEVEL: 'err' },
  });
  for (const [name, { since }] of Object.entries(DIRECTIVES))
    if (since <= version) t.regex(stdout, new RegExp(`^${name}=`, 'm'), name);
});
