// Files that libraries read for themselves: of a family that is in use, all that is there is in an empty root.

import test from 'ava';
import { type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { PathStrategy, Policy } from '../../src/policy/policy.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';

const LIB = '/usr/lib/x86_64-linux-gnu';
const DIRECTORIES = [
  '/usr/lib/locale',
  '/usr/share/locale',
  `${LIB}/gconv`,
  '/usr/lib/python3.11',
  '/etc/ssl/certs',
  LIB,
];
const FILES = ['/etc/nsswitch.conf', '/etc/passwd', '/etc/hosts', `${LIB}/libnss_dns.so.2`];

const withFiles: HostView = {
  ...UNKNOWN_HOST,
  known: true,
  realpath: path => path,
  type: path => (DIRECTORIES.includes(path) ? 'directory' : FILES.includes(path) ? 'file' : null),
  entries: path => (path === LIB ? ['libc.so.6', 'libnss_dns.so.2', 'libssl.so.3'] : null),
};
const reads = (...paths: string[]): string =>
  [`${LIB}/libc.so.6`, ...paths].map(path => `1 openat(AT_FDCWD, "${path}", O_RDONLY) = 3\n`).join('');

function proposal(log: string, ...paths: PathStrategy[]): Policy {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  const target = { systemd: 252, syscalls: 'equal' as const, sets: syscallSets(252), host: withFiles };
  return derive(observer.snapshot(), { ...target, paths });
}

const bound = (log: string): string[] =>
  proposal(log, 'tmpfs')
    .directives.filter(({ name }) => name === 'BindReadOnlyPaths')
    .map(({ value }) => value.replace(/^-/, ''));

test('a locale that was read brings the others, the messages and the converters of the C library', t => {
  const found = bound(reads('/usr/lib/locale/C.utf8/LC_CTYPE'));
  for (const path of ['/usr/lib/locale', '/usr/share/locale', `${LIB}/gconv`]) t.true(found.includes(path), path);
  t.false(found.includes('/etc/ssl/certs'));
  t.false(bound(reads('/etc/app.conf')).includes('/usr/lib/locale'));
});

test('the name service brings what it reads and its modules, and nothing that is not there', t => {
  const found = bound(reads('/etc/nsswitch.conf'));
  for (const path of FILES) t.true(found.includes(path), path);
  t.false(found.includes('/etc/group'));
  t.false(found.includes(`${LIB}/libssl.so.3`));
});

test('a module of an interpreter brings its standard library, and that is said to be broader', t => {
  const log = `1 execve("/usr/bin/python3.11", ["python3.11"], 0x1 /* 0 vars */) = 0\n${reads('/usr/lib/python3.11/os.py')}`;
  const find = (policy: Policy, directive: string) =>
    policy.directives.find(({ name, value }) => name === directive && value.endsWith('/usr/lib/python3.11'));
  t.regex(
    find(proposal(log, 'tmpfs'), 'BindReadOnlyPaths')?.wider ?? '',
    /\/usr\/lib\/python3.11\/os.py was read, so all of this family is there: a standard library/,
  );
  t.truthy(find(proposal(log, 'strict', 'exec'), 'ExecPaths'));
});
