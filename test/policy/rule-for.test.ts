// Which directive of a proposal is named for a path.

import test from 'ava';
import type { Directive } from '../../src/policy/policy.ts';
import { ruleFinder } from '../../src/policy/propose/paths/rule-for.ts';
import type { Mode } from '../../src/process/access.ts';

const directive = (text: string): Directive => {
  const [name = '', value = ''] = text.split(/=(.*)/s);
  return { section: 'Service', name, value, because: '', evidence: [], seen: 0 };
};

function ruleOf(lines: readonly string[], path: string, mode: Mode = 'read'): string | null {
  const found = ruleFinder(lines.map(directive), 252)({ kind: 'path', mode, path });
  return found === null ? null : `${found.name}=${found.value}`;
}

const STRICT = [
  'ProtectSystem=strict',
  'PrivateTmp=yes',
  'ReadWritePaths=-/var/spool/smtpd',
  'ReadOnlyPaths=/var/spool/smtpd/etc',
];

test('the deepest list decides', t => {
  t.is(ruleOf(STRICT, '/var/spool/smtpd/queue/1', 'create'), 'ReadWritePaths=-/var/spool/smtpd');
  t.is(ruleOf(STRICT, '/var/spool/smtpd/etc/x'), 'ReadOnlyPaths=/var/spool/smtpd/etc');
  t.is(ruleOf(STRICT, '/var/spool/smtpdx'), 'ProtectSystem=strict');
});

test('else the directive that speaks of the tree', t => {
  t.is(ruleOf(STRICT, '/tmp/x', 'create'), 'PrivateTmp=yes');
  t.is(ruleOf(STRICT, '/etc/passwd'), 'ProtectSystem=strict');
  t.is(ruleOf(['PrivateTmp=yes'], '/etc/passwd'), null);
});

test('programs are decided about by ExecPaths= and NoExecPaths= where there are any', t => {
  const lines = ['ProtectSystem=strict', 'NoExecPaths=/', 'ExecPaths=/usr/sbin/smtpd'];
  t.is(ruleOf(lines, '/usr/sbin/smtpd', 'exec'), 'ExecPaths=/usr/sbin/smtpd');
  t.is(ruleOf(lines, '/usr/bin/sh', 'exec'), 'NoExecPaths=/');
  t.is(ruleOf(lines, '/usr/bin/sh', 'read'), 'ProtectSystem=strict');
});

test('lists may hold options, quotes and names of directories', t => {
  const lines = ['TemporaryFileSystem=/etc:ro /var:ro', 'BindReadOnlyPaths="/etc/a b"', 'RuntimeDirectory=app'];
  t.is(ruleOf(lines, '/etc/a b/c'), 'BindReadOnlyPaths="/etc/a b"');
  t.is(ruleOf(lines, '/var/x'), 'TemporaryFileSystem=/etc:ro /var:ro');
  t.is(ruleOf(lines, '/run/app/pid', 'create'), 'RuntimeDirectory=app');
});
