// Logs that do not hold everything, made by a real strace with the options that people use: what they cannot show is not concluded.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { allowtrace } from '../support/fixtures.ts';

/** Reads a file, writes one, asks for a user, which makes sockets, and ends. */
const SCRIPT = 'cat /etc/passwd > $0/copy; rm $0/copy; getent ahosts localhost; exec ls';

async function record(...options: string[]): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-gaps-'));
  const log = join(dir, 'log');
  await execa('strace', ['-f', ...options, '-o', log, 'bash', '-c', SCRIPT, dir]);
  return log;
}

interface Proposal {
  names: Set<string>;
  text: string;
  said: string;
}

async function proposal(...logs: string[]): Promise<Proposal> {
  const { stdout, stderr, exitCode } = await allowtrace([
    'replay',
    '--other-host',
    '--no-verify',
    '--format',
    'full',
    ...logs,
  ]);
  const incomplete = /^# Incomplete evidence: /.test(stdout);
  if (exitCode !== (incomplete ? 3 : 0)) throw new Error(stderr);
  return { names: new Set(stdout.match(/^\w+(?==)/gm)), text: stdout, said: stderr };
}

const FILES = ['ProtectSystem', 'ReadWritePaths', 'PrivateDevices'] as const;
const SOCKETS = ['RestrictAddressFamilies', 'IPAddressDeny'] as const;
const OTHERS = ['CapabilityBoundingSet', 'MemoryDenyWriteExecute', 'NoNewPrivileges', 'RestrictNamespaces'] as const;
const CALLS = ['SystemCallFilter'] as const;

// biome-ignore format: one log a line
const LOGS: readonly { options: string[]; proposed: readonly string[]; withheld: readonly string[] }[] = [
  { options: [],                            proposed: ['ProtectSystem', 'ReadWritePaths', ...SOCKETS, ...OTHERS, ...CALLS], withheld: [] },
  { options: ['-z'],                        proposed: ['ProtectSystem', 'ReadWritePaths', ...SOCKETS, ...OTHERS], withheld: CALLS },
  { options: ['-e', 'trace=!exit_group'],   proposed: ['ProtectSystem', 'ReadWritePaths', ...SOCKETS, ...OTHERS], withheld: CALLS },
  { options: ['-e', 'trace=%file'],         proposed: ['ProtectSystem', 'ReadWritePaths'], withheld: [...SOCKETS, ...OTHERS, ...CALLS] },
  { options: ['-e', 'trace=%file,%process'], proposed: ['ProtectSystem', 'ReadWritePaths'], withheld: [...SOCKETS, ...OTHERS, ...CALLS] },
  { options: ['-e', 'trace=%file,%network'], proposed: ['ProtectSystem', 'ReadWritePaths', ...SOCKETS], withheld: [...OTHERS, ...CALLS] },
  { options: ['-e', 'trace=%process'],      proposed: [], withheld: [...FILES, ...SOCKETS, ...OTHERS, ...CALLS] },
  { options: ['-e', 'trace=%network'],      proposed: [], withheld: [...FILES, ...SOCKETS, ...OTHERS, ...CALLS] },
  { options: ['-P', '/etc/passwd'],         proposed: [], withheld: [...FILES, ...SOCKETS, ...OTHERS, ...CALLS] },
];

for (const { options, proposed, withheld } of LOGS)
  test(`a log of strace ${['-f', ...options].join(' ')}`, async t => {
    const { names, said } = await proposal(await record(...options));
    for (const name of proposed) t.true(names.has(name), `${name} is proposed`);
    for (const name of withheld) t.false(names.has(name), `${name} is not`);
    t.is(/^blind spot: .*traced/m.test(said), withheld.length > 0, said);
  });

test('what is withheld for the same reason is said once', async t => {
  const { text } = await proposal(await record('-e', 'trace=%file'));
  t.regex(
    text,
    /^# +calls about sockets may not have been traced \(.*\): .*PrivateNetwork=yes.*RestrictAddressFamilies=/m,
  );
  t.is(text.match(/^# +calls about sockets may not/gm)?.length, 1);
});

/** A log of a process that runs already, with enough lines to go by. */
async function attach(): Promise<string> {
  const log = join(mkdtempSync(join(tmpdir(), 'allowtrace-gaps-')), 'log');
  const loop = execa('bash', ['-c', 'while read -r line < /etc/passwd; do :; done'], { reject: false });
  const strace = execa('strace', ['-f', '-p', String(loop.pid), '-o', log], { reject: false });
  const lines = (): number => {
    try {
      return readFileSync(log, 'latin1').split('\n').length;
    } catch {
      return 0;
    }
  };
  while (lines() < 200) await setTimeout(20);
  loop.kill('SIGKILL');
  await Promise.all([loop, strace]);
  return log;
}

test('strace -p: a service whose start was never seen is not kept from starting; another log may show it', async t => {
  const attached = await attach();
  const alone = await proposal(attached);
  t.deepEqual([...alone.names], ['KeyringMode']);
  t.regex(alone.said, /^blind spot: how the service starts is not in the log/m);
  const both = await proposal(attached, await record());
  t.true(both.names.has('SystemCallFilter'));
  t.true(both.names.has('ProtectSystem'));
  // What a partial log adds is welcome, and takes nothing away.
  const more = await proposal(await record('-e', 'trace=%file'), await record());
  t.true(more.names.has('SystemCallFilter'));
});

test('a name that is shown as an address only is a blind spot', async t => {
  const { said } = await proposal(await record('-e', 'raw=openat'));
  t.regex(said, /^blind spot: of a name that openat was given, the log shows only the address/m);
});

test('incomplete evidence is said first, last, by the exit status, and in the same words by report and check', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-gaps-'));
  const log = join(dir, 'attached.strace');
  writeFileSync(log, 'strace: Process 5689 attached\nopenat(AT_FDCWD, "/srv/data/x", O_RDONLY) = 4\nclose(4) = 0\n');
  const unit = join(dir, 'app.service');
  writeFileSync(unit, '[Service]\nExecStart=/usr/bin/app\nLockPersonality=yes\n');
  const options = ['--other-host', '--no-verify', log];
  const words = /incomplete evidence.*how the service starts is not in the log/i;
  const { exitCode, stdout, stderr } = await allowtrace(['replay', ...options]);
  t.is(exitCode, 3);
  t.regex(stdout.split('\n')[0] ?? '', words);
  t.regex(stderr.trimEnd().split('\n').at(-1) ?? '', words);
  const allowed = await allowtrace(['replay', '--allow-incomplete', ...options]);
  t.is(allowed.exitCode, 0);
  t.is(allowed.stdout, stdout);
  t.regex(allowed.stderr, words);
  const table = await allowtrace(['propose', '--format', 'table', ...options]);
  t.is(table.exitCode, 3);
  t.regex(table.stdout, words);
  t.regex((await allowtrace(['report', '--other-host', log])).stdout, words);
  const fits = await allowtrace(['check', '--other-host', unit, '--', log]);
  t.is(fits.exitCode, 0);
  t.regex(fits.stdout, words);
});
