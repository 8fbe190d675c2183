import type { Check, Report, Row } from './benchmark.ts';

/** A report for people: the figures, then what was promised of them. */
export function formatReport(report: Report, conditions: readonly string[]): string {
  return [
    formatTable(
      ['figure / reference of the ratio', 'arm', 'unit', 'p50', 'p95', 'ratio', 'min', 'max'],
      report.rows.map(cellsOf),
    ),
    '',
    `${report.runs} runs. Ratios are taken within a run: their median, least and greatest over the runs.`,
    ...conditions,
    '',
    formatTable(['check', 'target', 'value', ''], report.checks.map(checkCells)),
  ].join('\n');
}

function cellsOf({ name, arm, unit, p50, p95, ratio }: Row): string[] {
  return [name, arm, unit, ...[p50, p95, ratio.median, ratio.min, ratio.max].map(formatNumber)];
}

function checkCells({ name, target, value, ok }: Check): string[] {
  return [name, target, formatNumber(value), ok ? 'ok' : 'NOT MET'];
}

/** Three significant digits, whole above a hundred. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
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
