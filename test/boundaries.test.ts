// The direction of imports: a room knows only the rooms before it, and no file is imported by what it imports.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { root } from './support/fixtures.ts';

/** room → rooms it may import from. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  strace: [],
  audit: [],
  process: ['strace'],
  profile: ['strace', 'process'],
  policy: ['strace', 'process', 'profile'],
  systemd: ['strace', 'audit', 'process', 'profile', 'policy'],
  host: ['strace', 'process', 'profile', 'policy', 'systemd'],
  render: ['strace', 'process', 'profile', 'policy'],
  commands: ['strace', 'audit', 'process', 'profile', 'policy', 'systemd', 'host', 'render'],
};

const src = join(root, 'src');
/** file below src → the files below src that it imports, also those that it loads when they are needed. */
const imports = new Map(
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(file => {
      const text = readFileSync(join(src, file), 'utf8');
      const statements = text.matchAll(/(?:^(?:import|export) [^;]*? from |\bimport\()'(\.[^']+)'/gm);
      return [file, [...statements].map(([, from = '']) => join(dirname(file), from))];
    }),
);

test('a room imports only from rooms before it', t => {
  for (const [file, targets] of imports) {
    const [room = ''] = file.split('/');
    for (const target of targets) {
      const [other = ''] = target.split('/');
      const known = ROOMS[room] === undefined || other === room || ROOMS[room].includes(other) || !(other in ROOMS);
      t.true(known, `${file} imports ${target}`);
    }
  }
});

test('no file is imported by what it imports', t => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) t.fail(`a circle: ${[...way.slice(way.indexOf(file)), file].join(' → ')}`);
    if (done.has(file) || way.includes(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  t.true(done.size > 100);
});
