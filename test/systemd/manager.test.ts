// The reader of units against systemd itself: what `systemctl show` says of the units of this machine and of a few hard ones
// must be what was read from their files.

import { readdirSync } from 'node:fs';
import test from 'ava';
import { thisHost } from '../../src/host/file-system.ts';
import { thisMachine } from '../../src/host/machine.ts';
import { listedEntries } from '../../src/policy/sandbox/mount-entries.ts';
import { type Sandbox, sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { loadUnit } from '../../src/systemd/unit.ts';
import { unitPaths } from '../../src/systemd/unit-paths.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const compare = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] comparison of the unit reader skipped: ${obstacle}`, t => t.pass());

const HARD: Readonly<Record<string, string>> = {
  'aa-lists.service': `[Service]
ExecStart=/bin/true
ReadWritePaths=/gone
ReadWritePaths=
ReadWritePaths="/a b" -/c\\\\d +/e /f/./g// \\
# a comment in between
  /h
CapabilityBoundingSet=CAP_CHOWN cap_kill
CapabilityBoundingSet=~CAP_KILL
RestrictAddressFamilies=~AF_INET AF_INET6
SystemCallFilter=@clock sync
SystemCallFilter=~@clock:EACCES
`,
  'aa-dynamic.service':
    '[Service]\nExecStart=/bin/true\nDynamicUser=1\nStateDirectory=a/b:c d\nProtectHome=tmpfs\nProtectSystem=yes\n',
  'aa-words.service': `[Service]
ExecStart=/bin/true
InaccessiblePaths=%t/%p %S/x /100%%
RestrictNamespaces=~mnt
RestrictNamespaces=time
SystemCallFilter=~@mount
SystemCallFilter=mount
AmbientCapabilities=CAP_SYS_NICE
AmbientCapabilities=CAP_KILL
`,
  'aa-in@.service': '[Service]\nExecStart=/bin/true\nReadOnlyPaths=/%i/%I%f\nPrivateTmp=true\n',
};

/** Dropped beside units, in directories whose order counts. */
const DROPINS: Readonly<Record<string, string>> = {
  '/etc/systemd/system/aa-words.service.d/20.conf': '[Service]\nPrivateTmp=yes\nInaccessiblePaths=/etc20\n',
  '/run/systemd/system/aa-words.service.d/20.conf': '[Service]\nPrivateDevices=yes\n',
  '/run/systemd/system/aa-.service.d/10.conf': '[Service]\nInaccessiblePaths=/run10\n',
  '/etc/systemd/system/service.d/30.conf': '[Service]\nProtectClock=yes\n',
  '/run/systemd/system/aa-in@.service.d/5.conf': '[Service]\nReadOnlyPaths=/five\n',
  '/run/systemd/system/aa-in@x\\x2dy.service.d/1.conf': '[Service]\nReadOnlyPaths=/one\n',
};

const CHOICES: readonly string[] =
  'ProtectSystem ProtectHome PrivateTmp PrivateDevices PrivateNetwork PrivateIPC ProtectClock ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups ProtectHostname NoNewPrivileges RestrictSUIDSGID RestrictRealtime LockPersonality MemoryDenyWriteExecute DynamicUser'.split(
    ' ',
  );
const LISTS: readonly string[] = ['ReadWritePaths', 'ReadOnlyPaths', 'InaccessiblePaths', 'ExecPaths', 'NoExecPaths'];

/** Calls of other machines, or newer than the libseccomp that the manager asks: it leaves them out of what it shows. */
const UNRESOLVED: ReadonlySet<string> = new Set(['riscv_hwprobe', 'sys_debug_setcontext', 'uretprobe']);

const sorted = (words: Iterable<string>): string => [...words].sort().join(' ');

/** What was read, in the words of `systemctl show`. */
function shown(sandbox: Sandbox): Record<string, string> {
  const { settings, assignments, capabilities, filter, rules } = sandbox;
  const found: Record<string, string> = {};
  for (const name of CHOICES) found[name] = settings.findLast(one => one.name === name)?.value ?? 'no';
  for (const name of LISTS)
    found[name] = sorted(
      assignments
        .filter(one => one.name === name)
        .flatMap(by => listedEntries(by, { dynamicUser: false, pidsOnly: false, systemd: 252 }))
        .map(({ path, ignore }) => (ignore === true ? '-' : '') + path),
    );
  const denied = rules.flatMap(({ effect }) => (effect.deny === 'namespaces' ? effect.names : []));
  const kinds = 'cgroup ipc net mnt pid user uts time'.split(' ').filter(name => !denied.includes(name));
  found.RestrictNamespaces = denied.length === 0 ? 'no' : kinds.length === 0 ? 'yes' : sorted(kinds);
  if (filter !== null) {
    // Calls that an allow-list refuses with an errno of their own are not shown.
    const calls = [...filter.calls].filter(([, { outcome }]) => filter.mode === 'deny' || outcome === null);
    const names = calls.map(([call]) => call).filter(call => !UNRESOLVED.has(call));
    found.SystemCallFilter = `${filter.mode === 'deny' ? '~' : ''}${sorted(names)}`;
  }
  const taken = rules.flatMap(({ effect }) => (effect.deny === 'capability' ? effect.names : []));
  if (sandbox.user === null)
    found.CapabilityBoundingSet = sorted(
      [...capabilities.has].filter(name => !taken.includes(name)).map(name => name.toLowerCase()),
    );
  return found;
}

/** The same of what the manager says; prefixes that say nothing about the sandbox left out. */
function said(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    found[name] = value;
  }
  for (const name of LISTS) {
    const words = (found[name] ?? '').match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
    found[name] = sorted(
      words.map(word =>
        word
          .replace(/^"|"$/g, '')
          .replace(/\\(.)/g, '$1')
          .replace(/^(-?)\+/, '$1'),
      ),
    );
  }
  for (const name of ['RestrictNamespaces', 'CapabilityBoundingSet'])
    found[name] = sorted((found[name] ?? '').split(' '));
  const [, sign = '', calls = ''] = /^(~?)(.*)$/.exec(found.SystemCallFilter ?? '') ?? [];
  found.SystemCallFilter = sign + sorted(calls.split(' ').map(call => call.replace(/:.*/, '')));
  return found;
}

compare('[systemd] units are read as the manager reads them', async t => {
  const host = await bootSystemd();
  try {
    for (const [name, text] of Object.entries(HARD)) await host.write(`/etc/systemd/system/${name}`, text);
    for (const [path, text] of Object.entries(DROPINS)) await host.write(path, text);
    await host.run('systemctl', 'daemon-reload');
    const installed = readdirSync('/usr/lib/systemd/system').filter(name => /^[^@]+\.service$/.test(name));
    const names = [...installed, ...Object.keys(HARD).filter(name => !name.includes('@')), 'aa-in@x\\x2dy.service'];
    const asked = [
      ...CHOICES,
      ...LISTS,
      'RestrictNamespaces',
      'SystemCallFilter',
      'CapabilityBoundingSet',
      'LoadState',
      'Id',
    ];
    const { stdout } = await host.run('systemctl', 'show', '-p', asked.join(','), '--', ...names);
    const paths = unitPaths(null, {}).map(path => host.root + path);
    let compared = 0;
    for (const block of stdout.split('\n\n')) {
      const manager = said(block);
      const { Id: id = '', LoadState: state = '' } = manager;
      if (state !== 'loaded' || !/^[\w@\\.-]+\.service$/.test(id)) continue;
      const reader = { systemd: 252, sets: syscallSets() };
      const unit = loadUnit([id], { reader, user: null, machine: thisMachine(), paths });
      const sandbox = sandboxOf(unit.assignments, { ...reader, host: thisHost() });
      for (const [name, value] of Object.entries(shown(sandbox))) t.is(value, manager[name] ?? '', `${id}: ${name}`);
      compared++;
    }
    t.true(compared > 20, `${compared} units compared`);
    t.log(`${compared} units compared`);
  } finally {
    await host.halt();
  }
});
