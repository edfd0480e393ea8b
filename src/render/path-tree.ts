// Paths as a tree, for whoever draws one (terminal or HTML). Directories that hold nothing but one other name are drawn as one with it
// (`var/spool/smtpd`), as reviewers read them.

export interface PathNode<T> {
  /** The name below the parent: `etc`, or several joined (`var/spool/smtpd`); `/` for the root. */
  name: string;
  path: string;
  /** What is said about this very path. */
  items: T[];
  /** Sorted by name. */
  children: PathNode<T>[];
}

interface Growing<T> {
  items: T[];
  /** Most nodes are leaves: they have none. */
  children: Map<string, Growing<T>> | null;
}

const sprout = <T>(): Growing<T> => ({ items: [], children: null });

/** The tree of all items; `pathOf` gives the absolute path of one. */
export function pathTree<T>(items: Iterable<T>, pathOf: (item: T) => string): PathNode<T> {
  const root = sprout<T>();
  for (const item of items) {
    let node = root;
    for (const name of pathOf(item).split('/')) {
      if (name === '') continue;
      node.children ??= new Map();
      const child = node.children.get(name) ?? sprout<T>();
      node.children.set(name, child);
      node = child;
    }
    node.items.push(item);
  }
  return { name: '/', path: '/', items: root.items, children: branches(root, '') };
}

function branches<T>(node: Growing<T>, prefix: string): PathNode<T>[] {
  const names = [...(node.children ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return names.map(([first, child]) => {
    let name = first;
    let tip = child;
    while (tip.items.length === 0 && tip.children?.size === 1)
      for (const [next, only] of tip.children) {
        name += `/${next}`;
        tip = only;
      }
    const path = `${prefix}/${name}`;
    return { name, path, items: tip.items, children: branches(tip, path) };
  });
}
