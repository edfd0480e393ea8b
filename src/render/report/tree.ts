// The tree of paths as nested <details>, readable without a script. Of very large trees only the upper part is written as markup; all of
// it is there as compact data, from which the browser script opens the rest and searches.

import { type Html, html, jsonFor } from './html.ts';
import type { PathEntry, PathUse } from './paths.ts';
import { number, programs, time } from './text.ts';
import { type Sums, sumsOf, sumText, type TreeNode, treeWords } from './tree-words.ts';

/** Rows written as markup at most, and rows visible when the page opens. */
const STATIC_ROWS = 1500;
const OPEN_ROWS = 56;
/** Deeper branches are left to the script: browsers flatten markup nested deeper than 512 elements. */
const STATIC_DEPTH = 24;

const chip = ({ what, use, count: times }: PathUse): Html =>
  html`<span class="use ${use}">${what} <b>${number(times)}</b></span> `;

const chips = (entry: PathEntry | undefined): Html => html`<span class="uses">${entry?.uses.map(chip) ?? null}</span>`;

function facts({ first, last, by, rules, notes }: PathEntry): Html {
  const seen =
    first === undefined || last === undefined ? 'the log has no timestamps' : `${time(first)} to ${time(last)}`;
  return html`<dl>
<dt>When</dt><dd data-slot="seen">${seen}</dd>
<dt>By</dt><dd data-slot="by">${by.length === 0 ? 'unknown' : programs(by)}</dd>
<dt>Rule</dt><dd data-slot="rules">${rules.length === 0 ? 'none' : rules.map(rule => html`<code>${rule}</code> `)}</dd>
${notes.length > 0 && html`<dt>Note</dt><dd data-slot="notes">${notes.join('; ')}</dd>`}
</dl>`;
}

/** One path. `name` may also be said of a directory in the list of its own entries. */
function leaf(name: string, entry: PathEntry, node: number, kind = ''): Html {
  const gone = entry.uses.every(({ use }) => use === 'failed') ? ' gone' : '';
  return html`<li><details class="leaf${gone}${kind}" data-node="${node}">
<summary><span class="name">${name}</span> ${chips(entry)} <span class="rule">${entry.rules[0] ?? ''}</span></summary>
${facts(entry)}</details></li>
`;
}

const branch = (
  name: string,
  entry: PathEntry | undefined,
  node: number,
  sum: string,
  entries: Html,
  isOpen: boolean,
): Html =>
  html`<li><details class="branch" data-node="${node}"${isOpen && html` open`}>
<summary><span class="name">${name}</span> ${chips(entry)} <span class="below">${sum}</span></summary>
${entries}</details></li>
`;

const rest = (sum: string): Html =>
  html`<ul data-rest><li class="rest">${sum}. With JavaScript, they open here.</li></ul>`;

interface Drawing {
  /** Branches whose entries are markup, and those of them that are open at first. */
  written: ReadonlySet<TreeNode>;
  open: ReadonlySet<TreeNode>;
  sums: Sums;
  index: ReadonlyMap<TreeNode, number>;
}

/** Spends the rows level by level, so that every branch shows its upper part. */
function plan(root: TreeNode): Pick<Drawing, 'written' | 'open'> {
  const written = new Set<TreeNode>();
  const open = new Set<TreeNode>();
  let rows = 1;
  let visible = 1;
  let level = [root];
  for (let depth = 0; depth < STATIC_DEPTH && level.length > 0; depth++) {
    const next: TreeNode[] = [];
    for (const node of level) {
      const { length } = node.children;
      if (length === 0 || rows + length > STATIC_ROWS) continue;
      rows += length;
      written.add(node);
      next.push(...node.children);
      if (visible + length > OPEN_ROWS) continue;
      visible += length;
      open.add(node);
    }
    level = next;
  }
  return { written, open };
}

function row(node: TreeNode, drawing: Drawing): Html {
  const { written, open, sums, index } = drawing;
  const [entry] = node.items;
  const own = index.get(node) ?? 0;
  if (node.children.length === 0 && entry !== undefined) return leaf(node.name, entry, own);
  const sum = sumText(sums.get(node) ?? []);
  const entries = written.has(node)
    ? html`<ul>${entry !== undefined && leaf('the directory itself', entry, own, ' self')}${node.children.map(child => row(child, drawing))}</ul>`
    : rest(sum);
  return branch(node.name === '/' ? '/' : `${node.name}/`, entry, own, sum, entries, open.has(node));
}

const BLANK: PathEntry = { path: '', uses: [], first: undefined, last: undefined, by: [], rules: [], notes: [''] };

/** The tree, the rows the script makes others from, and its data. */
export function renderPathTree(root: TreeNode): Html {
  const { data, index } = treeWords(root);
  return html`<ul class="tree" id="tree">${row(root, { ...plan(root), sums: sumsOf(root), index })}</ul>
<template id="leaf">${leaf('', BLANK, 0)}</template>
<template id="branch">${branch('', undefined, 0, '', rest(''), false)}</template>
<script type="application/json" id="paths-data">${jsonFor(data)}</script>`;
}
