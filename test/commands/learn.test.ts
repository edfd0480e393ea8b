// `allowtrace learn` with the real strace: the command runs as if alone, and nothing that was learned is lost, whoever is killed.

import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa, execaSync } from 'execa';
import { statusOf } from '../../src/host/tracees.ts';
import { readProfile } from '../../src/profile/file.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { allowtrace, bin } from '../support/fixtures.ts';
import { mountObstacle } from '../support/systemd-host.ts';
import { onTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const installed = !execaSync('strace', ['-V'], { reject: false }).failed;
const learn = installed ? test : test.skip;
const learnOnDisk = installed && mountObstacle() === null ? test : test.skip;

const folder = mkdtempSync(join(tmpdir(), 'allowtrace-learn-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

interface Place {
  dir: string;
  profile: string;
  file: (name: string) => string;
}

let places = 0;
async function place(): Promise<Place> {
  const dir = join(folder, String(++places));
  await mkdir(dir);
  return { dir, profile: join(dir, 'profile.json'), file: name => join(dir, name) };
}

const paths = ({ facts }: Profile): string[] => facts.flatMap(fact => (fact.kind === 'path' ? [fact.path] : []));

interface Started {
  run: ReturnType<typeof spawnLearn>;
  /** Pid of the command, once it has written it to the file `pid`. */
  pid: number;
  strace: number;
}

const spawnLearn = (at: Place, words: string[]) => execa(bin, words, { cwd: at.dir, reject: false, stdin: 'ignore' });

/** Starts `learn` on a shell script that first writes its pid, and waits until it has done so. */
async function start(at: Place, script: string, options: string[] = []): Promise<Started> {
  const words = ['learn', '--profile', at.profile, '--save-interval', '0.1s', '-o', at.file('proposal'), ...options];
  const run = spawnLearn(at, [...words, '--', 'sh', '-c', `echo $$ > pid; ${script}`]);
  const pid = Number(await until(async () => (await readFile(at.file('pid'), 'utf8')).trim() || null));
  // A script that goes on at once may have ended.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const strace = Number(/^TracerPid:\s*(\d+)/m.exec(status)?.[1]);
  return { run, pid, strace };
}

const saved = (at: Place, path: string) =>
  until(() => readFile(at.profile)).then(() => until(async () => paths(await readProfile(at.profile)).includes(path)));
/** Waits for a remark on stderr. */
async function said(run: Started['run'], what: RegExp): Promise<void> {
  let text = '';
  run.stderr.on('data', chunk => {
    text += String(chunk);
  });
  await until(() => what.test(text));
}

/** Something a shell can wait for without ending, and without a child. */
const WAIT = 'read x < fifo';
const go = (at: Place) => execa('sh', ['-c', 'echo go > fifo'], { cwd: at.dir });

learn('[strace] stdin, stdout, stderr and the exit status are the command’s own', async t => {
  const at = await place();
  const { stdout, stderr, exitCode } = await execa(
    bin,
    ['learn', '-o', at.file('proposal'), '--profile', at.profile, '--', 'sh', '-c', 'cat; echo remark >&2; exit 3'],
    { input: 'through\nand through', reject: false },
  );
  t.is(exitCode, 3);
  t.is(stdout, 'through\nand through');
  t.regex(stderr, /^remark$/m);
  t.regex(stderr, /hot calls are assumed \(strace \d+\.\d+\), because/);
  t.regex(await readFile(at.file('proposal'), 'utf8'), /^ProtectSystem=strict$/m);
  const { runs } = await readProfile(at.profile);
  t.like(runs, [{ mode: 'seccomp', trace: 'sh', command: ['sh', '-c', 'cat; echo remark >&2; exit 3'] }]);
});

learn('[strace] without --output the proposal follows what the command wrote', async t => {
  const { stdout } = await allowtrace(['learn', '--', 'echo', 'first']);
  t.regex(stdout, /^first\n(?:.*\n)*ProtectSystem=strict$/m);
});

learn('[strace] a signal that kills the command kills us', async t => {
  for (const name of ['SEGV', 'TERM', 'KILL'] as const) {
    const { signal } = await execa(bin, ['learn', '-o', '/dev/null', '--', 'sh', '-c', `kill -${name} $$`], {
      reject: false,
    });
    t.is(signal, `SIG${name}`);
  }
});

learn('[strace] every call is traced on demand', async t => {
  const at = await place();
  await allowtrace(['learn', '--complete', '--profile', at.profile, '-o', at.file('proposal'), '--', 'true']);
  const { runs, facts } = await readProfile(at.profile);
  t.is(runs[0]?.mode, 'complete');
  t.true(facts.some(fact => fact.kind === 'syscall' && fact.name === 'read' && fact.assumed === undefined));
  t.false(facts.some(fact => fact.kind === 'syscall' && fact.assumed));
});

learn('[strace] SIGTERM and other signals reach the command, which ends as it likes', async t => {
  const at = await place();
  const { run } = await start(
    at,
    `mkfifo fifo; trap 'cat /etc/hostname; exit 5' TERM; trap 'echo usr1 > usr1' USR1; touch ready; while :; do ${WAIT}; done`,
  );
  await until(() => readFile(at.file('ready')));
  run.kill('SIGUSR1');
  await until(() => readFile(at.file('usr1')));
  run.kill('SIGTERM');
  const { exitCode } = await run;
  t.is(exitCode, 5);
  t.true(paths(await readProfile(at.profile)).includes('/etc/hostname'));
  t.regex(await readFile(at.file('proposal'), 'utf8'), /ProtectSystem/);
});

learn('[strace] SIGTERM ends a command that is only just being started', async t => {
  const at = await place();
  for (let i = 0; i < 10; i++) {
    const run = spawnLearn(at, ['learn', '--no-verify', '-o', at.file('proposal'), '--', 'sleep', '4']);
    await said(run, /tracing with a filter/);
    await sleep(i * 4);
    run.kill('SIGTERM');
    t.is((await run).signal, 'SIGTERM', `after ${i * 4} ms`);
  }
});

learn('[strace] a command that forks away is followed to its end', async t => {
  const at = await place();
  const { run } = await start(at, 'mkfifo fifo; (read x < fifo; touch late) & exit 0');
  await said(run, /forked away/);
  await go(at);
  t.is((await run).exitCode, 0);
  t.true(paths(await readProfile(at.profile)).includes(at.file('late')));
});

learn('[strace] SIGTERM ends what has forked away, also in a session of its own', async t => {
  const at = await place();
  const { run } = await start(
    at,
    `mkfifo fifo; setsid sh -c 'trap "touch ended; exit" TERM; touch ready; while :; do ${WAIT}; done' & exit 0`,
  );
  await said(run, /forked away/);
  await until(() => readFile(at.file('ready')));
  run.kill('SIGTERM');
  t.is((await run).exitCode, 0);
  await readFile(at.file('ended'));
  t.true(paths(await readProfile(at.profile)).includes(at.file('ended')));
});

const LASTING = `mkfifo fifo; touch seen; ${WAIT}; cat /etc/hostname; exit 7`;

learn('[strace] kill -9 of strace, tracing every call: the command goes on, what was learned is kept', async t => {
  const at = await place();
  const { run, strace } = await start(at, LASTING, ['--complete']);
  await until(() => readFile(at.file('seen')));
  process.kill(strace, 'SIGKILL');
  await go(at);
  const { exitCode, stdout, stderr } = await run;
  t.is(exitCode, 7);
  t.not(stdout, '');
  t.regex(stderr, /strace was killed: the command goes on without it/);
  t.true(paths(await readProfile(at.profile)).includes(at.file('seen')));
});

learn('[strace] kill -9 of strace, tracing with a filter: nothing is left behind that cannot work', async t => {
  const at = await place();
  const { run, strace, pid } = await start(
    at,
    `mkfifo fifo; setsid sh -c 'echo $$ > other; ${WAIT}' & touch seen; ${WAIT}`,
  );
  const other = Number(await until(async () => (await readFile(at.file('other'), 'utf8')).trim() || null));
  process.kill(strace, 'SIGKILL');
  const { signal, stderr } = await run;
  // A call that the filter refuses may end the command before allowtrace does.
  t.true(signal === 'SIGKILL' || signal === 'SIGSEGV', signal ?? 'no signal');
  t.regex(stderr, /strace was killed: the command cannot go on/);
  for (const left of [pid, other]) t.is(statusOf(left), null);
  t.true(paths(await readProfile(at.profile)).includes(at.file('other')));
});

learn('[strace] kill -9 of allowtrace: the command goes on undisturbed, what was saved is kept', async t => {
  const at = await place();
  const { run, pid } = await start(at, `${LASTING.replace('exit 7', 'touch done')}`);
  await saved(at, at.file('seen'));
  run.kill('SIGKILL');
  await go(at);
  const { signal, stderr } = await run;
  t.is(signal, 'SIGKILL');
  await until(() => readFile(at.file('done')));
  await until(() => statusOf(pid) === null);
  t.notRegex(stderr, /Broken pipe/);
  t.true(paths(await readProfile(at.profile)).includes(at.file('seen')));
});

learn('[strace] kill -9 of the command: what was learned is kept', async t => {
  const at = await place();
  const { run, pid } = await start(at, LASTING);
  await until(() => readFile(at.file('seen')));
  process.kill(pid, 'SIGKILL');
  t.is((await run).signal, 'SIGKILL');
  t.true(paths(await readProfile(at.profile)).includes(at.file('seen')));
});

learn('[strace] two learners share one profile', async t => {
  const at = await place();
  const words = (name: string) => [
    'learn',
    '--profile',
    at.profile,
    '-o',
    at.file(`proposal-${name}`),
    '--save-interval',
    '0.1s',
  ];
  const run = (name: string) =>
    execa(bin, [...words(name), '--', 'sh', '-c', `for i in 1 2 3; do touch ${name}$i; sleep 0.1; done`], {
      cwd: at.dir,
    });
  await Promise.all([run('a'), run('b')]);
  const profile = await readProfile(at.profile);
  t.is(profile.runs.length, 2);
  for (const name of ['a1', 'a3', 'b1', 'b3']) t.true(paths(profile).includes(at.file(name)), name);
});

learn('[strace] --for and --until-coverage end the command, and that is a success', async t => {
  const at = await place();
  const ended = await allowtrace(['learn', '--for', '200ms', '-o', at.file('proposal'), '--', 'sleep', '60']);
  t.is(ended.exitCode, 0);
  t.regex(ended.stderr, /the time is over/);
  const enough = await execa(
    bin,
    [
      'learn',
      '--until-coverage',
      '50%',
      '--save-interval',
      '0.5s',
      '-o',
      at.file('proposal'),
      '--',
      'sh',
      '-c',
      'while :; do cat /etc/hostname; sleep 0.2; done',
    ],
    { reject: false, stdin: 'ignore', cwd: at.dir },
  );
  t.is(enough.exitCode, 0);
  t.regex(enough.stderr, /the coverage has reached/);
});

learn('[strace] what cannot be done is said before anything runs', async t => {
  const at = await place();
  await writeFile(at.file('damaged.json'), '{"format":"allowtrace-profile"');
  for (const [words, message] of [
    [['learn'], /no command/],
    [['learn', 'sleep', '1'], /after --/],
    [['learn', '--', 'no-such-program'], /no-such-program: no such program/],
    [['learn', '--profile', at.file('damaged.json'), '--', 'touch', at.file('ran')], /damaged\.json:1: is not JSON/],
    [
      ['learn', '--profile', at.file('a'), '--profile', at.file('b'), '--', 'touch', at.file('ran')],
      /--profile may be given only once/,
    ],
    [['learn', '--profile', '', '--', 'touch', at.file('ran')], /--profile needs a value/],
    [['learn', '--until-coverage', '2', '--', 'true'], /must be between 0 and 1/],
    [['learn', '--until-coverage', '100%', '--', 'true'], /must be between 0 and 1/],
    [['learn', '--save-interval', 'soon', '--', 'true'], /not a duration/],
    [['learn', '--paths', 'nonsense', '--', 'touch', at.file('ran')], /nonsense/],
    [['learn', '--profile', '/no/such/place.json', '--', 'touch', at.file('ran')], /no such file or directory/],
    [['learn', '-o', '/no/such/place.conf', '--', 'touch', at.file('ran')], /no such file or directory/],
  ] as const) {
    const { exitCode, stderr } = await allowtrace(words);
    t.is(exitCode, 2, words.join(' '));
    t.regex(stderr, message);
    t.notRegex(stderr, /\n\s+at /);
  }
  await t.throwsAsync(readFile(at.file('ran')), { code: 'ENOENT' });
});

learn('[strace] a command that cannot be executed is told, and teaches nothing', async t => {
  const at = await place();
  await writeFile(at.file('text'), 'hello\n');
  await writeFile(at.file('no-interpreter'), '#!/no/such/sh\n', { mode: 0o755 });
  await writeFile(at.file('no-first-line'), 'echo hello\n', { mode: 0o755 });
  for (const [name, message] of [
    ['text', /text: may not be executed\n.*chmod \+x/],
    ['.', /: is a directory/],
    ['missing', /missing: no such program/],
    ['no-interpreter', /no-interpreter did not start\n.*#!/],
    ['no-first-line', /no-first-line did not start\n.*#!/],
  ] as const) {
    const words = ['learn', '--profile', at.profile, '-o', at.file('proposal'), '--', join(at.dir, name)];
    const { exitCode, stderr } = await allowtrace(words);
    t.is(exitCode, 2, name);
    t.regex(stderr, message);
    t.notRegex(stderr, /\n\s+at /);
  }
  await t.throwsAsync(readFile(at.profile), { code: 'ENOENT' });
});

learn('[strace] a time of more than 24.8 days is not over at once', async t => {
  const at = await place();
  const words = [
    'learn',
    '--for',
    '30days',
    '--save-interval',
    '5weeks',
    '-o',
    at.file('proposal'),
    '--',
    'sleep',
    '0.2',
  ];
  const { exitCode, stderr } = await allowtrace(words);
  t.is(exitCode, 0);
  t.notRegex(stderr, /the time is over|Warning/);
});

learnOnDisk(
  '[strace] [systemd] a full disk: told at once, learning goes on, and all is saved when there is room',
  async t => {
    const at = await place();
    const disk = at.file('disk');
    await mkdir(disk);
    execaSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', disk]);
    t.teardown(() => execaSync('umount', [disk]));
    execaSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`], { reject: false });
    const profile = join(disk, 'profile.json');
    const { run } = await start({ ...at, profile }, LASTING);
    const again = said(run, /is saved again/);
    await rm(join(disk, 'filler'));
    await again;
    await go(at);
    const { exitCode, stderr } = await run;
    t.is(exitCode, 7);
    t.regex(stderr, /NOT SAVED: .*no space left/);
    t.true(paths(await readProfile(profile)).includes('/etc/hostname'));
  },
);

learnOnDisk('[strace] [systemd] a read-only directory: the exit status is 2 and a copy is kept', async t => {
  const at = await place();
  const disk = at.file('disk');
  await mkdir(disk);
  execaSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', disk]);
  t.teardown(() => execaSync('umount', [disk]));
  const { stderr, exitCode } = await allowtrace([
    'learn',
    '--profile',
    join(disk, 'profile.json'),
    '-o',
    at.file('proposal'),
    '--',
    'cat',
    '/etc/hostname',
  ]);
  t.is(exitCode, 2);
  t.regex(stderr, /NOT SAVED: .*read-only/);
  const copy = /all that was learned is in (\S+\.json)/.exec(stderr)?.[1] ?? '';
  t.true(paths(await readProfile(copy)).includes('/etc/hostname'));
  await rm(copy);
  t.regex(await readFile(at.file('proposal'), 'utf8'), /ProtectSystem/);
});

const ON_TERMINAL = [bin, 'learn', '--no-verify', '-o', '/dev/null', '--', 'sh', '-c'];
const CTRL_C = '\x03';

learn('[strace] on a terminal: a status line at its foot; Ctrl-C reaches the command once', async t => {
  const { exitCode, screen } = await onTerminal(
    [...ON_TERMINAL, 'trap "echo got it; exit 4" INT; echo ready; while :; do sleep 0.1; done'],
    [['new in the last minute', CTRL_C]],
  );
  t.is(exitCode, 4);
  t.regex(screen, /learning sh · [\d,]+ calls\/s · \d+ facts · \d+ new in the last minute · coverage/);
  t.is(screen.split('got it').length, 2);
  // The scrolling region is given back.
  t.true(screen.lastIndexOf('\x1b[r') > screen.lastIndexOf('\x1b[1;23r'));
});

const HANGS_UP = `
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
while not os.path.exists(sys.argv[1]):
    time.sleep(0.05)
os.close(fd)
print(os.WTERMSIG(os.waitpid(pid, 0)[1]))`;

learn('[strace] a terminal that is hung up ends the command, and us by the same signal', async t => {
  const at = await place();
  const words = [bin, 'learn', '--no-verify', '--profile', at.profile, '-o', at.file('proposal'), '--'];
  const command = ['sh', '-c', `touch ${at.file('ready')}; while :; do sleep 0.1; done`];
  const { stdout } = await execa('python3', ['-c', HANGS_UP, at.file('ready'), ...words, ...command]);
  t.is(stdout, '1');
  t.true(paths(await readProfile(at.profile)).includes(at.file('ready')));
});

learn('[strace] on a terminal: the second Ctrl-C kills', async t => {
  const { exitCode, screen } = await onTerminal(
    [...ON_TERMINAL, 'trap "" INT; echo ready; while :; do sleep 0.1; done'],
    [
      ['ready', CTRL_C],
      ['Ctrl-C again kills it', CTRL_C],
    ],
  );
  t.is(exitCode, 256 - 9);
  t.regex(screen, /allowtrace: killed/);
});

learn('[strace] --no-status, and no terminal: no status line', async t => {
  const { screen } = await onTerminal(
    [...ON_TERMINAL.slice(0, 2), '--no-status', ...ON_TERMINAL.slice(2), 'sleep 1.2'],
    [],
  );
  t.notRegex(screen, /calls\/s/);
  const { stderr } = await allowtrace([...ON_TERMINAL.slice(1), 'sleep 1.2']);
  t.notRegex(stderr, /calls\/s|\x1b/);
});
