// The text of unit files: lines, continuations, comments, sections; and what is refused, with its place.

import test from 'ava';
import { UsageError } from '../../src/errors.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import fc from '../support/fast-check.ts';

const read = (text: string | Uint8Array): string[] =>
  readUnitText(typeof text === 'string' ? Buffer.from(text) : text, 'x.service').map(
    ({ section, name, value, at }) => `${at.line} ${section} ${name}=${value}`,
  );

const refusal = (text: string | Uint8Array): string => {
  try {
    read(text);
    return 'read';
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
};

test('sections, blanks, comments', t => {
  t.deepEqual(read('# c\n[Unit]\nA = b \n\n ; c\n[Service]\nB=#no comment\n'), [
    '3 Unit A=b',
    '7 Service B=#no comment',
  ]);
});

test('continued lines: with comments and empty lines between, with the line they begin on', t => {
  t.deepEqual(read('[Service]\nA=1 \\\n# comment \\\n\n  2\\\n3\nB=c\\\\\nC=d\\'), [
    '2 Service A=1    2 3',
    '7 Service B=c\\\\',
    '8 Service C=d',
  ]);
});

test('line ends of other systems, and a byte order mark', t => {
  t.deepEqual(read('\ufeff[Service]\r\nA=1\r\nB=2\rC=3'), ['2 Service A=1', '3 Service B=2', '4 Service C=3']);
});

test('sections for others are skipped', t => {
  t.deepEqual(read('[X-Mine]\nA=1\n[Service]\nB=2\n'), ['4 Service B=2']);
});

test('what systemd would ignore is refused with its place', t => {
  t.is(refusal('[Servcie]\n'), 'x.service:1: systemd knows no section [Servcie] and ignores it');
  t.is(refusal('[Service\nA=1\n'), "x.service:1: '[Service' is no section header");
  t.is(refusal('A=1\n'), 'x.service:1: a line before the first section: this is not a unit file');
  t.is(refusal('[Service]\n\nA\n'), "x.service:3: no '=', so systemd ignores the line");
  t.is(refusal('[Service]\nA=\\\n\0\n'), 'x.service:3: holds a NUL byte: this is not a unit file');
  t.is(refusal(Buffer.from('[Service]\nA=\xff\n', 'latin1')), 'x.service:2: not UTF-8, so systemd ignores the line');
  t.regex(refusal(`[Service]\nA=${'x'.repeat(1024 * 1024)}\n`), /^x\.service:2: a line of more than 1 MiB/);
});

test('[law] any bytes are read or refused with a UsageError', t => {
  const line = fc.constantFrom('[Service]', 'A=b', 'A=b\\', '# c', '[', '=', '\\', '\ufeff', '"');
  const text = fc
    .array(fc.oneof(line, fc.string(), fc.string({ unit: 'binary' })), { maxLength: 12 })
    .map(lines => lines.join('\n'));
  fc.assert(
    fc.property(
      fc.oneof(
        text.map(one => Buffer.from(one)),
        fc.uint8Array({ maxLength: 64 }),
      ),
      bytes => {
        t.not(refusal(bytes), '');
      },
    ),
    { numRuns: 500 },
  );
});
