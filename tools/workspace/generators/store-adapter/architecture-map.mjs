function insertAfterLast(lines, matches, line) {
  const at = lines.findLastIndex((candidate) => matches.test(candidate));
  return at < 0 ? undefined : lines.toSpliced(at + 1, 0, line);
}

/**
 * The map of the repository with one more adapter: a room in the table, a box and an arrow in the drawing.
 * @param {string} map docs/architecture.md
 * @param {{ name: string, className: string, title: string }} names
 */
export function withAdapter(map, { name, className, title }) {
  const row = `| \`packages/store-${name}\` | ${title}: an adapter that is being written | \`nest-session-store\`, specs |`;
  const lines = insertAfterLast(map.split('\n'), /^\| `packages\/store-/, row);
  if (lines === undefined) throw new Error('docs/architecture.md has no table with a row for `packages/store-…`.');
  const box = className[0].toLowerCase() + className.slice(1);
  const boxed = insertAfterLast(lines, /^ {4}\w+\[store-[a-z0-9-]+\]$/, `    ${box}[store-${name}]`) ?? lines;
  const arrow = /^ {2}(\w+) --> store$/;
  const stores = new Set(boxed.flatMap((line) => /^ {4}(\w+)\[store-/.exec(line)?.[1] ?? []));
  const last = boxed.findLastIndex((line) => stores.has(arrow.exec(line)?.[1] ?? ''));
  return (last < 0 ? boxed : boxed.toSpliced(last + 1, 0, `  ${box} --> store`)).join('\n');
}
