import { tableOf } from '../mutant-table.ts';
import type { ScaleFigures, Service } from './scale-setting.ts';
import type { ScaleTable } from './scale-settings.ts';

export type ScaleReport = Readonly<Record<ScaleTable, readonly ScaleFigures[]>>;

type Column = readonly [title: string, cell: (figures: ScaleFigures) => string];

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
const perSecond = (count: number): string => `${count.toFixed(count < 10 ? 1 : 0)}/s`;
const grouped = (count: number): string => count.toLocaleString('en-GB');
const times = ({ p50Ms, p99Ms }: Service): string => `${seconds(p50Ms)}, ${seconds(p99Ms)}`;

const OVERFLOW: Column = ['overflow', ({ setting }) => `\`${setting.overflow}\``];
const HITS: Column = ['hits', ({ hits }) => percent(hits)];
const REFUSED: Column = ['refused', ({ refused }) => percent(refused)];
const BEYOND: Column = ['p50, p99', times];
const SMALLEST: Column = ['p99 of small tenants', ({ smallest }) => seconds(smallest.p99Ms)];
const OPEN: Column = ['open, most', ({ openMean, openMost }) => `${openMean}, ${openMost}`];
const OPENED: Column = ['opened', ({ openedPerSecond }) => perSecond(openedPerSecond)];
const STORE: Column = ['store calls each', ({ storeCallsPerStatement }) => storeCallsPerStatement.toFixed(1)];

const COLUMNS: Readonly<Record<Exclude<ScaleTable, 'small'>, readonly Column[]>> = {
  tenants: [
    ['tenants', ({ setting }) => grouped(setting.tenants)],
    ['processes', ({ setting }) => grouped(setting.processes)],
    OVERFLOW,
    HITS,
    REFUSED,
    BEYOND,
    SMALLEST,
    OPEN,
    OPENED,
    STORE,
  ],
  'keep-alive': [
    ['keep-alive', ({ setting }) => `${setting.keepAliveSeconds} s`],
    OVERFLOW,
    HITS,
    REFUSED,
    BEYOND,
    OPEN,
    OPENED,
  ],
  load: [
    ['statements', ({ setting }) => `${setting.perSecond}/s`],
    OVERFLOW,
    HITS,
    REFUSED,
    ['of small tenants', ({ smallest }) => percent(smallest.refused)],
    BEYOND,
    ['submissions', ({ submissionsPerSecond }) => perSecond(submissionsPerSecond)],
    OPENED,
  ],
  processes: [
    ['each may use', ({ setting }) => percent(setting.quotaShare)],
    ['a tenant goes to', ({ setting }) => (setting.balancer === 'any' ? 'any process' : 'one process')],
    OVERFLOW,
    HITS,
    REFUSED,
    BEYOND,
    ['large tenants', ({ largest }) => times(largest)],
    STORE,
  ],
};

const MARKED = /<!-- simulated (\S+) -->[^]*?<!-- \/simulated -->/g;

export function scaleTable(name: string, report: ScaleReport): string {
  const columns = COLUMNS[name as keyof typeof COLUMNS];
  if (columns === undefined) throw new Error(`there is no table "${name}": ${Object.keys(COLUMNS).join(', ')}`);
  const rows = report[name as ScaleTable].map((figures) => columns.map(([, cell]) => cell(figures)));
  return tableOf(
    columns.map(([title]) => title),
    rows,
  );
}

/** A document with its tables as the report has them. */
export function withScaleTables(text: string, report: ScaleReport): string {
  return text.replaceAll(
    MARKED,
    (_, name: string) => `<!-- simulated ${name} -->\n\n${scaleTable(name, report)}\n\n<!-- /simulated -->`,
  );
}

/** All tables, for a terminal. */
export function allScaleTables(report: ScaleReport): string {
  return Object.keys(COLUMNS)
    .map((name) => `${name}\n\n${scaleTable(name, report)}\n`)
    .join('\n');
}
