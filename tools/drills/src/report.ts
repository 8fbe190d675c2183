import type { DrillReport } from './run-drill.ts';

/** A verdict for people. */
export function formatReport({ drill, backend, seconds, ok, lines }: DrillReport): string {
  const width = Math.max(...lines.map(({ name }) => name.length));
  return [
    `${drill} on ${backend}, ${seconds} s: ${ok ? 'passed' : 'FAILED'}`,
    ...lines.map((line) => `  ${line.ok ? 'ok    ' : 'FAILED'}  ${line.name.padEnd(width)}  ${line.reason}`),
  ].join('\n');
}

/** A row for each drill, a column for each backend, as docs/reliability.md has it. */
export function formatSummary(reports: readonly DrillReport[]): string {
  const backends = [...new Set(reports.map(({ backend }) => backend))];
  const drills = [...new Set(reports.map(({ drill }) => drill))];
  const cell = (drill: string, backend: string): string => {
    const report = reports.find((one) => one.drill === drill && one.backend === backend);
    if (report === undefined) return '';
    return report.ok ? 'passed' : 'FAILED';
  };
  const rows = drills.map((drill) => [drill, ...backends.map((backend) => cell(drill, backend))]);
  return [['drill', ...backends], ['---', ...backends.map(() => '---')], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
