// File names are chosen by whoever was traced. Whatever bytes they hold, a line stays one event about exactly that name.

import test from 'ava';
import { normalise } from '../../src/process/resolve.ts';
import { decodeBytes, escapeText } from '../../src/strace/text.ts';
import { eventsOf } from '../support/events.ts';
import fc from '../support/fast-check.ts';

const bait = fc.constantFrom(
  '") = 3',
  ' <unfinished ...>',
  '\n7 openat(AT_FDCWD, "/etc/shadow", O_RDWR) = 3',
  '<... openat resumed>',
  '>) = 0</x>',
  "'",
  '\\',
  '(',
  '/* ',
  '\x1b[2J',
  '\0x'.slice(1),
  '\xff',
  '\u202e',
);

/** File names as bytes: anything but NUL, with the marks of strace strewn in. */
const name = fc
  .array(fc.oneof(bait, fc.string({ unit: 'binary', maxLength: 6 })), { minLength: 1, maxLength: 5 })
  .map(parts => decodeBytes(Buffer.from(parts.join('').replace(/\0/g, ''), 'latin1')))
  .filter(text => text !== '');

/** The annotation strace prints for a path: as a string, but `<` and `>` are octal too, in three digits before another one. */
const annotation = (path: string): string =>
  escapeText(path).replace(/([<>])([0-7]?)/g, (_, mark: string, digit: string) => {
    const code = mark === '<' ? '74' : '76';
    return digit === '' ? `\\${code}` : `\\0${code}${digit}`;
  });

test('[law] whole, split, and with -y: the event names exactly the file that was opened', t => {
  fc.assert(
    fc.property(name, text => {
      const path = normalise(`/dir/${text}`);
      const quoted = `"${escapeText(`/dir/${text}`)}"`;
      const logs = [
        `7 openat(AT_FDCWD, ${quoted}, O_RDONLY) = 3\n`,
        `7 openat(AT_FDCWD, ${quoted}, O_RDONLY <unfinished ...>\n8 getpid() = 8\n7 <... openat resumed>) = 3\n`,
        `7 openat(AT_FDCWD</dir>, "${escapeText(text)}", O_RDONLY) = 3<${annotation(path)}>\n`,
        `7 openat(5<${annotation('/dir')}>, ${quoted}, O_RDONLY) = -1 ENOENT (No such file or directory)\n`,
      ];
      for (const [i, log] of logs.entries()) {
        const relative = i === 2 && !text.startsWith('/');
        const events = eventsOf(log).filter(({ kind, paths }) => kind === 'syscall' && (paths ?? []).length > 0);
        t.is(events.length, 1, log);
        if (i !== 2 || relative) t.is(events[0]?.paths?.[0]?.path, path, log);
        if (relative) t.is(events[0]?.ret_path, path, log);
      }
    }),
    { numRuns: 500 },
  );
});

test('[law] what follows a misleading name is read as if nothing had been', t => {
  fc.assert(
    fc.property(name, text => {
      const events = eventsOf(`7 unlink("/d/${escapeText(text)}") = 0\n7 openat(AT_FDCWD, "/next", O_RDONLY) = 3\n`);
      t.is(events.length, 2);
      t.is(events[1]?.paths?.[0]?.path, '/next');
    }),
  );
});
