import type { Row } from '../benchmark.ts';
import { growthPlot } from './growth-plot.ts';
import { ratioPlot } from './ratio-plot.ts';

export interface PlotFile {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

/** Fewer figures than this have no plot of their own. */
const ENOUGH = 4;

/** What a part of a report shows at a glance: how figures grow, and how the arms compare. */
export function plotsOf(part: string, rows: readonly Row[]): readonly PlotFile[] {
  return [...growthPlots(part, rows), ...ratioPlots(part, rows)];
}

function growthPlots(part: string, rows: readonly Row[]): PlotFile[] {
  const growing = rows.filter(({ growth }) => growth !== undefined);
  return [...groupedBy(growing, ({ growth }) => growth?.plot ?? '')].map(([title, own]) => ({
    file: fileOf(part, title),
    title,
    svg: growthPlot(title, own),
  }));
}

function ratioPlots(part: string, rows: readonly Row[]): PlotFile[] {
  const compared = rows.filter(({ growth, ratio }) => growth === undefined && ratio.min > 0);
  const figures = [...groupedBy(compared, ({ name }) => name)].filter(([, own]) =>
    own.some(({ ratio }) => ratio.min !== 1 || ratio.max !== 1),
  );
  const groups = groupedBy(figures, ([name]) => titleOf(name) ?? part);
  const large = [...groups].filter(([, own]) => own.length >= ENOUGH);
  const small = [...groups].filter(([, own]) => own.length < ENOUGH).flatMap(([, own]) => own);
  return [
    ...large.map(([title, own]) =>
      ratioPlotOf(part, title, own, (name) => name.slice((titleOf(name)?.length ?? -2) + 2)),
    ),
    ...(small.length === 0
      ? []
      : [ratioPlotOf(part, large.length === 0 ? part : `${part}, others`, small, (name) => name)]),
  ];
}

type Figure = readonly [name: string, rows: readonly Row[]];

function ratioPlotOf(
  part: string,
  title: string,
  figures: readonly Figure[],
  labelOf: (name: string) => string,
): PlotFile {
  const rows = figures.flatMap(([, own]) => own);
  return { file: fileOf(part, title), title, svg: ratioPlot(title, rows, ({ name }) => labelOf(name)) };
}

/** What comes before the figure: `postgres, one at a time`. */
function titleOf(name: string): string | undefined {
  const end = name.indexOf(': ');
  return end === -1 ? undefined : name.slice(0, end);
}

function fileOf(part: string, title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `${[part, ...words.filter((word) => word !== part)].join('-').slice(0, 80)}.svg`;
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
