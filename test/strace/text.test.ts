// Strings as strace prints them.

import test from 'ava';
import { decodeBytes, encodeBytes, escapeText, unescapeText } from '../../src/strace/text.ts';
import fc from '../support/fast-check.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

test('[law] escaping and unescaping any bytes gives them back', t => {
  fc.assert(
    fc.property(bytes, input => {
      const name = decodeBytes(input);
      t.deepEqual(Buffer.from(encodeBytes(name)), Buffer.from(input));
      t.is(unescapeText(escapeText(name)), name);
    }),
  );
});

test('octal escapes are greedy up to three digits; eight is no digit of theirs', t => {
  t.is(unescapeText('ctl-\\1\\0023'), 'ctl-\x01\x023');
  t.is(unescapeText('oct\\18'), 'oct\x018');
});

test('hexadecimal strings (-xx) are decoded', t => {
  t.is(unescapeText('\\x2f\\x65\\x74\\x63'), '/etc');
});

test('bytes that are not UTF-8 survive as lone surrogates', t => {
  t.is(unescapeText('latin-\\351'), 'latin-\udce9');
  t.is(unescapeText('\\303\\274'), 'ü');
});
