// JSON that is printed: safe to look at, and the same when it is read.

import test from 'ava';
import fc from 'fast-check';
import { toJson } from '../src/json.ts';

test('what might move a cursor or reorder text is escaped', t => {
  t.is(toJson('a\u009b2J\u202eb\u007f'), '"a\\u009b2J\\u202eb\\u007f"');
  t.is(toJson({ 'x\u2028': ['\u{e0041}'] }, 1), '{\n "x\\u2028": [\n  "\\udb40\\udc41"\n ]\n}');
});

test('law: it reads back as it was, and holds no character that a terminal acts on', t => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
        const text = toJson(value, indent);
        return (
          JSON.stringify(JSON.parse(text)) === JSON.stringify(value) && !/[^\n\P{Cc}]|[\p{Bidi_Control}]/u.test(text)
        );
      }),
    ),
  );
});
