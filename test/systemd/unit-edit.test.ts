// Edits in the text of a unit: everything that is not meant stays.

import test from 'ava';
import { editUnit } from '../../src/systemd/unit-edit.ts';

const at = (line: number) => ({ file: 'x.conf', line });
const edit = (text: string, ...edits: Parameters<typeof editUnit>[1][number]['edit'][]): string =>
  editUnit(
    text,
    edits.map(one => ({ edit: one, because: [] })),
    'Service',
  );

const UNIT = `# head
[Unit]
Description=x

[Service]
ReadWritePaths=/a \\
# between
  "/b c" \\
  /d
; note
ProtectHome=yes

[Install]
WantedBy=multi-user.target
`;

test('a line is added behind the last one of its section', t => {
  t.is(
    edit(UNIT, { action: 'add', name: 'UMask', value: '0077' }),
    UNIT.replace('ProtectHome=yes\n', 'ProtectHome=yes\nUMask=0077\n'),
  );
});

test('a section that is missing is made, also in an empty file', t => {
  t.is(edit('', { action: 'add', name: 'UMask', value: '0077' }), '[Service]\nUMask=0077\n');
  t.is(edit('[Unit]\nA=b', { action: 'add', name: 'UMask', value: '0077' }), '[Unit]\nA=b\n\n[Service]\nUMask=0077\n');
});

test('a value is replaced where it stands; a word is taken out of a continued line; an empty list goes', t => {
  t.is(
    edit(UNIT, { action: 'replace', name: 'ProtectHome', value: 'tmpfs', at: at(11) }),
    UNIT.replace('=yes', '=tmpfs'),
  );
  const shorter = edit(UNIT, { action: 'remove', name: 'ReadWritePaths', value: '"/b c"', at: at(6) });
  t.regex(shorter, /\[Service\]\nReadWritePaths=\/a \/d\n; note\n/);
  const all = ['/a', '"/b c"', '/d'].map(value => ({
    action: 'remove' as const,
    name: 'ReadWritePaths',
    value,
    at: at(6),
  }));
  t.regex(edit(UNIT, ...all), /\[Service\]\n; note\nProtectHome=yes\n/);
});

test('reasons are comments above the line, and end in no continuation', t => {
  const text = editUnit(
    '[Service]\n',
    [{ edit: { action: 'add', name: 'UMask', value: '0077' }, because: ['because \\', 'so'] }],
    'Service',
  );
  t.is(text, '[Service]\n# because \n# so\nUMask=0077\n');
});
