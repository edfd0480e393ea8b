// The tree of paths that terminals show.

import test from 'ava';
import { pathTree } from '../../src/render/path-tree.ts';
import { renderTree } from '../../src/render/tree.ts';
import fc from '../support/fast-check.ts';

test('paths become a tree: lone directories are joined, cells aligned', t => {
  const rows = [
    { path: '/etc/smtpd.conf', cells: ['read', '1×'] },
    { path: '/etc/aliases', cells: ['read', '12×'] },
    { path: '/var/spool/smtpd', cells: ['write create', '4×'] },
  ];
  t.is(
    renderTree(rows),
    [
      '/',
      '├─ etc/',
      '│  ├─ aliases       read          12×',
      '│  └─ smtpd.conf    read          1×',
      '└─ var/spool/smtpd  write create  4×',
      '',
    ].join('\n'),
  );
});

test('a directory with facts of its own is a branch of its own, and several rows of one path stand below each other', t => {
  const rows = [
    { path: '/run', cells: ['create'] },
    { path: '/run/a/b', cells: ['read'] },
    { path: '/run/a/b', cells: ['write'] },
  ];
  t.is(renderTree(rows), ['/', '└─ run/    create', '   └─ a/b  read', '           write', ''].join('\n'));
});

test('names cannot move the cursor or turn the text round', t => {
  t.is(renderTree([{ path: '/tmp/\x1b[2J\u202egpj', cells: [] }]), '/\n└─ tmp/\\x1b[2J\\u202egpj\n');
});

test('paint colours a column without moving it', t => {
  const rows = [
    { path: '/a', cells: ['r', 'x'] },
    { path: '/b', cells: ['read', 'y'] },
  ];
  t.is(renderTree(rows, { paint: [text => `<${text}>`] }), '/\n├─ a  <r   >  x\n└─ b  <read>  y\n');
});

test('[law] every path is in the tree exactly once, under its own name', t => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ü', 'x y', '..'), { maxLength: 5 })
    .map(names => `/${names.join('/')}`);
  const collect = (node: ReturnType<typeof pathTree<string>>): string[] => [
    ...node.items.map(item => {
      t.is(item, node.path);
      return item;
    }),
    ...node.children.flatMap(collect),
  ];
  fc.assert(
    fc.property(fc.array(path), paths => {
      t.deepEqual(collect(pathTree(paths, item => item)).sort(), [...paths].sort());
    }),
  );
});
