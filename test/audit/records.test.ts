// Records of audit, of the kernel's log and of systemd, in every form in which people have them.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { AuditEvent } from '../../src/audit/events.ts';
import { callOf } from '../../src/audit/machines.ts';
import { isAuditLog, readAuditLine } from '../../src/audit/reader.ts';
import { programsOf } from '../../src/host/programs.ts';
import { allFixtures, allowtrace, fixture, fixtureText } from '../support/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-test-'));
test.after.always(() => rmSync(folder, { recursive: true }));

/** As kernel/auditsc.c writes it (audit_log_task, audit_seccomp). */
const FIELDS =
  'auid=4294967295 uid=998 gid=998 ses=4294967295 pid=7053 comm="pyzor" exe="/usr/bin/pyzor" sig=31 arch=c000003e syscall=141 compat=0 ip=0x7f085ec6abf7 code=0x80000000';
const INTERPRETED =
  'auid=unset uid=amavis gid=amavis ses=unset pid=7053 comm=pyzor exe=/usr/bin/pyzor sig=SIGSYS arch=x86_64 syscall=setpriority compat=0 ip=0x7f085ec6abf7 code=kill';
const KERNEL = `audit: type=1326 audit(1538200000.123:42): ${FIELDS}`;

const entry = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ __REALTIME_TIMESTAMP: '1538200000123456', _HOSTNAME: 'host', ...fields });

const FORMS: Readonly<Record<string, string>> = {
  'auditd raw': `type=SECCOMP msg=audit(1538200000.123:42): ${FIELDS}`,
  'auditd enriched': `type=SECCOMP msg=audit(1538200000.123:42): ${FIELDS}\u001dARCH=x86_64 SYSCALL=setpriority AUID="unset" UID="amavis"`,
  'auditd of a named host': `node=mx1 type=SECCOMP msg=audit(1538200000.123:42): ${FIELDS}`,
  'ausearch -i': `type=SECCOMP msg=audit(09/29/2018 05:46:40.123:42) : ${INTERPRETED}`,
  dmesg: `[12957.798442] ${KERNEL}`,
  'dmesg -T': `[Sat Sep 29 05:46:40 2018] ${KERNEL}`,
  'dmesg -x': `kern  :notice: [12957.798442] ${KERNEL}`,
  'dmesg -r': `<5>[12957.798442] ${KERNEL}`,
  'a kernel before 4.2': `[12957.798442] ${KERNEL.replace('audit: ', '')}`,
  'journalctl -k': `Sep 29 05:46:40 host kernel: ${KERNEL}`,
  'rsyslog with the time of the kernel': `Sep 29 05:46:40 host kernel: [12957.798442] ${KERNEL}`,
  'journalctl, from the socket of audit': `Sep 29 05:46:40 host audit[7053]: SECCOMP ${FIELDS}`,
  'audisp-syslog': `Sep 29 05:46:40 host audispd[568]: node=mx1 type=SECCOMP msg=audit(1538200000.123:42): ${FIELDS}`,
  'journalctl -k -o json': entry({ _TRANSPORT: 'kernel', MESSAGE: KERNEL }),
  'journalctl -o json, from the socket of audit': entry({
    _TRANSPORT: 'audit',
    _AUDIT_ID: '42',
    _SOURCE_REALTIME_TIMESTAMP: '1538200000123000',
    MESSAGE: `SECCOMP ${FIELDS}`,
  }),
};

test('a call that a filter ended is the same event in every form', t => {
  for (const [form, line] of Object.entries(FORMS)) {
    const event = readAuditLine(line);
    if (typeof event === 'string' || event.kind !== 'seccomp') {
      t.fail(`${form}: ${JSON.stringify(event)}`);
      continue;
    }
    const { name, exe, comm, pid, outcome } = event;
    t.deepEqual(
      { name, exe, comm, pid, outcome },
      { name: 'setpriority', exe: '/usr/bin/pyzor', comm: 'pyzor', pid: 7053, outcome: 'killed' },
      form,
    );
    t.true(isAuditLog(`${line}\n`), form);
  }
});

const named = (line: string): unknown => {
  const event = readAuditLine(line);
  return typeof event === 'string' || event.kind !== 'seccomp' ? event : [event.name, event.abi, event.outcome];
};
const record = (arch: string, call: string, compat = '0', code = '0x80000000'): string =>
  KERNEL.replace('arch=c000003e syscall=141 compat=0', `arch=${arch} syscall=${call} compat=${compat}`).replace(
    'code=0x80000000',
    `code=${code}`,
  );

test('numbers are named by the machine of the record', t => {
  t.deepEqual(named(record('c000003e', '63')), ['uname', undefined, 'killed']);
  t.deepEqual(named(record('c000003e', '470')), ['listns', undefined, 'killed']);
  t.deepEqual(named(record('40000003', '102', '1')), ['socketcall', 'i386', 'killed']);
  t.deepEqual(named(record('c000003e', '1073742344', '1')), ['execve', 'x32', 'killed']);
  t.deepEqual(named(record('c000003e', '1073741824', '1')), ['read', 'x32', 'killed']);
  t.deepEqual(named(record('c00000b7', '160')), ['uname', undefined, 'killed']);
  t.deepEqual(named(record('c00000f3', '222')), ['mmap', undefined, 'killed']);
  t.deepEqual(named(record('c0000015', '122')), ['uname', undefined, 'killed']);
  t.deepEqual(named(record('80000016', '122')), ['uname', undefined, 'killed']);
  t.deepEqual(named(record('40000028', '122')), ['uname', undefined, 'killed']);
  t.deepEqual(named(record('c000003e', '99999')), [null, undefined, 'killed']);
  t.deepEqual(named(record('dead', '63')), [null, undefined, 'killed']);
  t.is(callOf('mips', 4122)?.name, 'uname');
});

test('what the filter did is told apart: killed, logged, failed', t => {
  for (const [code, outcome] of [
    ['0x0', 'killed'],
    ['0x80000000', 'killed'],
    ['0x30000', 'killed'],
    ['0x7ffc0000', 'logged'],
    ['0x50001', 'failed'],
    ['0x7ff00000', 'failed'],
  ] as const)
    t.deepEqual(named(record('c000003e', '63', '0', code)), ['uname', undefined, outcome], code);
});

test('names that an attacker chose forge no fields', t => {
  const written = (comm: string, exe: string, fields = FIELDS): string =>
    fields.replace(/exe=\S+/, () => `exe=${exe}`).replace(/comm=\S+/, () => `comm=${comm}`);
  const raw = (comm: string, exe: string): AuditEvent | string =>
    readAuditLine(`type=SECCOMP msg=audit(1538200000.123:42): ${written(comm, exe)}`);
  const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();
  const evil = '/tmp/x sig=31 arch=c000003e syscall=169 compat=0 ip=0x0 code=0x0';
  const event = raw(hex('a exe=/bin/sh'), hex(evil));
  t.like(event, { comm: 'a exe=/bin/sh', exe: evil, name: 'setpriority' });
  // ausearch -i writes them as they are.
  const open = (comm: string, exe: string): AuditEvent | string =>
    readAuditLine(`type=SECCOMP msg=audit(09/29/2018 05:46:40.123:42) : ${written(comm, exe, INTERPRETED)}`);
  t.like(open('a exe=/bin/sh', '/tmp/evil'), { comm: 'a exe=/bin/sh', exe: '/tmp/evil' });
  t.is(open('a', '/usr/bin/pyzor sig=SIGSYS arch=x86_64 syscall=reboot compat=0 ip=0x0 code=kill ARCH=x'), 'unread');
  t.like(open('a', '/tmp/a b'), { exe: null });
});

test('only the kernel and systemd are believed', t => {
  t.is(readAuditLine(`Sep 29 05:46:40 host kernel[12]: ${KERNEL}`), 'idle');
  t.is(readAuditLine(`Sep 29 05:46:40 host app[12]: ${KERNEL}`), 'idle');
  t.is(readAuditLine(entry({ _TRANSPORT: 'syslog', SYSLOG_IDENTIFIER: 'kernel', MESSAGE: KERNEL })), 'idle');
  t.is(readAuditLine(entry({ _TRANSPORT: 'stdout', MESSAGE: `SECCOMP ${FIELDS}` })), 'idle');
  const step = 'a.service: Failed at step NAMESPACE spawning /usr/bin/a: No such file or directory';
  const said = { _TRANSPORT: 'journal', UNIT: 'a.service', MESSAGE: step };
  const found = { kind: 'step', unit: 'a.service', step: 'NAMESPACE', program: '/usr/bin/a' } as const;
  t.like(readAuditLine(entry({ ...said, _PID: '1', _SYSTEMD_UNIT: 'init.scope' })), found);
  t.like(readAuditLine(entry({ ...said, _PID: '77', _SYSTEMD_UNIT: 'a.service' })), found);
  t.is(readAuditLine(entry({ ...said, _PID: '77', _SYSTEMD_UNIT: 'b.service' })), 'idle');
  t.is(readAuditLine(entry({ ...said, _PID: '77', UNIT: 'b.service', _SYSTEMD_UNIT: 'b.service' })), 'idle');
});

test('what systemd says of a failed start is understood', t => {
  const said = (text: string): AuditEvent | string => readAuditLine(`Nov 30 15:02:09 vm ${text}`);
  t.like(said('systemd[1]: a.service: Main process exited, code=killed, status=31/SYS'), {
    kind: 'exit',
    code: 'killed',
    status: '31/SYS',
  });
  t.like(said('systemd[1]: a.service: Main process exited, code=exited, status=226/NAMESPACE'), {
    kind: 'exit',
    status: '226/NAMESPACE',
  });
  t.like(said('(a)[144]: a.service: Failed to set up mount namespacing: /run/systemd/unit-root/srv/x: No such file'), {
    kind: 'cause',
    unit: 'a.service',
  });
  t.is(said("systemd[1]: a.service: Failed with result 'exit-code'."), 'idle');
});

test('denials of AppArmor and SELinux are told apart', t => {
  const apparmor =
    'apparmor="DENIED" operation="open" profile="/usr/sbin/ntpd" name="/etc/x" pid=5 comm="ntpd" requested_mask="r" denied_mask="r" fsuid=0 ouid=0';
  t.deepEqual(readAuditLine(`[ 12.345678] audit: type=1400 audit(1538200000.123:43): ${apparmor}`), {
    kind: 'other-denial',
    module: 'AppArmor',
  });
  t.deepEqual(readAuditLine(`type=AVC msg=audit(1538200000.123:43): ${apparmor}`), {
    kind: 'other-denial',
    module: 'AppArmor',
  });
  t.deepEqual(readAuditLine('type=AVC msg=audit(1538200000.123:44): avc:  denied  { read } for  pid=5 comm="a"'), {
    kind: 'other-denial',
    module: 'SELinux',
  });
  t.is(readAuditLine(`type=AVC msg=audit(1538200000.123:43): ${apparmor.replace('DENIED', 'ALLOWED')}`), 'idle');
});

test('no log of strace is taken for one of records', t => {
  for (const name of allFixtures()) t.false(isAuditLog(fixtureText(name).slice(0, 65_536)), name);
});

test('a process belongs to a unit by its executable, a script by its name too', t => {
  const script = `${folder}/collect-mail`;
  writeFileSync(script, '#!/bin/sh\n');
  const { runs } = programsOf(['/usr/bin/env', script]);
  const shell = realpathSync('/bin/sh');
  t.true(runs({ exe: '/usr/bin/env', comm: 'whatever' }));
  t.true(runs({ exe: shell, comm: 'collect-mail' }));
  t.false(runs({ exe: shell, comm: 'other-mail' }));
  t.false(runs({ exe: '/tmp/env', comm: 'env' }));
  t.true(runs({ exe: '/usr/lib/systemd/systemd-executor', comm: '(env)' }));
  t.false(runs({ exe: '/tmp/evil', comm: '(env)' }));
});

const audit = (...calls: readonly (readonly [call: number, exe: string])[]): string =>
  calls
    .map(
      ([call, exe], i) =>
        `type=SECCOMP msg=audit(153820000${i}.123:4${i}): ${FIELDS.replace('syscall=141', `syscall=${call}`).replace('/usr/bin/pyzor', exe)}\n`,
    )
    .join('');

test('records alone are incomplete evidence; beside a log they add calls, and every proposal says where from', async t => {
  const directory = folder;
  const log = `${directory}/audit.log`;
  writeFileSync(log, audit([169, '/usr/sbin/smtpd'], [169, '/usr/sbin/smtpd'], [63, '/usr/bin/other']));
  const many = await allowtrace(['replay', '--other-host', log]);
  t.is(many.exitCode, 2);
  t.regex(many.stderr, /holds records of 2 programs: \/usr\/sbin\/smtpd \(2\), \/usr\/bin\/other \(1\)/);
  writeFileSync(`${directory}/one.log`, audit([169, '/usr/sbin/smtpd']));
  const alone = await allowtrace(['replay', '--other-host', `${directory}/one.log`]);
  t.is(alone.exitCode, 3);
  t.false(alone.stdout.includes('\nSystemCallFilter='));
  t.regex(alone.stderr, /^reboot: the process was killed \(.*one\.log:1\)/);
  const both = await allowtrace(['replay', '--other-host', fixture('opensmtpd/y.strace.gz'), log]);
  t.is(both.exitCode, 0, both.stderr);
  const flowing = both.stdout.replace(/\n# +/g, ' ');
  t.regex(flowing, /allowed though not traced, because records name them: reboot \(audit log, \S*audit\.log:1\)/);
  t.regex(both.stdout, /^# Allows what was observed: 1 run on 1 host, /m);
  t.regex(both.stdout, /^SystemCallFilter=[^\n]*\breboot\b/m);
  t.regex(both.stderr, /^ignored records of other programs: \/usr\/bin\/other \(1\)$/m);
  const piped = await allowtrace(
    ['replay', '--other-host', fixture('opensmtpd/y.strace.gz'), '-'],
    audit([169, '/usr/sbin/smtpd']),
  );
  t.regex(piped.stdout, /^SystemCallFilter=[^\n]*\breboot\b/m);
});

test('a table of strace -c names calls, and no more', async t => {
  const table = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 66.67    0.000002           2         1           read
 33.33    0.000001           0         9         4 openat
------ ----------- ----------- --------- --------- ----------------
100.00    0.000003           0        10         4 total
`;
  const { exitCode, stdout, stderr } = await allowtrace(['replay', '--other-host', '--format', 'json', '-'], table);
  t.is(exitCode, 3, stderr);
  t.regex(stdout, /records \(audit, kernel log, strace -c\)/);
  const file = `${folder}/p.json`;
  await allowtrace(['replay', '--other-host', '--profile', file, '-'], table);
  const { stdout: events } = await allowtrace(['explain', '--other-host', 'openat', file]);
  t.regex(events, /openat/);
});
