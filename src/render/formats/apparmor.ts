// The paths, capabilities and sockets of a proposal as a profile of AppArmor, to be named by AppArmorProfile= of the unit. It says what the lines of
// the drop-in say about paths: what is mounted read-only may be read, what is writable is, what is hidden is denied. Source: apparmor.d(5).

import type { Directive, Policy } from '../../policy/policy.ts';
import { words } from '../../policy/words.ts';
import { headLines } from '../dropin.ts';

const PLACES: Readonly<Record<string, string>> = {
  CacheDirectory: '/var/cache',
  LogsDirectory: '/var/log',
  RuntimeDirectory: '/run',
  StateDirectory: '/var/lib',
};
const FAMILIES: Readonly<Record<string, string>> = {
  AF_ALG: 'alg',
  AF_BLUETOOTH: 'bluetooth',
  AF_CAN: 'can',
  AF_INET: 'inet',
  AF_INET6: 'inet6',
  AF_KEY: 'key',
  AF_NETLINK: 'netlink',
  AF_PACKET: 'packet',
  AF_UNIX: 'unix',
  AF_VSOCK: 'vsock',
  AF_XDP: 'xdp',
};

/** A name in a rule: quoted, and nothing in it a pattern, a variable or the end of a line. */
const apparmorPath = (path: string): string =>
  path
    .replace(/[\\"*?[\]{}^@]/g, '\\$&')
    .replace(/[^ -~]/gu, char =>
      [...new TextEncoder().encode(char)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    );

/** Rules for a path and all below it. */
const below = (path: string, access: string, deny = false): string[] => {
  const name = apparmorPath(path === '/' ? '' : path);
  return [
    `${deny ? 'deny ' : ''}"${name === '' ? '/' : name}" ${access},`,
    `${deny ? 'deny ' : ''}"${name}/**" ${access},`,
  ];
};

/** Paths of a list, as the kernel names them: `%%` is a percent sign, other specifiers stay out. */
const pathsOf = ({ value }: Directive): string[] =>
  words(value).flatMap(word => {
    const path = word
      .replace(/^[-+]*/, '')
      .replace(/:.*$/s, '')
      .replace(/%%/g, '%');
    return path.startsWith('/') ? [path] : [];
  });

/** The profile. */
export function renderApparmor(policy: Policy): string {
  const { directives, target } = policy;
  const of = (name: string): Directive[] => directives.filter(directive => directive.name === name);
  const paths = (name: string): string[] => of(name).flatMap(pathsOf);
  const is = (name: string, value: string): boolean => of(name).some(directive => directive.value === value);
  const isEmpty = of('TemporaryFileSystem').some(({ value }) => value.startsWith('/:'));
  const listed = paths('NoExecPaths').includes('/');
  const made = Object.entries(PLACES).flatMap(([name, top]) =>
    of(name).flatMap(({ value }) => words(value).map(word => `${top}/${word}`)),
  );
  const writable = [...paths('ReadWritePaths'), ...paths('BindPaths'), ...made];
  const readable = isEmpty ? [...paths('BindReadOnlyPaths'), ...writable] : ['/'];
  const noExec = paths('NoExecPaths').filter(path => path !== '/');
  const families = of('RestrictAddressFamilies').flatMap(({ value }) => value.split(' '));
  const rules = [
    ...(isEmpty ? ['"/" r,'] : []),
    ...readable.flatMap(path => below(path, listed ? 'r' : 'rmix')),
    ...(listed ? paths('ExecPaths').flatMap(path => below(path, 'rmix')) : []),
    ...writable.flatMap(path => below(path, 'rwlk')),
    ...['/tmp', '/var/tmp', '/dev', '/proc'].flatMap(path => below(path, 'rwlk')),
    ...below('/sys', is('ProtectKernelTunables', 'yes') ? 'r' : 'rw'),
    ...paths('ReadOnlyPaths').flatMap(path => below(path, 'wlk', true)),
    ...noExec.flatMap(path => below(path, 'mx', true)),
    ...paths('InaccessiblePaths').flatMap(path => below(path, 'rwlkmx', true)),
    ...(is('ProtectHome', 'yes') ? ['/home', '/root', '/run/user'].flatMap(path => below(path, 'rwlkmx', true)) : []),
    ...of('CapabilityBoundingSet').flatMap(({ value }) =>
      value
        .split(' ')
        .flatMap(name => (/^CAP_[A-Z_]+$/.test(name) ? [`capability ${name.slice(4).toLowerCase()},`] : [])),
    ),
    ...(of('CapabilityBoundingSet').length === 0 ? ['capability,'] : []),
    ...(families.length === 0
      ? ['network,']
      : families.flatMap(name => (FAMILIES[name] === undefined ? [] : [`network ${FAMILIES[name]},`]))),
    ...(families.length === 0 || families.includes('AF_UNIX') ? ['unix,', 'dbus,'] : []),
    'signal,',
    'ptrace (readby, tracedby),',
  ];
  const unit = (target.unit ?? 'NAME').replace(/\.service$/, '').replace(/[^\w.@-]/g, '_');
  return `${[
    ...headLines(policy),
    '# Broader than the drop-in: /dev, /proc and /tmp are open to it, and system calls are not restricted.',
    `# Load it with apparmor_parser -r FILE; then AppArmorProfile=allowtrace.${unit} in the unit.`,
    `profile "allowtrace.${unit}" flags=(attach_disconnected) {`,
    ...[...new Set(rules)].map(rule => `  ${rule}`),
    '}',
  ].join('\n')}\n`;
}
