import { axisX, axisY, dot, line } from '@observablehq/plot';
import { formatNumber } from '../table.ts';
import { svgOf } from './svg.ts';

export interface ChartPoint {
  readonly at: number;
  /** Its line. */
  readonly arm: string;
  /** Drawn as a line with dots. */
  readonly solid: number;
  /** Drawn as a dotted line beside it. */
  readonly dotted: number;
}

export interface LineChart {
  readonly title: string;
  /** Of what the lines run along, with its unit. */
  readonly axis: string;
  /** Of the figures: from 0 to 100, or logarithmic. */
  readonly scale: 'percent' | 'log';
  readonly points: readonly ChartPoint[];
}

/** Lines over a logarithmic axis, each with a dotted one of the same colour. */
export function lineChart({ title, axis, scale, points }: LineChart): string {
  const ticks = [...new Set(points.map(({ at }) => at))];
  const arms = [...new Set(points.map(({ arm }) => arm))];
  const y = scale === 'percent' ? { type: 'linear' as const, domain: [0, 100] } : { type: 'log' as const };
  return svgOf(title, arms, {
    marginLeft: 60,
    marginRight: 30,
    x: { type: 'log', grid: true },
    y: { ...y, grid: true, label: null },
    marks: [
      axisX({ ticks, tickFormat: (at: number) => at.toLocaleString('en-GB'), label: axis }),
      axisY({ ticks: 5, tickFormat: formatNumber, label: null }),
      line(points, { x: 'at', y: 'dotted', stroke: 'arm', strokeDasharray: '2,4', strokeOpacity: 0.8 }),
      line(points, { x: 'at', y: 'solid', stroke: 'arm', strokeWidth: 2 }),
      dot(points, { x: 'at', y: 'solid', fill: 'arm', r: 3.5 }),
    ],
  });
}
