function insertAfterLast(lines, matches, line) {
  const at = lines.findLastIndex((candidate) => matches.test(candidate));
  return at < 0 ? undefined : lines.toSpliced(at + 1, 0, line);
}

/**
 * The map of the repository with one more adapter: a room in the table, and a box in the drawing, where arrows go to and
 * from all adapters together.
 * @param {string} map docs/architecture.md
 * @param {{ name: string, variable: string, title: string }} names
 */
export function withAdapter(map, { name, variable, title }) {
  const row = `| \`packages/store-${name}\` | ${title}: an adapter that is being written | \`nest-session-store\`, specs |`;
  const lines = insertAfterLast(map.split('\n'), /^\| `packages\/store-/, row);
  if (lines === undefined) throw new Error('docs/architecture.md has no table with a row for `packages/store-…`.');
  const box = `    ${variable}[store-${name}]`;
  return (insertAfterLast(lines, /^ {4}\w+\[store-[a-z0-9-]+\]$/, box) ?? lines).join('\n');
}
