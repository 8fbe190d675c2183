/** The parser's tree as it comes: members by name, nodes as `{ "NodeType": { … } }`. */
export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function treeOf(tree: Tree, member: string): Tree | undefined {
  const value = tree[member];
  return isTree(value) ? value : undefined;
}

export function listOf(tree: Tree, member: string): readonly Tree[] {
  const value = tree[member];
  return Array.isArray(value) ? value.filter(isTree) : [];
}

export function wordOf(tree: Tree, member: string): string | undefined {
  const value = tree[member];
  return typeof value === 'string' ? value : undefined;
}

/** The texts of a list of `String` nodes, such as the parts of a name. */
export function wordsOf(tree: Tree, member: string): readonly string[] {
  return listOf(tree, member).map((part) => wordOf(treeOf(part, 'String') ?? {}, 'sval') ?? '');
}

/** The type and the content of a node. */
export function nodeOf(tree: Tree): readonly [string, Tree] {
  const [entry] = Object.entries(tree);
  return entry !== undefined && isTree(entry[1]) ? [entry[0], entry[1]] : ['', {}];
}
