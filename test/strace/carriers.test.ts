// What carries a log: journals, containers, continuous integration, mail. What is read behind it is what is read without it.

import test from 'ava';
import { Observer } from '../../src/profile/observer.ts';
import { accessOf } from '../../src/profile/order.ts';
import { allowtrace, fixtureText } from '../support/fixtures.ts';

const log = fixtureText('shell-cd/stderr.strace');

function seen(text: string, fast = true): { accesses: string[]; unrecognised: number; name: string | undefined } {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv/fixture', fast });
  observer.push(Buffer.from(text, 'latin1'));
  observer.end();
  const { facts, unrecognised } = observer.snapshot();
  return {
    accesses: facts.map(fact => JSON.stringify(accessOf(fact))),
    unrecognised: unrecognised.count,
    name: observer.carrier?.name,
  };
}

const carried = (prefix: (line: number) => string, text = log): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line, i) => `${prefix(i)}${line}\n`)
    .join('');

const second = (i: number): string => String(i % 60).padStart(2, '0');

const PREFIXES: Readonly<Record<string, readonly [name: string, prefix: (line: number) => string]>> = {
  journalctl: ['journalctl or syslog', i => `Nov 30 10:00:${second(i)} host strace[12]: `],
  'journalctl -o short-precise': ['journalctl or syslog', i => `Nov  3 10:00:${second(i)}.123456 host app[${i}]: `],
  'journalctl -o short-iso': ['journalctl or syslog', i => `2026-11-30T10:00:${second(i)}+0000 host app[12]: `],
  'journalctl -o short-unix': ['journalctl or syslog', i => `17960374${second(i)}.985571 host app[12]: `],
  'journalctl -o short-monotonic': ['journalctl or syslog', i => `[   ${second(i)}.345678] host app[12]: `],
  'journalctl -o short-full': ['journalctl or syslog', i => `Mon 2026-11-30 10:00:${second(i)} UTC host app[12]: `],
  rsyslog: ['journalctl or syslog', i => `2026-11-30T10:00:${second(i)}.123456+00:00 host app: `],
  'RFC 5424': ['syslog (RFC 5424)', () => '<165>1 2026-11-30T10:00:00.1Z host app 12 - - '],
  'docker compose': ['docker compose', () => 'web_1  | '],
  'docker compose -t': ['docker compose', i => `web-1  | 2026-11-30T10:00:${second(i)}.123456789Z `],
  'kubectl --prefix': ['kubectl', () => '[pod/web-5d4/app] '],
  'a file of CRI': ['the log file of a container', () => '2026-11-30T10:00:00.123456789Z stderr F '],
  'docker logs -t': ['time stamps of a container or of GitHub Actions', i => `2026-11-30T10:00:${second(i)}.1234567Z `],
  'gh run view --log': ['GitHub Actions', i => `build\tRun tests\t2026-11-30T10:00:${second(i)}.1234567Z `],
  'a mail': ['quotation marks of a mail', () => '> '],
  'a mail that was answered twice': ['quotation marks of a mail', () => '> > '],
  Markdown: ['indentation', () => '    '],
  stern: ['an unknown program', () => 'web-5d4 app '],
  GitLab: ['an unknown program', i => `2026-11-30T10:00:${second(i)}.123456Z 00O `],
  logread: ['an unknown program', i => `Mon Nov 30 10:00:${second(i)} 2026 daemon.notice strace[12]: `],
  logcat: ['an unknown program', i => `11-30 10:00:${second(i)}.123  1234  1234 I strace  : `],
  heroku: ['an unknown program', i => `2026-11-30T10:00:${second(i)}.123456+00:00 app[web.1]: `],
  'ts(1)': ['an unknown program', i => `Nov 30 10:00:${second(i)} `],
  'grep -n': ['an unknown program', i => `${i + 1}:`],
  'cat -n': ['an unknown program', i => `${String(i + 1).padStart(6)}\t`],
  'diff -u': ['an unknown program', () => '+'],
  BuildKit: ['an unknown program', i => `#12 ${(i / 10).toFixed(3)} `],
  supervisord: ['an unknown program', i => `2026-11-30 10:00:${second(i)},123 DEBG 'app' stderr output: `],
};

for (const [title, [name, prefix]] of Object.entries(PREFIXES))
  test(`${title}: what it adds is removed`, t => {
    const plain = seen(log);
    const text = carried(prefix);
    t.deepEqual(seen(text), { ...plain, name });
    t.deepEqual(seen(text, false), { ...plain, name });
  });

test('the pids of -o stay, whatever stands before them', t => {
  const own = fixtureText('shell-cd/y.strace');
  const plain = seen(own);
  const text = carried(() => 'web-1 app ', own);
  t.deepEqual(seen(text), { ...plain, name: 'an unknown program' });
});

/** How docker (json-file), fluentd and journalctl -o json write a line. */
const OBJECTS: Readonly<Record<string, (line: string) => object>> = {
  docker: line => ({ log: `${line}\n`, stream: 'stderr', time: '2026-11-30T10:00:00.123456789Z' }),
  'docker run -t': line => ({ log: `${line}\r\n`, stream: 'stdout', time: '2026-11-30T10:00:00.123456789Z' }),
  fluentd: line => ({ log: line, kubernetes: { pod_name: 'web' } }),
  'journalctl -o json': line => ({ __REALTIME_TIMESTAMP: '1796050147752578', _TRANSPORT: 'stdout', MESSAGE: line }),
};

test('lines in objects of JSON are taken out of them', t => {
  const plain = seen(log);
  for (const [title, object] of Object.entries(OBJECTS)) {
    const text = log
      .trimEnd()
      .split('\n')
      .map(line => `${JSON.stringify(object(line))}\n`)
      .join('');
    t.deepEqual(seen(text), { ...plain, name: 'JSON' }, title);
    t.deepEqual(seen(text, false), { ...plain, name: 'JSON' }, title);
  }
});

test('logs that nothing carries are read as they are', t => {
  for (const name of ['y', 'plain', 'relative', 'stderr', 'stack'])
    t.is(seen(fixtureText(`shell-cd/${name}.strace`)).name, undefined, name);
});

test('of several containers the one that strace writes from is read', t => {
  const text = carried(i => (i % 3 === 0 ? 'db-1   | starting\nweb-1  | ' : 'web-1  | '));
  t.deepEqual(seen(text), { ...seen(log), name: 'docker compose' });
});

test('terminals end lines with a return, and strace 7 colours them', t => {
  const ended = log.replaceAll('\n', '\r\n');
  t.deepEqual(seen(ended), seen(log));
  const text = fixtureText('shell-cd/y.strace');
  const coloured = text
    .replace(/^(\S+ +\S+ )([a-z_0-9]+)\(/gm, '$1\x1b[33m$2\x1b[0m(\x1b[35m')
    .replaceAll(', ', '\x1b[0m, \x1b[35m');
  t.true(coloured.length > text.length);
  t.deepEqual(seen(coloured), seen(text));
});

test('the command says what it removed; and what to do where nothing of strace is left', async t => {
  const { exitCode, stderr } = await allowtrace(
    ['replay', '--no-verify', '--other-host', '-'],
    carried(() => 'web_1  | '),
  );
  t.is(exitCode, 0);
  t.regex(
    stderr,
    /^-: removed what docker compose adds to each line \(`web_1 {2}\| `\), and read only the lines of web_1$/m,
  );
  const other = await allowtrace(['replay', '--no-verify', '-'], 'Nov 30 10:00:01 host app[12]: started\n');
  t.is(other.exitCode, 2);
  t.regex(other.stderr, /journalctl -o cat -u UNIT/);
});
