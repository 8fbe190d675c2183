import type { Check, Row } from '../benchmark.ts';
import { plotsOf, type PlotFile } from '../plots/plots.ts';
import { formatNumber } from '../table.ts';
import { markdownTable } from './markdown-table.ts';
import type { ReportFile, ReportPart } from './report-file.ts';

/** What `report.md` says of a report, and the plots that it shows. */
export interface ReportDocument {
  readonly text: string;
  readonly plots: readonly PlotFile[];
}

export function reportDocument(report: ReportFile): ReportDocument {
  const parts = report.parts.map((part) => ({ part, plots: plotsOf(part.part, part.rows) }));
  const text = [
    `# ${report.benchmark}`,
    `Written by \`npm run bench -- ${report.benchmark} --report\`. Ratios are taken within a run: their median, least and greatest over the runs.`,
    ...(report.conditions.length === 0 ? [] : [report.conditions.map((line) => `- ${line}`).join('\n')]),
    ...parts.flatMap(({ part, plots }) => sectionOf(part, plots)),
  ].join('\n\n');
  return { text: `${text}\n`, plots: parts.flatMap(({ plots }) => plots) };
}

function sectionOf(part: ReportPart, plots: readonly PlotFile[]): string[] {
  return [
    `## ${part.part}`,
    stampText(part),
    ...plots.map(({ title, file }) => `![${title}](${file})`),
    ...(part.checks.length === 0 ? [] : [checkTable(part.checks)]),
    rowTable(part.rows),
  ];
}

function stampText({ runs, quick, stamp }: ReportPart): string {
  const { machine, servers, load } = stamp;
  const versions = Object.entries(servers).map(([name, version]) => `${name} ${version}`);
  return markdownTable(
    ['measured', ''],
    [
      ['command', `\`${stamp.command}\``],
      ['date, commit', `${stamp.date} UTC, ${stamp.commit}`],
      ['machine', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.system}`],
      ['versions', [`Node.js ${machine.node}`, ...versions].join(', ')],
      ['load average', `${load.start} at the start, ${load.end} at the end`],
      ['runs', `${runs}, ${stamp.seconds} s in all${quick ? '; quick: the figures mean little' : ''}`],
    ],
  );
}

export function checkTable(checks: readonly Check[]): string {
  return markdownTable(
    ['promised', 'target', 'measured', ''],
    checks.map(({ name, target, value, ok }) => [name, target, formatNumber(value), ok ? 'met' : '**missed**']),
    ['left', 'right', 'right'],
  );
}

function rowTable(rows: readonly Row[]): string {
  const optional = (value: number | undefined): string => (value === undefined ? '' : formatNumber(value));
  return markdownTable(
    ['figure / reference of the ratio', 'arm', 'unit', 'p50', 'p95', 'p99', 'p99.9', 'ratio', 'min', 'max'],
    rows.map(({ name, arm, unit, p50, p95, p99, p999, ratio }) => [
      name,
      arm,
      unit,
      formatNumber(p50),
      formatNumber(p95),
      optional(p99),
      optional(p999),
      formatNumber(ratio.median),
      formatNumber(ratio.min),
      formatNumber(ratio.max),
    ]),
    ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
  );
}
