// The script of the report: opens the branches that are not written as markup, searches, filters, moves by arrow keys. The page is
// complete without it. It writes text by textContent only and asks nothing of the network.

/** As tree.ts writes it: see TreeWords there. */
interface TreeWords {
  names: string[];
  parents: number[];
  entries: ([[number, number, number][], number, number, number[], number[], number[]] | null)[];
  words: string[];
  uses: [string, string][];
}

/** Rows added at once, and results shown at most. */
const CHUNK = 200;
const DELAY_MS = 120;

const one = <E extends Element>(kind: abstract new () => E, selector: string, within: ParentNode = document): E => {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
};

const tree: TreeWords = JSON.parse(one(HTMLScriptElement, '#paths-data').textContent ?? '');
const number = new Intl.NumberFormat('en');
const word = (index: number): string => tree.words[index] ?? '';
const element = (name: string, className: string, text: string): HTMLElement => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

const children: number[][] = tree.names.map(() => []);
for (const [node, parent] of tree.parents.entries()) children[parent]?.push(node);

const paths: string[] = [];
for (const [node, name] of tree.names.entries()) {
  const above = paths[tree.parents[node] ?? -1] ?? '';
  paths.push(above === '' ? name : `${above === '/' ? '' : above}/${name}`);
}

/** What was done to a path; failures count where nothing else was. */
function usesOf(node: number): Set<number> {
  const uses = new Set(tree.entries[node]?.[0].map(([, use]) => use));
  if (uses.size > 1) uses.delete(tree.uses.findIndex(([name]) => name === 'failed'));
  return uses;
}

/** Paths below each node, and how many of them were used in which way. */
const sums: number[][] = tree.names.map(() => [0, ...tree.uses.map(() => 0)]);
for (let node = tree.names.length - 1; node > 0; node--) {
  const above = sums[tree.parents[node] ?? 0] ?? [];
  for (const [i, n] of (sums[node] ?? []).entries()) above[i] = (above[i] ?? 0) + n;
  if (!tree.entries[node]) continue;
  above[0] = (above[0] ?? 0) + 1;
  for (const use of usesOf(node)) above[use + 1] = (above[use + 1] ?? 0) + 1;
}

function sumText(node: number): string {
  const [all = 0, ...uses] = sums[node] ?? [];
  const parts = uses.map((n, i) => (n === 0 ? '' : `${number.format(n)} ${tree.uses[i]?.[1]}`));
  return `${number.format(all)} ${all === 1 ? 'path' : 'paths'}: ${parts.filter(part => part !== '').join(', ')}`;
}

/** A row, made from a template that the page brings. */
function made(template: '#leaf' | '#branch', node: number, name: string): DocumentFragment {
  const row = document.importNode(one(HTMLTemplateElement, template).content, true);
  one(HTMLElement, 'details', row).dataset.node = String(node);
  one(HTMLElement, '.name', row).textContent = name;
  for (const [what, use, count] of tree.entries[node]?.[0] ?? []) {
    const chip = element('span', `use ${tree.uses[use]?.[0]}`, `${word(what)} `);
    chip.append(element('b', '', number.format(count)));
    one(HTMLElement, '.uses', row).append(chip, ' ');
  }
  return row;
}

const isBranch = (node: number): boolean => (children[node]?.length ?? 0) > 0;

function branch(node: number): DocumentFragment {
  const row = made('#branch', node, `${tree.names[node]}/`);
  one(HTMLElement, '.below', row).textContent = sumText(node);
  return row;
}

function leaf(node: number, name: string, kind = ''): DocumentFragment {
  const row = made('#leaf', node, name);
  const entry = tree.entries[node];
  if (entry) fill(row, entry);
  const onlyFailed = [...usesOf(node)].every(use => tree.uses[use]?.[0] === 'failed');
  one(HTMLElement, 'details', row).className = `leaf ${onlyFailed ? 'gone' : ''} ${kind}`;
  return row;
}

function fill(row: ParentNode, [, first, last, by, rules, notes]: NonNullable<TreeWords['entries'][number]>): void {
  const slot = (name: string): HTMLElement => one(HTMLElement, `[data-slot=${name}]`, row);
  const codes = (words: number[]): Node[] =>
    words.flatMap(index => [element('code', '', word(index)), document.createTextNode(' ')]);
  if (first >= 0) slot('seen').textContent = `${word(first)} to ${word(last)}`;
  if (by.length > 0) slot('by').replaceChildren(...codes(by));
  if (rules.length > 0) slot('rules').replaceChildren(...codes(rules));
  one(HTMLElement, '.rule', row).textContent = rules.length === 0 ? '' : word(rules[0] ?? 0);
  if (notes.length > 0) slot('notes').textContent = notes.map(word).join('; ');
  else {
    slot('notes').previousElementSibling?.remove();
    slot('notes').remove();
  }
}

/** Adds the next rows of a list, and a button for those after them. */
function extend(list: Element, nodes: readonly number[], rowOf: (node: number) => DocumentFragment): void {
  list.append(...nodes.slice(0, CHUNK).map(rowOf));
  const rest = nodes.slice(CHUNK);
  if (rest.length === 0) return;
  const button = element(
    'button',
    'more',
    `Show ${Math.min(CHUNK, rest.length)} more of ${number.format(rest.length)}`,
  );
  const item = element('li', 'rest', '');
  item.append(button);
  list.append(item);
  button.addEventListener('click', () => {
    item.remove();
    const before = list.children.length;
    extend(list, rest, rowOf);
    list.children[before]?.querySelector('summary')?.focus();
  });
}

/** Opens what the markup left out. */
function unfold(details: HTMLDetailsElement): void {
  const list = details.querySelector(':scope > ul[data-rest]');
  if (list === null) return;
  const node = Number(details.dataset.node);
  list.removeAttribute('data-rest');
  list.replaceChildren(...(tree.entries[node] ? [leaf(node, 'the directory itself', 'self')] : []));
  extend(list, children[node] ?? [], child => (isBranch(child) ? branch(child) : leaf(child, tree.names[child] ?? '')));
}

document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.open && target.classList.contains('branch')) unfold(target);
  },
  true,
);

// Arrow keys: up and down over what is visible, right opens, left closes or goes up.
document.addEventListener('keydown', event => {
  const summary = document.activeElement;
  const list = summary?.closest('.tree');
  const details = summary?.parentElement;
  if (summary?.tagName !== 'SUMMARY' || !list || !(details instanceof HTMLDetailsElement)) return;
  const move = (by: number): void => {
    const all = [...list.querySelectorAll('summary')].filter(one => one.checkVisibility());
    const at = all.findIndex(({ parentElement }) => parentElement === details);
    if (at + by >= 0) all[at + by]?.focus();
  };
  const up = details.parentElement?.closest('details')?.querySelector('summary');
  if (event.key === 'ArrowDown') move(1);
  else if (event.key === 'ArrowUp') move(-1);
  else if (event.key === 'ArrowRight' && !details.open) details.open = true;
  else if (event.key === 'ArrowRight') move(1);
  else if (event.key === 'ArrowLeft' && details.open) details.open = false;
  else if (event.key === 'ArrowLeft') up?.focus();
  else return;
  event.preventDefault();
});

const search = one(HTMLFormElement, '#search');
const input = one(HTMLInputElement, '#search input');
const answer = one(HTMLElement, '#answer');
const results = one(HTMLElement, '#results');
const nothing = one(HTMLElement, '#nothing');
const buttons = [...search.querySelectorAll('button[data-use]')];
const found = [...document.querySelectorAll('[data-find]')].map(item => ({
  item,
  text: (item.textContent ?? '').toLowerCase(),
}));
let haystack: string[] | null = null;

const isPressed = (button: Element): boolean => button.getAttribute('aria-pressed') === 'true';

function apply(): void {
  const words = input.value
    .toLowerCase()
    .split(/\s+/)
    .filter(text => text !== '');
  const uses = new Set(
    buttons.filter(isPressed).map(button => tree.uses.findIndex(([name]) => name === button.getAttribute('data-use'))),
  );
  const isActive = words.length > 0 || uses.size > 0;
  haystack ??= paths.map((path, node) => {
    const entry = tree.entries[node];
    return `${path} ${entry?.[3].map(word).join(' ') ?? ''} ${entry?.[4].map(word).join(' ') ?? ''}`.toLowerCase();
  });
  let rows = 0;
  for (const { item, text } of found) {
    const hit = words.every(part => text.includes(part));
    item.toggleAttribute('hidden', !hit);
    if (hit) rows++;
  }
  document.body.classList.toggle('searching', isActive);
  one(HTMLElement, '#tree').hidden = isActive;
  results.hidden = !isActive;
  results.replaceChildren();
  const nodes: number[] = [];
  if (isActive)
    for (const [node, text] of haystack.entries()) {
      const entry = tree.entries[node];
      if (!entry || (uses.size > 0 && !entry[0].some(([, use]) => uses.has(use)))) continue;
      if (words.every(part => text.includes(part))) nodes.push(node);
    }
  extend(results, nodes, node => leaf(node, paths[node] ?? ''));
  nothing.hidden = !isActive || nodes.length > 0;
  const others = words.length === 0 ? '' : `, ${number.format(rows)} other ${rows === 1 ? 'row' : 'rows'}`;
  answer.textContent = isActive
    ? `${number.format(nodes.length)} ${nodes.length === 1 ? 'path' : 'paths'}${others}`
    : '';
}

let pending: number | undefined;
input.addEventListener('input', () => {
  clearTimeout(pending);
  pending = setTimeout(apply, DELAY_MS);
});
search.addEventListener('submit', event => {
  event.preventDefault();
  apply();
});
for (const button of buttons)
  button.addEventListener('click', () => {
    button.setAttribute('aria-pressed', String(!isPressed(button)));
    apply();
  });
document.addEventListener('keydown', event => {
  const isTyping = document.activeElement instanceof HTMLInputElement;
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    input.focus();
    input.select();
  } else if (event.key === 'Escape' && isTyping) {
    input.value = '';
    apply();
  }
});
search.hidden = false;

const copy = one(HTMLButtonElement, '#copy');
copy.hidden = false;
copy.addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(one(HTMLElement, '#dropin').textContent ?? '');
    copy.textContent = 'Copied';
  } catch {
    copy.textContent = 'The browser did not let it be copied';
  }
});
