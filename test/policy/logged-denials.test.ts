// Denials as messages of a journal tell them: only what the modelled sandbox gives is believed.

import test from 'ava';
import { type LoggedDenial, loggedDenials } from '../../src/policy/check/logged-denials.ts';
import { type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

const FILES = new Map<string, 'file' | 'directory'>([
  ['/', 'directory'],
  ['/etc', 'directory'],
  ['/etc/shadow', 'file'],
  ['/home', 'directory'],
  ['/home/me', 'directory'],
  ['/var', 'directory'],
  ['/var/lib', 'directory'],
  ['/var/lib/app.db', 'file'],
]);
const HOST: HostView = {
  ...UNKNOWN_HOST,
  known: true,
  type: path => FILES.get(path) ?? null,
  realpath: path => (FILES.has(path) ? path : null),
};

function denials(lines: readonly string[], ...messages: string[]): LoggedDenial[] {
  const text = ['[Service]', 'ExecStart=/bin/app', 'User=app', ...lines, ''].join('\n');
  const assignments = readUnitText(Buffer.from(text), 'app.service');
  const sandbox = sandboxOf(assignments, { systemd: 252, sets: syscallSets(252), host: HOST });
  return loggedDenials(
    messages.map((message, i) => ({ text: message, time: 1_000 + i })),
    sandbox,
  );
}

const told = (found: readonly LoggedDenial[]): unknown[] =>
  found.map(({ outcome, access, by, count }) => [
    outcome,
    access?.kind === 'path' ? `${access.mode} ${access.path}` : null,
    by.map(({ name, at }) => `${at.line} ${name}`).join(),
    count,
  ]);

test('A message counts where the sandbox gives the errno that it tells, and names the line', t => {
  const lines = ['ProtectSystem=strict', 'InaccessiblePaths=/home/me'];
  t.deepEqual(told(denials(lines, 'open() "/var/lib/app.db" failed (30: Read-only file system)')), [
    ['EROFS', 'write /var/lib/app.db', '4 ProtectSystem', 1],
  ]);
  t.deepEqual(told(denials(lines, "touch: cannot touch '/var/lib/new': Read-only file system")), [
    ['EROFS', 'create /var/lib/new', '4 ProtectSystem', 1],
  ]);
  t.deepEqual(told(denials(lines, "Error: EACCES: permission denied, open '/home/me'")), [
    ['EACCES', 'read /home/me', '5 InaccessiblePaths', 1],
  ]);
});

test('A message that the sandbox does not explain is no denial', t => {
  const lines = ['ProtectSystem=strict', 'ProtectHome=yes'];
  t.deepEqual(denials(lines, 'open /etc/shadow: Permission denied'), []);
  t.deepEqual(denials(lines, '/var/lib/app.db: Permission denied'), [], 'another errno');
  t.deepEqual(denials(lines, 'cannot open /home/other: No such file or directory'), [], 'it is not there at all');
  t.deepEqual(denials([], 'socket: Address family not supported by protocol'), []);
  t.deepEqual(denials(lines, 'all is well in /var/lib/app.db'), []);
});

test('What systemd says of an end is a denial, with every line that may be its cause', t => {
  const lines = ['SystemCallFilter=@system-service', 'SystemCallFilter=~@privileged', 'ReadWritePaths=/var/lib/x'];
  const killed = 'app.service: Main process exited, code=killed, status=31/SYS';
  t.deepEqual(told(denials(lines, killed, killed)), [['SIGSYS', null, '4 SystemCallFilter,5 SystemCallFilter', 2]]);
  const missing = 'app.service: Failed to set up mount namespacing: /var/lib/x: No such file or directory';
  t.deepEqual(told(denials(lines, missing)), [['226/NAMESPACE', null, '6 ReadWritePaths', 1]]);
});

test('Equal denials are one, with the first and the last time', t => {
  const [one, ...more] = denials(
    ['ProtectSystem=strict'],
    'open /var/lib/app.db: Read-only file system',
    'again: open /var/lib/app.db: Read-only file system',
  );
  t.deepEqual([one?.first, one?.last, one?.count, more.length], [1_000, 1_001, 2, 0]);
});

test('A journal full of names costs a bounded number of looks', t => {
  const messages = Array.from({ length: 5_000 }, (_, i) => `open /var/lib/x${i}: Read-only file system`);
  t.true(denials(['ProtectSystem=strict'], ...messages).length <= 400);
});
