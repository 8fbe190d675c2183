import type { ScaleFigures, ScaleReport } from '@mooring/simulation';
import { lineChart } from '../plots/line-chart.ts';
import type { ChartPoint, LineChart } from '../plots/line-chart.ts';
import type { PlotFile } from '../plots/plots.ts';

/** The numbers of processes that a plot tells apart; more would lie on each other. */
const PROCESSES: readonly number[] = [1, 100];

type Line = Pick<ChartPoint, 'solid' | 'dotted'>;

const SHARES = {
  scale: 'percent',
  /** Of all that came: hits are of those that ran. */
  line: ({ hits, refused }: ScaleFigures): Line => ({ solid: hits * (1 - refused) * 100, dotted: refused * 100 }),
} as const;

/** What the page on scaling shows of the report of the simulation. */
export function scalingPlots(report: ScaleReport): readonly PlotFile[] {
  const largest = report.tenants.filter(({ setting }) => setting.tenants === 10_000 && setting.processes === 100);
  const byTenants = {
    axis: 'tenants',
    at: ({ setting }: ScaleFigures) => setting.tenants,
    figures: report.tenants.filter(({ setting }) => PROCESSES.includes(setting.processes)),
    arm: ({ setting: { overflow, processes } }: ScaleFigures) => `${overflow}, ${processesText(processes)}`,
  };
  const arm = ({ setting }: ScaleFigures): string => setting.overflow;
  return [
    plotOf('found-by-tenants.svg', { ...byTenants, ...SHARES, title: found('tenants') }),
    plotOf('time-by-tenants.svg', {
      ...byTenants,
      title: 'time of a statement beyond its run time, p50 (lines) and p99 (dotted), by tenants, ms',
      scale: 'log',
      line: ({ p50Ms, p99Ms }) => ({ solid: p50Ms, dotted: p99Ms }),
    }),
    plotOf('found-by-keep-alive.svg', {
      ...SHARES,
      title: found('keep-alive'),
      axis: 'keep-alive, s',
      at: ({ setting }) => setting.keepAliveSeconds,
      figures: [...report['keep-alive'], ...largest],
      arm,
    }),
    plotOf('found-by-load.svg', {
      ...SHARES,
      title: found('load'),
      axis: 'statements a second, over all processes',
      at: ({ setting }) => setting.perSecond,
      figures: [...report.load, ...largest],
      arm,
    }),
  ];
}

interface ScalingPlot extends Omit<LineChart, 'points'> {
  readonly at: (figures: ScaleFigures) => number;
  readonly figures: readonly ScaleFigures[];
  readonly arm: (figures: ScaleFigures) => string;
  readonly line: (figures: ScaleFigures) => Line;
}

function plotOf(file: string, { title, axis, scale, at, figures, arm, line }: ScalingPlot): PlotFile {
  const points = figures
    .map((one) => ({ at: at(one), arm: arm(one), ...line(one) }))
    .sort((one, other) => one.at - other.at);
  return { file, title, svg: lineChart({ title, axis, points, scale }) };
}

function found(by: string): string {
  return `statements that found a session (lines) and that were refused (dotted), by ${by}, % of all`;
}

function processesText(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}
