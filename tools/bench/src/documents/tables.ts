import { formatFigure, formatRatio } from './format.ts';
import { checkTable } from '../report/report-document.ts';
import { markdownTable, type Alignment } from '../report/markdown-table.ts';
import { figureText, partNamed, UnknownFigure, valueText, type Reports } from './selector.ts';
import { TABLES } from './table-list.ts';

/** A table of a document: a cell with `::` is a figure by its name, any other is text. */
export interface Table {
  readonly head: readonly string[];
  readonly alignments: readonly Alignment[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * A table by its name: one that is listed; `promised <parts>`, what was promised of them; `figures <part> :: <how names begin>`; or
 * `stamps <parts>`, where and when they were measured.
 */
export function tableText(reports: Reports, name: string): string {
  const [kind = '', ...rest] = name.split(' ');
  if (kind === 'promised') return checkTable(rest.flatMap((where) => partNamed(reports, where).checks));
  if (kind === 'stamps') return stampTable(reports, rest);
  if (kind === 'figures') return figureTable(reports, rest.join(' '));
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
