// The base without learning: what breaks almost nothing, less what a unit and its programs say that it would break.

import test from 'ava';
import { DIRECTIVES, strictness } from '../../src/policy/directives/table.ts';
import { basePolicy } from '../../src/policy/harden/base.ts';
import { HARDENING } from '../../src/policy/harden/hardening.ts';
import { kindsOf } from '../../src/policy/harden/kinds.ts';
import type { FileWords, UnitWords } from '../../src/policy/harden/words.ts';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { Service, Target } from '../../src/policy/propose/target.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { renderDropin } from '../../src/render/dropin.ts';

const file = (words: Partial<FileWords>): FileWords => ({
  path: '/usr/sbin/app',
  kind: 'elf',
  imports: new Set(),
  libraries: ['libc.so.6'],
  executableStack: false,
  text: '',
  ...words,
});
const unit = (words: Partial<UnitWords>): UnitWords => ({
  files: [file({})],
  lines: [],
  privileged: [],
  home: null,
  unread: [],
  ...words,
});
const ROOT: Service = { owner: null, runtimeDirectories: [], ambient: [], commands: [] };

function base(words: UnitWords, systemd = 257, service: Service = ROOT): Policy {
  const target: Target = {
    systemd,
    paths: [],
    syscalls: 'equal',
    sets: syscallSets(systemd),
    host: UNKNOWN_HOST,
    service,
  };
  return basePolicy(words, target);
}

const lines = ({ directives }: Policy): string[] => directives.map(({ name, value }) => `${name}=${value}`);

test('A plain program gets every directive of the column, and nothing is withheld', t => {
  const policy = base(unit({}));
  for (const name of Object.keys(HARDENING))
    t.true(
      policy.directives.some(one => one.name === name),
      name,
    );
  t.deepEqual(policy.withheld, []);
  t.regex(renderDropin(policy), /^# Proposed by allowtrace for systemd 257, without learning$/m);
  // A list that denies must not drop what the unit allows.
  t.notRegex(renderDropin(policy), /^SystemCallFilter=$|^CapabilityBoundingSet=$/m);
});

const KNOWN: readonly (readonly [words: Partial<UnitWords>, withheld: string])[] = [
  [{ files: [file({ imports: new Set(['clock_settime']) })] }, 'ProtectClock=yes'],
  [{ files: [file({ imports: new Set(['pcre2_jit_compile_8']) })] }, 'MemoryDenyWriteExecute=yes'],
  [{ files: [file({ libraries: ['libluajit-5.1.so.2'] })] }, 'MemoryDenyWriteExecute=yes'],
  [{ files: [file({ executableStack: true })] }, 'MemoryDenyWriteExecute=yes'],
  [{ privileged: [{ path: '/usr/bin/x', namedIn: '/usr/sbin/app' }] }, 'NoNewPrivileges=yes'],
  [{ files: [file({ text: 'open\n/dev/ttyUSB0\n' })] }, 'PrivateDevices=yes'],
  [{ lines: ['DeviceAllow=/dev/fuse rw'] }, 'PrivateDevices=yes'],
  [{ files: [file({ kind: 'configuration', path: '/etc/app.conf', text: 'root /home/www;' })] }, 'ProtectHome=yes'],
  [{ home: '/home/app' }, 'ProtectHome=yes'],
  [{ files: [file({ libraries: ['libpcap.so.0.8'] })] }, 'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK'],
  [{ files: [file({ imports: new Set(['unshare']) })] }, 'RestrictNamespaces=yes'],
  [{ files: [file({ imports: new Set(['mount']) })] }, 'ProtectSystem=full'],
  [{ files: [file({ imports: new Set(['pam_open_session']) })] }, 'NoNewPrivileges=yes'],
  [{ lines: ['Delegate=yes'] }, 'ProtectControlGroups=yes'],
  [{ files: [file({ path: '/usr/sbin/crond' })] }, 'PrivateTmp=yes'],
];

test('What a unit or its program says of itself withholds what would break it, and says why', t => {
  for (const [words, expected] of KNOWN) {
    const policy = base(unit(words));
    const found = policy.withheld.find(({ name, value }) => `${name}=${value}` === expected);
    t.truthy(found, `${expected} of ${JSON.stringify([...kindsOf(unit(words))])}`);
    t.regex(found?.because ?? '', /^it .+: ./);
    t.false(lines(policy).includes(expected), expected);
  }
});

test('What a program denies to itself is no sign that it does it', t => {
  const policy = base(
    unit({ lines: ['CapabilityBoundingSet=~CAP_SYS_TIME CAP_SYS_MODULE', 'InaccessiblePaths=/dev/sda'] }),
  );
  t.true(lines(policy).includes('ProtectClock=yes'));
  t.true(lines(policy).includes('PrivateDevices=yes'));
});

test('Null devices and kernel variables that everybody reads withhold nothing', t => {
  const text =
    '/dev/null\n/dev/urandom\n/dev/log\n/dev/tty\n/proc/sys/net/core/somaxconn\n/proc/sys/kernel/ngroups_max\n';
  t.deepEqual(base(unit({ files: [file({ text })] })).withheld, []);
});

test('A stricter value of the unit stays, and what it has already is not said twice', t => {
  const own = ['ProtectSystem=strict', 'PrivateTmp=true', 'ProtectHome=read-only', 'RestrictAddressFamilies=AF_UNIX'];
  const found = lines(base(unit({ lines: own })));
  t.false(
    found.some(line => /^(?:ProtectSystem|PrivateTmp|RestrictAddressFamilies)=/.test(line)),
    found.join(' '),
  );
  t.false(found.includes('ProtectHome=yes'), 'the unit says that homes are read');
  const filtered = lines(base(unit({ lines: ['SystemCallFilter=@system-service'] })));
  t.false(
    filtered.some(line => line.startsWith('SystemCallErrorNumber=')),
    'a call that kills goes on killing',
  );
});

test('A looser value or a list of its own says what the unit needs, and stays', t => {
  const own = [
    'ProtectHome=no',
    'MemoryDenyWriteExecute=false',
    'RestrictNamespaces=mnt',
    'SystemCallArchitectures=native x86',
  ];
  const families = 'RestrictAddressFamilies=~AF_INET6';
  const policy = base(unit({ lines: [...own, families] }));
  for (const line of [...own, families]) {
    const [name = ''] = line.split('=');
    t.false(
      policy.directives.some(one => one.name === name),
      line,
    );
    t.true(
      policy.withheld.some(one => one.name === name),
      line,
    );
  }
});

test('A service that starts without root and gains no rights keeps only its ambient capabilities', t => {
  const user: Service = { ...ROOT, user: 'app', uid: 1, ambient: ['CAP_NET_BIND_SERVICE'] };
  t.true(lines(base(unit({}), 257, user)).includes('CapabilityBoundingSet=CAP_NET_BIND_SERVICE'));
  t.true(lines(base(unit({}), 257, { ...user, ambient: [] })).includes('CapabilityBoundingSet='));
  const privileged = unit({ lines: ['ExecStartPre=!/bin/mkdir /run/app'] });
  t.false(lines(base(privileged, 257, user)).includes('CapabilityBoundingSet=CAP_NET_BIND_SERVICE'));
});

test('Where filters would bring NoNewPrivileges=yes to a service that needs rights, they are withheld', t => {
  const user: Service = { ...ROOT, user: 'app', uid: 1 };
  const words = unit({ privileged: [{ path: '/usr/bin/x', namedIn: '/usr/sbin/app' }] });
  t.false(base(words, 252, user).directives.some(({ name }) => name === 'SystemCallFilter'));
  t.true(base(words, 257, user).directives.some(({ name }) => name === 'SystemCallFilter'));
});

test('Every value of the column is one that the table of directives knows, and that systemd 247 takes', t => {
  for (const [name, entries = []] of Object.entries(HARDENING)) {
    t.true(name in DIRECTIVES, name);
    const known = strictness(name, 247);
    for (const { value, breaks } of entries) {
      t.true(known.length === 0 || known.includes(value), `${name}=${value}`);
      t.true(breaks.length > 0, `${name}=${value} says what it breaks`);
    }
  }
});
