// Exec lines: cut into words as systemd does, wrapped without a change to what they mean. The last test asks systemd itself.

import test from 'ava';
import {
  formatExec,
  quoteWord,
  rawWords,
  readExec,
  unquoted,
  type Wrapper,
  wrapExec,
} from '../../src/systemd/exec-line.ts';
import fc from '../support/fast-check.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const WRAPPER: Wrapper = {
  words: ['/usr/bin/strace', '-o', '/run/log', '--'],
  argv0: ['/usr/bin/perl', '-e', 'exec {shift} @ARGV'],
  resolve: name => (name === 'sleep' ? '/usr/bin/sleep' : null),
};

const wrap = (line: string, wrapper = WRAPPER): string[] => readExec(line).map(command => wrapExec(command, wrapper));

test('a command is wrapped, and its words stay as they are', t => {
  t.deepEqual(wrap(`/usr/sbin/d -c "a b" '$X' \${Y} %i \\x41`), [
    `/usr/bin/strace -o /run/log -- /usr/sbin/d -c "a b" '$X' \${Y} %i \\x41`,
  ]);
});

test('prefixes stay in front; @ becomes a way to set argv[0]', t => {
  t.deepEqual(wrap('-!/bin/a x'), ['-!/usr/bin/strace -o /run/log -- /bin/a x']);
  t.deepEqual(wrap('-@/bin/a "my name" x'), [
    '-/usr/bin/strace -o /run/log -- /usr/bin/perl -e "exec {shift} @ARGV" /bin/a "my name" x',
  ]);
  t.deepEqual(wrap('@/bin/a "my name" x', { ...WRAPPER, argv0: 'option' }), [
    '/usr/bin/strace -o /run/log --argv0="my name" -- /bin/a x',
  ]);
  t.deepEqual(wrap('@/bin/a name x', { ...WRAPPER, argv0: [] }), ['/usr/bin/strace -o /run/log -- /bin/a x']);
});

test('a program named without / is looked up, and a $ in its own word is no variable', t => {
  t.deepEqual(wrap('sleep 5'), ['/usr/bin/strace -o /run/log -- /usr/bin/sleep 5']);
  t.deepEqual(wrap('/opt/$x/d'), ['/usr/bin/strace -o /run/log -- /opt/$$x/d']);
  t.deepEqual(wrap(':/opt/$x/d $y'), [':/usr/bin/strace -o /run/log -- /opt/$x/d $y']);
});

test('a lone semicolon separates commands; an escaped or quoted one does not', t => {
  t.deepEqual(readExec('/bin/a x ; -/bin/b \\; ";" ; /bin/c').map(formatExec), [
    '/bin/a x',
    '-/bin/b \\; ";"',
    '/bin/c',
  ]);
});

test('quotes around prefix and program', t => {
  t.deepEqual(readExec('"-/bin/my d" x'), [{ prefixes: '-', program: '"/bin/my d"', words: ['x'] }]);
  t.deepEqual(wrap('"-/bin/my d" x'), ['-/usr/bin/strace -o /run/log -- "/bin/my d" x']);
});

const WORD = fc.string({ unit: fc.constantFrom(...'ab/$%{}"\'\\ ;\t\n=é:+-!@'), minLength: 1, maxLength: 12 });

test('[law] a quoted word is one word and reads back as the text', t => {
  fc.assert(
    fc.property(WORD, text => {
      const quoted = quoteWord(text);
      t.deepEqual(rawWords(`x ${quoted} y`), ['x', quoted, 'y']);
      if (!/[\n\t]/.test(text)) t.is(unquoted(quoted).replace(/\$\$/g, '$').replace(/%%/g, '%'), text);
    }),
  );
});

test('[law] wrapping keeps every word behind the program', t => {
  fc.assert(
    fc.property(fc.array(WORD, { maxLength: 5 }), texts => {
      const words = texts.map(text => quoteWord(text));
      const [wrapped] = wrap(['/bin/d', ...words].join(' '));
      t.deepEqual(rawWords(wrapped ?? '').slice(-words.length - 1), ['/bin/d', ...words]);
    }),
  );
});

const obstacle = systemdObstacle();
if (obstacle !== null) test.skip(`[systemd] exec lines skipped: ${obstacle}`, t => t.pass());
else
  test('[systemd] a wrapped line gives the program the arguments that the line itself gives it', async t => {
    const texts = fc.sample(fc.array(WORD, { maxLength: 4 }), { numRuns: 60, seed: 7 });
    const written = [
      `"a b" 'c' d\\x20e $X $X\${X} \${X} "$X" %% %n '%i' \\; ";"`,
      ...texts.map(words => words.map(word => quoteWord(word)).join(' ')),
      ...texts.map(words => words.map(word => quoteWord(word).replace(/\$\$/g, '$')).join(' ')),
    ].filter(line => !line.includes('\0'));
    const show = "/usr/bin/perl -e 'print join(q(|),map{unpack(q(H*),$$_)}@ARGV),qq(\\n)' --";
    const relay: Wrapper = { ...WRAPPER, words: ['/usr/bin/env', '--'] };
    const unit = (wrapped: boolean): string => {
      const lines = written
        .map(line => `${show} ${line}`)
        .map(line => (wrapped ? wrap(line, relay).join(' ; ') : line));
      return `[Service]\nType=oneshot\nEnvironment="X=one two"\nStandardOutput=append:/run/%p.out\n${lines.map(line => `ExecStart=-${line}\n`).join('')}`;
    };
    const host = await bootSystemd();
    try {
      for (const [name, wrapped] of [
        ['plain', false],
        ['wrapped', true],
      ] as const) {
        await host.write(`/etc/systemd/system/${name}@x.service`, unit(wrapped).replaceAll('%n', 'n'));
        const started = await host.run('systemctl', 'start', `${name}@x.service`);
        t.is(started.exitCode, 0, started.stderr);
      }
      const printed = async (name: string): Promise<string> => (await host.run('cat', `/run/${name}.out`)).stdout;
      t.true((await printed('plain')).split('\n').length > 60);
      t.is(await printed('wrapped'), await printed('plain'));
    } finally {
      await host.halt();
    }
  });
