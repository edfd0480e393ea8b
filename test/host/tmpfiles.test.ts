// What tmpfiles.d(5) makes at a boot.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { madeByTmpfiles } from '../../src/host/tmpfiles.ts';

test('paths that a line makes, by the first directory that has a file of the name', t => {
  const root = mkdtempSync(join(tmpdir(), 'allowtrace-tmpfiles-'));
  const [etc, lib] = [join(root, 'etc'), join(root, 'lib')];
  for (const directory of [etc, lib]) mkdirSync(directory);
  writeFileSync(
    join(lib, 'app.conf'),
    '# d /run/comment\nd /run/app 0755 app app -\nD! "/var/run/boot/"\nf+ %t/app.pid\nr /run/removed\nz /run/changed 0755\n',
  );
  writeFileSync(join(lib, 'masked.conf'), 'd /run/masked\n');
  writeFileSync(join(etc, 'masked.conf'), '');
  writeFileSync(join(lib, 'README'), 'd /run/readme\n');
  try {
    t.deepEqual([...madeByTmpfiles([etc, lib, join(root, 'missing')])].sort(), [
      '/run/app',
      '/run/app.pid',
      '/run/boot',
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
