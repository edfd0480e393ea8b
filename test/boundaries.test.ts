// The direction of imports: a room knows only the rooms before it.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { root } from './support/fixtures.ts';

/** room → rooms it may import from. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  strace: [],
  process: ['strace'],
  profile: ['strace', 'process'],
  policy: ['strace', 'process', 'profile'],
  systemd: ['strace', 'process', 'profile', 'policy'],
  host: ['strace', 'process', 'profile', 'policy', 'systemd'],
  render: ['strace', 'process', 'profile', 'policy'],
  commands: ['strace', 'process', 'profile', 'policy', 'systemd', 'host', 'render'],
};

test('a room imports only from rooms before it', t => {
  for (const [room, allowed] of Object.entries(ROOMS)) {
    const files = readdirSync(join(root, 'src', room), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter(name => name.endsWith('.ts'))) {
      const text = readFileSync(join(root, 'src', room, file), 'utf8');
      for (const [statement, from = ''] of text.matchAll(/^(?:import|export) [^;]*? from '(\.[^']+)'/gm)) {
        const [target = ''] = join(room, dirname(file), from).split('/');
        const known = target === room || allowed.includes(target) || !(target in ROOMS);
        t.true(known, `${room}/${file}: ${statement}`);
      }
    }
  }
});
