// Runs the probe under many sets of directives in one real systemd, several at once, and tells what each access got.

import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import type { HostView } from '../../src/policy/host-view.ts';
import { type SandboxContext, sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { startedHost } from '../../src/policy/sandbox/started-host.ts';
import { judgeStart } from '../../src/policy/sandbox/starts.ts';
import { isBelow } from '../../src/process/resolve.ts';
import type { Fact } from '../../src/profile/profile.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { printedSyscallSets } from '../../src/systemd/version.ts';
import { root } from './fixtures.ts';
import { accessWords, COMMON, factsOf, hostAt, predicted, SOFT, TREE, tree } from './probes.ts';
import type { SystemdHost } from './systemd-host.ts';

/** Errnos by number, as the probe prints them. */
const ERRNOS: Readonly<Record<number, string>> = Object.fromEntries(
  execaSync('python3', ['-c', 'import errno\nfor n, e in errno.errorcode.items(): print(n, e)'])
    .stdout.split('\n')
    .map(line => {
      const [number = '', name = ''] = line.split(' ');
      return [Number(number), name] as const;
    }),
);

/** What the probe printed → the words of the model. */
export function outcomeOf(printed: string): string {
  const code = Number(printed);
  if (code === 0) return 'allowed';
  if (code === -31) return 'SIGSYS';
  if (code < 0) return `signal ${-code}`;
  return code === 61 ? 'empty' : (ERRNOS[code] ?? `errno ${code}`);
}

/** What one set of directives did: `status` of the start (0: the probe ran), and the outcome of each access. */
export interface Ran {
  status: string;
  outcomes: string[];
}

/** The facts of every access, for unit 0, and what each gives without a sandbox. */
export interface Baseline {
  words: string[];
  facts: Fact[][];
  outcomes: string[];
  /** What each gives a service that starts as one of USERS and has no sandbox else. */
  userOutcomes: ReadonlyMap<string, string[]>;
  /** The host, its systemd and its sets of calls. */
  context: SandboxContext;
}

/** Settings of units that are no service: they stand in a section of their own. */
const OF_UNIT = ['DefaultDependencies='];
const sectionsOf = (lines: readonly string[]): string[] => {
  const isOfUnit = (line: string): boolean => OF_UNIT.some(name => line.startsWith(name));
  return ['[Unit]', ...lines.filter(isOfUnit), '[Service]', ...lines.filter(line => !isOfUnit(line))];
};

const UNIT = (lines: readonly string[], unit: number, wider: boolean): string =>
  [
    ...sectionsOf(lines.map(line => here(line, unit))),
    'Type=oneshot',
    // Otherwise the manager forgets how it went.
    'RemainAfterExit=yes',
    `StandardOutput=file:/srv/out/${unit}`,
    'StandardError=null',
    'TimeoutStartSec=60',
    `ExecStart=/srv/probe run ${accessWords(unit, wider)
      .map(words => words.join(' '))
      .join(' -- ')}`,
  ].join('\n');

const START = `
start_all() {
	systemctl daemon-reload
	systemctl start "\${units[@]}" 2>/dev/null
	systemctl show -p Id,ExecMainCode,ExecMainStatus "\${units[@]}" | awk -F= '
		function tell() { print unit, code, status }
		/^ExecMainCode/ { code = $2 } /^ExecMainStatus/ { status = $2 } /^Id/ { unit = $2 } /^$/ { tell() } END { tell() }'
	systemctl stop "\${units[@]}" 2>/dev/null
	systemctl reset-failed 2>/dev/null
}
`;

/** Builds the probe inside the host, and learns what each access is and gives without a sandbox. */
export async function prepare(host: SystemdHost, wider = false): Promise<Baseline> {
  await host.write('/srv/probe.c', readFileSync(`${root}test/policy/probe.c`, 'utf8'));
  const list = accessWords(0, wider);
  const script = `set -e
gcc -O1 -static -nostdlib -ffreestanding -fno-stack-protector -fcf-protection=none -o /srv/probe /srv/probe.c
mkdir -p /srv/out /srv/log
${COMMON}${TREE}
make_tree 0
set +e
i=0
while IFS= read -r line; do
	strace -f -y -o /srv/log/$i /srv/probe one $line
	i=$((i + 1))
done <<'LIST'
${list.map(words => words.join(' ')).join('\n')}
LIST
rm -rf /srv/p0; make_tree 0
/srv/probe run ${list.map(words => words.join(' ')).join(' -- ')} >/srv/out/0
rm -rf /srv/p0; make_tree 0
for ((n = 0; n < i; n++)); do echo "=== $n"; cat /srv/log/$n; done
echo "=== outcomes"; cat /srv/out/0
`;
  await host.write('/srv/prepare', script);
  const { stdout, exitCode, stderr } = await host.run('bash', '/srv/prepare');
  if (exitCode !== 0) throw new Error(`the probe could not be prepared: ${stderr}`);
  const parts = stdout.split(/^=== .*\n/m).slice(1);
  const users = await runSets(host, USERS, 0, wider);
  await host.run('bash', '-c', `${TREE}make_tree 0`);
  const { stdout: version } = await host.run('systemctl', '--version');
  const { stdout: sets } = await host.run('systemd-analyze', '--no-pager', 'syscall-filter');
  return {
    userOutcomes: new Map(USERS.map((lines, i) => [userOf(lines), users[i]?.outcomes ?? []])),
    words: list.map(words => words.join(' ')),
    facts: parts.slice(0, -1).map(factsOf),
    outcomes: (parts.at(-1) ?? '').trim().split('\n').map(outcomeOf),
    context: {
      systemd: Number(/^systemd (\d+)/.exec(version)?.[1]),
      sets: printedSyscallSets(sets),
      host: hostAt(host.root),
    },
  };
}

const here = (line: string, unit: number): string => line.replaceAll('%', String(unit));

/** The users that sets may have; the unit's tree belongs to nobody, if to one of them. */
export const USERS: readonly (readonly string[])[] = [
  ['User=nobody'],
  ['User=daemon'],
  ['User=daemon', 'Group=nogroup'],
  ['User=daemon', 'AmbientCapabilities=CAP_CHOWN CAP_SYS_CHROOT'],
  ['DynamicUser=yes'],
];
const userOf = (lines: readonly string[]): string =>
  lines.filter(line => /^(?:User|Group|DynamicUser|AmbientCapabilities)=/.test(line)).join(' ');
/** The user that USERS give trees to. */
const NOBODY = 65_534;
/** Directories that units with StateDirectory= and its like give to their users while others run. */
const SHARED = /^\/(?:var\/(?:lib|cache|log)|run|etc)\/app/;
/** Owners as they are before any unit ran; the tree of unit 0 belongs to this user. */
const asMade = (uid: number, host: HostView): HostView => ({
  ...host,
  owner: path => {
    const owner = host.owner(path);
    if (owner === null) return null;
    if (SHARED.test(path)) return { uid: 0, gid: 0, mode: owner.mode };
    return uid !== 0 && isBelow(path, tree(0)) ? { ...owner, uid } : owner;
  },
});
const ownsTree = (lines: readonly string[]): boolean => lines.includes('User=nobody');

/** Starts one unit for each set of directives (`%` is replaced by the unit's number), all at once. */
export async function runSets(
  host: SystemdHost,
  sets: readonly (readonly string[])[],
  first: number,
  wider = false,
): Promise<Ran[]> {
  const numbers = sets.map((_, i) => first + i);
  const files = sets.map(
    (lines, i) => `cat >/run/systemd/system/p${first + i}.service <<'UNIT'\n${UNIT(lines, first + i, wider)}\nUNIT\n`,
  );
  const script = `${TREE}${START}
mkdir -p /run/systemd/system
for n in ${numbers.join(' ')}; do make_tree $n; done
for n in ${numbers.filter((_, i) => ownsTree(sets[i] ?? [])).join(' ')}; do chown -hR nobody /srv/p$n; done
${files.join('')}units=(${numbers.map(n => `p${n}.service`).join(' ')})
start_all
for n in ${numbers.join(' ')}; do echo "=== $n"; cat /srv/out/$n; rm -rf /srv/p$n /srv/out/$n /run/systemd/system/p$n.service /run/app$n; done
`;
  await host.write('/srv/batch', script);
  const { stdout } = await host.run('bash', '/srv/batch');
  const [head = '', ...parts] = stdout.split(/^=== .*\n/m);
  const statuses = new Map(
    head.split('\n').map(line => {
      const [id = '', code = '', status = ''] = line.split(' ');
      return [id, code === '1' ? status : `signal ${status}`] as const;
    }),
  );
  return numbers.map((n, i) => ({
    status: statuses.get(`p${n}.service`) ?? 'unknown',
    outcomes: (parts[i] ?? '')
      .trim()
      .split('\n')
      .filter(line => line !== '')
      .map(outcomeOf),
  }));
}

/** What the model says of a set: why it would not start, or `0`; and of each access. It is asked about the tree of unit 0. */
export function modelled(base: Baseline, lines: readonly string[]): Ran {
  const text = `${sectionsOf(lines.map(line => here(line, 0))).join('\n')}\n`;
  const written = inForce(readUnitText(Buffer.from(text), 'unit'));
  const owned = asMade(ownsTree(lines) ? NOBODY : 0, base.context.host);
  const host = startedHost(owned, sandboxOf(written, base.context));
  const sandbox = sandboxOf(written, { ...base.context, host });
  const program =
    base.facts[0]?.map(fact => ({ ...fact, kind: 'path' as const, mode: 'exec' as const, path: '/srv/probe' })) ?? [];
  const denied = predicted(program.slice(0, 1), sandbox, host);
  const { failures } = judgeStart(sandbox, { here: true, unseen: [] });
  return {
    status: failures[0]?.outcome.slice(0, 3) ?? (denied === null ? '0' : '203'),
    outcomes: base.facts.map((facts, i) => predicted(facts, sandbox, host)?.outcome ?? base.outcomes[i] ?? ''),
  };
}

/** Not followed, and said in docs/limits.md: asking whether a file may be written; a call that libc makes another one for. */
const ADMITTED = /^(?:access|clone3) /;

/** Do the model's word and the real outcome agree? `before` is what the access gives without a sandbox. */
function agree(model: string, real: string, before: string): boolean {
  if (model === real) return true;
  // Of a call that failed when it was observed nothing is concluded.
  const failed = !['allowed', 'empty'].includes(before);
  if (failed) return model === before || SOFT.has(model);
  return SOFT.has(model) && ['allowed', 'empty', before].includes(real);
}

/** Where model and systemd disagree about a set, in words. */
export function disagreements(base: Baseline, lines: readonly string[], real: Ran): string[] {
  const model = modelled(base, lines);
  const set = lines.join('; ');
  if (model.status !== real.status) return [`start: model ${model.status}, systemd ${real.status}: ${set}`];
  if (real.status !== '0') return [];
  return base.words.flatMap((words, i) => {
    if (ADMITTED.test(words)) return [];
    const [a = '', b = '', before = ''] = [model.outcomes[i], real.outcomes[i], base.outcomes[i]];
    // What a user may not do without a sandbox is not compared: ACLs and the rules of /proc are not modelled.
    const own = base.userOutcomes.get(userOf(lines))?.[i] ?? 'allowed';
    if (!['allowed', 'empty'].includes(own)) return [];
    return agree(a, b, before) ? [] : [`${words}: model ${a}, systemd ${b}: ${set}`];
  });
}
