import type { Check, Report, Row } from './benchmark.ts';

/** The columns of a row; those without a figure in any row are left out. */
const COLUMNS: readonly (readonly [title: string, cell: (row: Row) => string])[] = [
  ['figure / reference of the ratio', ({ name }) => name],
  ['arm', ({ arm }) => arm],
  ['unit', ({ unit }) => unit],
  ['p50', ({ p50 }) => formatNumber(p50)],
  ['p95', ({ p95 }) => formatNumber(p95)],
  ['p99', ({ p99 }) => formatOptional(p99)],
  ['p99.9', ({ p999 }) => formatOptional(p999)],
  ['ratio', ({ ratio }) => formatNumber(ratio.median)],
  ['min', ({ ratio }) => formatNumber(ratio.min)],
  ['max', ({ ratio }) => formatNumber(ratio.max)],
];

/** A report for people: the figures, then what was promised of them. */
export function formatReport(report: Report, conditions: readonly string[]): string {
  const columns = COLUMNS.filter(([, cell]) => report.rows.some((row) => cell(row) !== ''));
  return [
    formatTable(
      columns.map(([title]) => title),
      report.rows.map((row) => columns.map(([, cell]) => cell(row))),
    ),
    '',
    `${report.runs} runs. Ratios are taken within a run: their median, least and greatest over the runs.`,
    ...conditions,
    '',
    formatTable(['check', 'target', 'value', ''], report.checks.map(checkCells)),
  ].join('\n');
}

function checkCells({ name, target, value, ok }: Check): string[] {
  return [name, target, formatNumber(value), ok ? 'ok' : 'NOT MET'];
}

/** Three significant digits, whole above a hundred. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function formatOptional(value: number | undefined): string {
  return value === undefined ? '' : formatNumber(value);
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        /^-?[\d.]+$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
