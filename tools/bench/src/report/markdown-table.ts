export type Alignment = 'left' | 'right';

/** A table whose columns are as wide as their widest cell. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): string {
  const texts = rows.map((row) => head.map((_, column) => (row[column] ?? '').replaceAll('|', '\\|')));
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const right = (column: number): boolean => alignments[column] === 'right';
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .map((cell, column) =>
        right(column) ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number),
      )
      .join(' | ')} |`;
  const rule = widths.map((width, column) => (right(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(head), line(rule), ...texts.map(line)].join('\n');
}
