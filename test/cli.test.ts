// The command line's outer manners: version, overview, unknown commands.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { bin, fixture } from './support/fixtures.ts';

test('--version prints the version of the package', async t => {
  const { stdout } = await execa(bin, ['--version']);
  t.regex(stdout, /^\d+\.\d+\.\d+$/);
});

test('--help goes to stdout and succeeds; no command at all is an error on stderr', async t => {
  const { stdout } = await execa(bin, ['--help']);
  t.regex(stdout, /Usage: allowtrace COMMAND/);
  const bare = await execa(bin, [], { reject: false });
  t.is(bare.exitCode, 2);
  t.is(bare.stdout, '');
  t.regex(bare.stderr, /Usage/);
});

test('an unknown command is refused with a hint and without a stack trace', async t => {
  const { exitCode, stderr } = await execa(bin, ['frobnicate'], { reject: false });
  t.is(exitCode, 2);
  t.is(stderr, "allowtrace: there is no command 'frobnicate'\n  allowtrace --help lists them");
});

test('what a name holds stays on its line and moves no terminal, in errors too', async t => {
  const { exitCode, stderr } = await execa(bin, ['replay', 'x\n::error::\x1b[2J'], { reject: false });
  t.is(exitCode, 2);
  t.true(stderr.startsWith('allowtrace: x\\n::error::\\x1b[2J: no such file\n'), stderr);
});

test('what yargs says is English in every locale, and calls an option an option', async t => {
  const env = { LC_ALL: 'de_DE.UTF-8' };
  const { exitCode, stderr } = await execa(bin, ['replay', '--nonsense'], { reject: false, env });
  t.is(exitCode, 2);
  t.is(stderr, 'allowtrace: Unknown option: nonsense\n  allowtrace replay --help lists the options');
  t.regex((await execa(bin, ['replay', '--help'], { env })).stdout, /Options:.*default:/s);
});

test('a full disk behind standard output is told in words', async t => {
  const words = [bin, 'explain', '--other-host', 'NoNewPrivileges', fixture('vfork/y.strace')];
  const { exitCode, stderr } = await execa('sh', ['-c', '"$@" >/dev/full', 'sh', ...words], { reject: false });
  t.is(exitCode, 2);
  t.regex(stderr, /^allowtrace: standard output: no space left on the disk$/m);
});

test('a current directory that was removed is told in words', async t => {
  const script = 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$@"';
  const { exitCode, stderr } = await execa('sh', ['-c', script, 'sh', bin, 'merge', 'x'], { reject: false });
  t.is(exitCode, 2);
  t.is(stderr, 'allowtrace: the current directory: no such file or directory\n  cd to one that is there');
});

test('a file that is not there is told in words, whoever reads it', async t => {
  for (const words of [
    ['replay', '/no/such'],
    ['merge', '/no/such'],
    ['check', '/no/such', '--', '/no/such'],
    ['diff', '/no/such', '/no/such'],
    ['replay', '--profile', '/no/such/p.json', 'x'],
  ]) {
    const { exitCode, stderr } = await execa(bin, words, { reject: false });
    t.is(exitCode, 2);
    t.regex(stderr, /: no such file( or folder)?\n?/, words.join(' '));
    t.false(stderr.includes('ENOENT'), words.join(' '));
  }
});

test('words that every JavaScript object answers to are ordinary ones: as commands, in logs and in units', async t => {
  for (const words of [
    ['constructor'],
    ['help', 'toString'],
    ['completion', 'constructor'],
    ['service', 'valueOf', 'x'],
  ])
    t.notRegex((await execa(bin, words, { reject: false })).stderr, /^ +at /m, words.join(' '));
  const directory = mkdtempSync(join(tmpdir(), 'allowtrace-test-'));
  const log = join(directory, 'daemon.strace');
  const unit = join(directory, 'daemon.service');
  for (const name of ['constructor', '__proto__']) {
    writeFileSync(
      log,
      `7 execve("/usr/bin/d", ["d"], 0x1 /* 0 vars */) = 0
7 ${name}() = 0
7 openat(AT_FDCWD, "/dev/${name}", O_RDWR) = 3
7 socket(${name}, ${name}, ${name}) = 4
7 prctl(${name}, 1) = 0
7 setrlimit(${name}, {rlim_cur=1, rlim_max=1}) = 0
`,
    );
    const { exitCode, stderr } = await execa(bin, ['replay', '--no-verify', '--addresses', log], { reject: false });
    t.is(exitCode, 0, stderr);
    t.true(stderr.includes(`${name} is unknown`));
    for (const setting of [name, 'IPAddressAllow', 'ProtectProc']) {
      writeFileSync(unit, `[Service]\nExecStart=/bin/true\n${setting}=${name}\n`);
      const checked = await execa(bin, ['check', '--unused', unit, '--', log], { reject: false });
      t.notRegex(checked.stderr, /^ +at /m, `${setting}=${name}`);
    }
  }
});

test('--debug says on stderr what is read, asked and decided, and changes nothing else', async t => {
  const words = ['explain', '--other-host', 'NoNewPrivileges', fixture('vfork/y.strace')];
  const plain = await execa(bin, words);
  const { stdout, stderr } = await execa(bin, [...words, '--debug']);
  t.is(stdout, plain.stdout);
  const said = stderr.split('\n').filter(line => /^\[ *[\d.]+ ms\] /.test(line));
  t.is(
    stderr
      .split('\n')
      .filter(line => !said.includes(line))
      .join('\n'),
    plain.stderr,
  );
  for (const what of [
    /allowtrace \d+\.\d+/,
    /config file/,
    /read .*vfork\/y\.strace: \d+ lines/,
    /target: systemd \d+/,
    /exit status 0$/,
  ])
    t.true(
      said.some(line => what.test(line)),
      `${what} in\n${stderr}`,
    );
});

test('--debug behind -- belongs to the command that is run', async t => {
  const { stdout, stderr } = await execa(bin, ['learn', '--no-verify', '--', 'echo', '--debug'], { reject: false });
  t.notRegex(stderr, /^\[ *[\d.]+ ms\]/m);
  t.regex(stderr + stdout, /--debug/);
});

test('compiled code is kept where only its user can write, by a Node that can, and a damaged one changes no answer', async t => {
  const cache = mkdtempSync(join(tmpdir(), 'allowtrace-cache-'));
  const explain = ['explain', '--other-host', 'NoNewPrivileges', fixture('vfork/y.strace')];
  const answer = async (home: string): Promise<string> =>
    (await execa(bin, explain, { env: { XDG_CACHE_HOME: home } })).stdout;
  const kept = (home: string): string[] =>
    readdirSync(join(home, 'allowtrace'), { recursive: true, encoding: 'utf8' })
      .map(name => join(home, 'allowtrace', name))
      .filter(path => statSync(path).isFile());
  const first = await answer(cache);
  const isAble = 'enableCompileCache' in module;
  t.is(existsSync(join(cache, 'allowtrace')), isAble);
  if (!isAble) return;
  t.true(kept(cache).length > 0);
  t.is(statSync(join(cache, 'allowtrace')).mode & 0o777, 0o700);
  t.is(await answer(cache), first);
  for (const path of kept(cache)) writeFileSync(path, readFileSync(path).subarray(0, 5000).fill(7, 100));
  t.is(await answer(cache), first);

  for (const open of ['allowtrace', '.']) {
    const home = mkdtempSync(join(tmpdir(), 'allowtrace-cache-'));
    mkdirSync(join(home, 'allowtrace'));
    chmodSync(join(home, open), 0o777);
    t.is(await answer(home), first);
    t.deepEqual(kept(home), [], `${open} can be written by others`);
  }
});
