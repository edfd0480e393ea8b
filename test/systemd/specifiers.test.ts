// Specifiers: every one of systemd.unit(5) (systemd 252) is known, and means what the manual says.

import test from 'ava';
import type { Assignment } from '../../src/policy/findings.ts';
import { type Machine, resolveSpecifiers } from '../../src/systemd/specifiers.ts';

const MACHINE: Machine = {
  hostname: 'mail.example.org',
  prettyHostname: "Alice's mail server",
  machineId: 'a1',
  bootId: 'b2',
  kernel: '6.1.0',
  architecture: 'x86-64',
  osRelease: { ID: 'debian', VERSION_ID: '12' },
};

function resolved(value: string): string {
  const assignment: Assignment = { section: 'Service', name: 'ReadWritePaths', value, at: { file: 'x', line: 1 } };
  const fragment = '/etc/systemd/system/app-web@.service';
  return resolveSpecifiers(assignment, { unit: 'app-web@a-b.service', fragment, user: null, machine: MACHINE }).value;
}

test('every specifier of the manual is resolved', t => {
  for (const letter of 'aAbBCdEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY')
    t.false(resolved(`/%${letter}`).includes('%'), `%${letter}`);
  t.is(resolved('/%%'), '/%');
});

test('names, directories and the machine stand for what systemd.unit(5) says', t => {
  t.is(resolved('/%p/%P/%i/%I/%j'), '/app-web/app/web/a-b/a/b/web');
  t.is(resolved('%f'), '/a/b');
  t.is(resolved('%t%S%C%L%E'), '/run/var/lib/var/cache/var/log/etc');
  t.is(resolved('/%H/%l/%o%w'), '/mail.example.org/mail/debian12');
  t.is(resolved('/%q'), "/Alice\\'s\\ mail\\ server");
  t.is(resolved('%Y'), '/etc/systemd/system');
});

test('what is no specifier is an error that names the line', t => {
  t.throws(() => resolved('/%Z'), { message: /^x:1: ReadWritePaths=\/%Z: %Z is no specifier/ });
});
