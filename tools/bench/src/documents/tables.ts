import { formatFigure, formatRatio } from './format.ts';
import { checkTable } from '../report/report-document.ts';
import { markdownTable, type Alignment } from '../report/markdown-table.ts';
import { figureText, partNamed, UnknownFigure, valueText, type Reports } from './selector.ts';
import { isPlanned } from '../plan.ts';
import { plotsOf } from '../plots/plots.ts';
import { TABLES } from './table-list.ts';

/** A table of a document: a cell with `::` is a figure by its name, any other is text. */
export interface Table {
  readonly head: readonly string[];
  readonly alignments: readonly Alignment[];
  readonly rows: readonly (readonly string[])[];
}

type OfParts = (reports: Reports, parts: readonly string[], selector: string) => string;

const OF_PARTS: Readonly<Record<string, OfParts>> = {
  stamps: stampTable,
  promised: (reports, parts) => checkTable(parts.flatMap((where) => partNamed(reports, where).checks)),
  figures: (reports, _, selector) => figureTable(reports, selector),
  plots: plotList,
};

/**
 * A table by its name: one that is listed; `promised <parts>`, what was promised of them; `figures <part> :: <how names begin>`;
 * `plots <part>`; or `stamps <parts>`, where and when they were measured. A part that is planned may have no report yet.
 */
export function tableText(reports: Reports, name: string): string {
  const [kind = '', ...rest] = name.split(' ');
  const written = OF_PARTS[kind];
  if (written !== undefined) {
    const parts = (kind === 'figures' ? rest.slice(0, 1) : rest).filter((where) => isMeasured(reports, where));
    return parts.length === 0 ? 'Not measured yet.' : written(reports, parts, rest.join(' '));
  }
  const table = TABLES[name];
  if (table === undefined) throw new UnknownFigure(`there is no table "${name}"`);
  const cell = (text: string): string =>
    text
      .split(' + ')
      .map((one) => (one.includes('::') ? figureText(reports, one) : one))
      .join(' ');
  return markdownTable(
    table.head,
    table.rows.map((row) => row.map(cell)),
    table.alignments,
  );
}

function isMeasured(reports: Reports, where: string): boolean {
  const [benchmark = '', part] = where.split('/');
  if (reports.get(benchmark)?.parts.some((one) => one.part === part) === true) return true;
  if (!isPlanned(where)) throw new UnknownFigure(`there is no report of ${where}, nor is one planned`);
  return false;
}

function plotList(reports: Reports, parts: readonly string[]): string {
  return parts
    .flatMap((where) => {
      const { part, rows } = partNamed(reports, where);
      return plotsOf(part, rows).map(({ title, file }) => `![${title}](reports/${where.split('/')[0]}/${file})`);
    })
    .join('\n\n');
}

function figureTable(reports: Reports, selector: string): string {
  const [where = '', prefix = ''] = selector.split('::').map((one) => one.trim());
  const rows = partNamed(reports, where).rows.filter(({ name }) => name.startsWith(prefix));
  if (rows.length === 0) throw new UnknownFigure(`${where} has no figure that begins with "${prefix}"`);
  const tails = rows.some(({ p99 }) => p99 !== undefined);
  return markdownTable(
    ['what', 'arm', 'p50', tails ? 'p99' : 'p95', 'compared with', 'ratio (min to max)'],
    rows.map((row) => {
      const [what = '', ...reference] = row.name.slice(prefix.length).split(' / ');
      const p99 = row.p99 === undefined ? '' : formatFigure(row.p99, row.unit);
      return [
        what.trim(),
        row.arm,
        formatFigure(row.p50, row.unit),
        tails ? p99 : formatFigure(row.p95, row.unit),
        reference.join(' / '),
        valueText(row, 'spread'),
      ];
    }),
    ['left', 'left', 'right', 'right', 'left', 'right'],
  );
}

function stampTable(reports: Reports, parts: readonly string[]): string {
  return markdownTable(
    ['report', 'command', 'date', 'runs', 'load average', 'machine'],
    parts.map((where) => {
      const { runs, stamp } = partNamed(reports, where);
      const { date, command, load, machine } = stamp;
      return [
        `[${where}](reports/${where.split('/')[0]}/report.md)`,
        `\`${command}\``,
        date.slice(0, 10),
        String(runs),
        `${formatRatio(load.start)}, ${formatRatio(load.end)} at the end`,
        `${machine.cpu}, ${machine.cores} cores`,
      ];
    }),
    ['left', 'left', 'left', 'right', 'left', 'left'],
  );
}
