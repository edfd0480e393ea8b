// The tables against the real tools: strace knows every system call, systemd knows every directive.

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { holds } from '../../src/policy/directives/row.ts';
import { DIRECTIVE_ROWS } from '../../src/policy/directives/table.ts';
import { kernelName } from '../../src/policy/kernel-names.ts';
import { OTHER_SETTINGS } from '../../src/policy/sandbox/other-settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { ROWS, SYSCALLS } from '../../src/process/syscalls.ts';
import { systemdVersion } from '../../src/systemd/version.ts';
import { RELEASES, rootOf } from '../support/releases.ts';

/** Names that neither the installed strace nor systemd 262 knows, each with the reason. */
const ELSEWHERE: Readonly<Record<string, string>> = { clone2: 'of ia64 alone, which left Linux with 6.7' };

const { failed: noStrace } = await execa('strace', ['-V'], { reject: false });
const withStrace = noStrace ? test.skip : test;
const version = await systemdVersion();
const withSystemd = version === null ? test.skip : test;

withStrace(
  'every call of the table is one that strace knows, or systemd where it is newer than that strace',
  async t => {
    const isKnown = async (names: readonly string[]): Promise<boolean> => {
      const options = ['-e', `trace=${names.join(',')}`, '-o', '/dev/null', 'true'];
      return !/invalid system call/.test((await execa('strace', options, { reject: false })).stderr);
    };
    const unknown = async (names: readonly string[]): Promise<string[]> => {
      if (names.length === 0 || (await isKnown(names))) return [];
      const half = Math.ceil(names.length / 2);
      return names.length === 1
        ? [...names]
        : [...(await unknown(names.slice(0, half))), ...(await unknown(names.slice(half)))];
    };
    const newest = syscallSets(262)('@known');
    const nowhere = (await unknown(Object.keys(SYSCALLS))).filter(name => !newest.has(kernelName(name)));
    t.deepEqual(nowhere, Object.keys(ELSEWHERE));
  },
);

withSystemd('systemd knows the directives of the table that it is old enough for', async t => {
  const { stdout } = await execa('/lib/systemd/systemd', ['--dump-configuration-items'], {
    reject: false,
    env: { SYSTEMD_LOG_LEVEL: 'err' },
  });
  for (const [name, row] of DIRECTIVE_ROWS)
    if (holds(row, version ?? 0)) t.regex(stdout, new RegExp(`^${name}=`, 'm'), name);
});

/** What a release takes in [Service] and nothing is concluded from, which `check` says; and old names of others. */
const UNJUDGED =
  `RootDirectoryStartOnly RootImageOptions RootImagePolicy RootHash RootHashSignature RootVerity RootEphemeral ExtensionDirectories
  ExtensionImages ExtensionImagePolicy MountImages MountImagePolicy NetworkNamespacePath IPCNamespacePath MountFlags Personality SetCredential
  SetCredentialEncrypted LoadCredential LoadCredentialEncrypted ImportCredential PAMName SELinuxContext AppArmorProfile SmackProcessLabel
  IPIngressFilterPath IPEgressFilterPath BPFProgram ReadWriteDirectories ReadOnlyDirectories InaccessibleDirectories`.split(
    /\s+/,
  );

for (const release of RELEASES) {
  const folder = rootOf(release) ?? '';
  (existsSync(`${folder}/lib/systemd/systemd`) && process.getuid?.() === 0 ? test : test.skip)(
    `[systemd] every setting that systemd ${release} takes of a service is judged, harmless, or said not to be judged`,
    async t => {
      const dump = ['/lib/systemd/systemd', '--dump-configuration-items'];
      const [file = '', ...args] = folder === '' ? dump : ['chroot', folder, ...dump];
      const { stdout } = await execa(file, args, { reject: false, env: { SYSTEMD_LOG_LEVEL: 'err' } });
      const [, service = ''] = /^\[Service\]\n((?:.+\n)*)/m.exec(stdout) ?? [];
      const names = service.split('\n').flatMap(line => /^(\w+)=/.exec(line)?.[1] ?? []);
      t.true(names.length > 150);
      const isKnown = (name: string): boolean =>
        DIRECTIVE_ROWS.has(name) || OTHER_SETTINGS.has(name) || UNJUDGED.includes(name);
      t.deepEqual(
        names.filter(name => !isKnown(name)),
        [],
      );
    },
  );
}

/** Calls newer than systemd 252's libseccomp, and some of other architectures: systemd cannot allow them, and a proposal says so. */
const TOO_NEW =
  /^(?:listns$|rseq_slice_yield$|riscv_hwprobe$|mseal|statmount|listmount|lsm_|uretprobe$|(?:get|set|list|remove)xattrat$|file_(?:get|set)attr$|open_tree_attr$|clone2$|cachestat$|map_shadow_stack$|futex_(?:wait|wake|requeue)$)/;

withSystemd('systemd takes every system call of the table by the name that a proposal gives it', async t => {
  const names = [...ROWS.keys()].filter(name => !TOO_NEW.test(name)).map(kernelName);
  const folder = await mkdtemp(join(tmpdir(), 'allowtrace-test-'));
  try {
    const file = join(folder, 'names.service');
    await writeFile(file, `[Service]\nExecStart=/bin/true\nSystemCallFilter=${names.join(' ')}\n`);
    const { stderr } = await execa('systemd-analyze', ['--man=no', 'verify', file], { reject: false });
    t.notRegex(stderr, /Failed to parse system call/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('no directive is without a way to come by: proposed from evidence, always, or never with the reason', t => {
  for (const [name, row] of DIRECTIVE_ROWS) {
    t.true(row.kind !== 'choice' || Object.keys(row.values ?? {}).length > 1, name);
    t.true(row.never === undefined || row.always === undefined, name);
    for (const [value, { since }] of Object.entries(row.values ?? {}))
      t.true((since ?? row.since) >= row.since, `${name}=${value}`);
  }
});
