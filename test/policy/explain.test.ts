// Questions and answers: why is this allowed, why is that not, what was meant by a mistyped name.

import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import test from 'ava';
import { allowtrace, fixture, root } from '../support/fixtures.ts';

const LOG = fixture('opensmtpd/y.strace.gz');
const ask = async (what: string, ...options: string[]): Promise<string> =>
  (await allowtrace(['explain', what, ...options, '--other-host', LOG])).stdout;

const schema = (name: string): object => JSON.parse(readFileSync(`${root}docs/schemas/${name}.schema.json`, 'utf8'));
const ajv = new Ajv({ allErrors: true, strict: false });

test('a path: each use, what the sandbox makes of it, and the line that says so', async t => {
  const answer = await ask('/etc/shadow');
  t.regex(answer, /write +EROFS +never observed +ProtectSystem=strict/);
  t.regex(await ask('/var/mail/alice'), /create +allowed +observed 1×/);
  t.regex(await ask('/var/mail/alice'), /y\.strace\.gz:8094 openat/);
});

test('a system call, a set, a capability, a family, a directive', async t => {
  t.regex(await ask('chroot'), /was called 6 times; the sandbox allows it[\s\S]*y\.strace\.gz:5585 chroot/);
  t.regex(await ask('ptrace'), /never called; the sandbox refuses it with ENOSYS/);
  t.regex(await ask('preadv'), /never called; the sandbox allows it, as one of equal power \(read: /);
  t.regex(await ask('execve'), /@default/);
  t.regex(await ask('@mount'), /1 of its \d+ calls were seen/);
  t.regex(await ask('CAP_SYS_CHROOT'), /needed \d+ times; the sandbox allows it/);
  t.regex(await ask('CAP_SYS_ADMIN'), /never needed; the sandbox refuses it/);
  t.regex(await ask('AF_PACKET'), /refuses it/);
  t.regex(await ask('PrivateNetwork='), /not proposed[\s\S]*port 25/);
  t.regex(await ask('RestrictFileSystems'), /not proposed: a log of system calls does not show/);
  t.regex(await ask('ProtectClock', '--systemd', '240'), /systemd 240 does not know it \(systemd 245 does\)/);
});

test('a name that nothing has is an error with near ones; a question without one too', async t => {
  const { exitCode, stderr } = await allowtrace(['explain', 'chrot', LOG]);
  t.is(exitCode, 2);
  t.regex(stderr, /did you mean chroot/);
  t.is((await allowtrace(['explain'])).exitCode, 2);
});

test('JSON of answers and of proposals fits its schema', async t => {
  const isAnswer = ajv.compile(schema('explanation'));
  for (const what of ['/var/spool/smtpd', 'chroot', 'UMask']) {
    t.true(isAnswer(JSON.parse(await ask(what, '--format', 'json'))), ajv.errorsText(isAnswer.errors));
  }
  const isPolicy = ajv.compile(schema('policy'));
  for (const paths of ['strict', 'tmpfs,exec']) {
    const { stdout } = await allowtrace([
      'replay',
      '--format',
      'json',
      '--paths',
      paths,
      '--trial',
      '--addresses',
      LOG,
    ]);
    const policy = JSON.parse(stdout);
    t.true(isPolicy(policy), ajv.errorsText(isPolicy.errors));
    t.false(isPolicy({ ...policy, directives: [{ name: 'X' }] }));
  }
});

test('--explain asks the same of replay', async t => {
  const { stdout } = await allowtrace(['replay', '--explain', 'chroot', '--other-host', LOG]);
  t.is(stdout, await ask('chroot'));
});
