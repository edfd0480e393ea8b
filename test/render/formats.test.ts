// Proposals for NixOS, Ansible, containers and AppArmor: their own tools take them, and no name from a log breaks them.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa, execaSync } from 'execa';
import { parse } from 'yaml';
import type { Policy } from '../../src/policy/policy.ts';
import { quotePath } from '../../src/policy/quote.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { renderDropin } from '../../src/render/dropin.ts';
import { renderAnsible } from '../../src/render/formats/ansible.ts';
import { renderApparmor } from '../../src/render/formats/apparmor.ts';
import { nixString, renderNix } from '../../src/render/formats/nix.ts';
import fc from '../support/fast-check.ts';
import { allowtrace, fixture } from '../support/fixtures.ts';

const FIXTURES = ['opensmtpd/y.strace.gz', 'redis/y.strace', 'names/y.strace'];
const dir = mkdtempSync(join(tmpdir(), 'allowtrace-formats-'));
const has = (tool: string): boolean => execaSync(tool, ['--version'], { reject: false }).exitCode !== undefined;

const TOOLS = {
  nix: ['nix-instantiate', '--parse'],
  ansible: ['ansible-playbook', '--syntax-check', '-i', 'localhost,'],
  apparmor: ['apparmor_parser', '--skip-kernel-load', '--skip-cache', '--quiet'],
} as const;

/** Runs the tool of a format on a text. */
async function accepts(format: keyof typeof TOOLS, text: string): Promise<string> {
  const [tool, ...options] = TOOLS[format];
  const file = join(dir, `${format}.yml`);
  writeFileSync(file, text);
  const env = { HOME: dir, NIX_STATE_DIR: join(dir, 'nix'), ANSIBLE_LOCAL_TEMP: dir, LC_ALL: 'C.UTF-8' };
  const { exitCode, stderr, stdout } = await execa(tool, [...options, file], { reject: false, env });
  return exitCode === 0 ? '' : `${stdout}\n${stderr}`;
}

const proposal = async (format: string, name: string, ...options: string[]): Promise<string> =>
  (await allowtrace(['replay', '--other-host', '--allow-incomplete', '--format', format, ...options, fixture(name)]))
    .stdout;

/** A proposal whose paths, unit and remarks bear these names. */
function named(names: readonly string[]): Policy {
  return {
    format: 'allowtrace-policy',
    version: 1,
    target: { systemd: 252, paths: ['strict'], syscalls: 'equal', unit: `${names[0] ?? 'x'}.service` },
    basis: { runs: 1, hosts: 1 },
    incomplete: [],
    directives: names.flatMap(name => {
      const value = quotePath(`/srv/${name}`, { prefix: '-' });
      return value === null
        ? []
        : [
            {
              section: 'Service' as const,
              name: 'ReadWritePaths',
              value,
              because: name,
              evidence: [],
              seen: 1,
              wider: name,
            },
          ];
    }),
    withheld: [],
    notes: names.map(text => ({ kind: 'open' as const, text })),
  };
}

const HOSTILE = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what Nix would take for code
  '${x}',
  '$${x}',
  '\\${',
  '"; rm',
  "''",
  '{{ lookup("pipe", "id") }}',
  '{% raw %}',
  '\u2028- x',
  '\u0085',
  '#',
  ': ',
  '@{HOME}',
  '*',
  '^',
  'a b',
  '%n',
  'ä€😀',
];
const names = fc.array(
  fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: 'grapheme' }).filter(text => !text.includes('/') && !text.includes('\0')),
  ),
  { minLength: 1, maxLength: 30 },
);

for (const format of ['nix', 'ansible', 'apparmor'] as const) {
  const [tool] = TOOLS[format];
  if (!has(tool)) {
    test.skip(`[debian] ${format}: skipped: ${tool} is not installed`, t => t.pass());
    continue;
  }
  test(`[debian] ${tool} takes a proposal in --format ${format}, whatever names it bears`, async t => {
    for (const name of FIXTURES) {
      const options = name === 'redis/y.strace' ? ['--paths', 'tmpfs,exec'] : [];
      t.is(await accepts(format, await proposal(format, name, ...options)), '', name);
    }
    const broken = { nix: '\n}', ansible: '\n - [', apparmor: '\n}' }[format];
    t.not(await accepts(format, `${await proposal(format, 'redis/y.strace')}${broken}`), '', 'it does refuse');
    const render = { nix: renderNix, ansible: renderAnsible, apparmor: renderApparmor }[format];
    const samples = fc.sample(names, { numRuns: 4, seed: 7 });
    for (const sample of [HOSTILE, ...samples])
      t.is(await accepts(format, render(named(sample))), '', JSON.stringify(sample));
  });
}

test('[law] a play of Ansible holds the very drop-in, as text that no template is made of', t => {
  fc.assert(
    fc.property(names, sample => {
      const policy = named(sample);
      const text = renderAnsible(policy);
      const tags: { tag: string; resolve: (value: string) => string }[] = [{ tag: '!unsafe', resolve: value => value }];
      const [play] = parse(text, { customTags: tags, version: '1.1' });
      const content: unknown = play.tasks[1]['ansible.builtin.copy'].content;
      t.is(String(content).trimEnd(), renderDropin(policy).trimEnd());
      t.notRegex(text.replace(/!unsafe (?:\|\n(?: {10}.*\n|\n)*|".*")/g, '').replace(/^#.*/gm, ''), /\{\{|\{%/);
    }),
  );
});

if (has('nix-instantiate'))
  test('[law] [debian] strings of Nix read back as they were', async t => {
    const sample = [
      ...HOSTILE,
      ...fc.sample(
        fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0') && !text.includes('\r')),
        { numRuns: 200, seed: 7 },
      ),
    ];
    const expression = `[ ${sample.map(nixString).join(' ')} ]`;
    const env = { HOME: dir, NIX_STATE_DIR: join(dir, 'nix'), NIX_STORE_DIR: join(dir, 'store'), LC_ALL: 'C.UTF-8' };
    const { stdout } = await execa('nix-instantiate', ['--eval', '--strict', '--json', '-E', expression], { env });
    t.deepEqual(JSON.parse(stdout), sample);
  });

test('A seccomp profile allows the calls of the filter, and says which the runtime needs itself', async t => {
  const profile = JSON.parse(await proposal('oci', 'redis/y.strace'));
  t.is(profile.defaultAction, 'SCMP_ACT_ERRNO');
  const [service, runtime] = profile.syscalls;
  t.true(service.names.includes('epoll_wait') && service.names.includes('futex') && !service.names.includes('mount'));
  t.regex(runtime.comment, /broader than observed/);
  const known = syscallSets(262)('@known');
  for (const { names: calls, action } of profile.syscalls) {
    t.is(action, 'SCMP_ACT_ALLOW');
    t.deepEqual(
      calls.filter((name: string) => !known.has(name) && !syscallSets(252)('@default').has(name)),
      [],
    );
  }
  const upstream = JSON.parse(await proposal('oci', 'redis/y.strace', '--for', 'upstream'));
  t.false(upstream.syscalls[0].names.includes('setpriority'), '~@resources takes it away');
  t.true(upstream.syscalls[0].names.includes('epoll_wait'));
});
