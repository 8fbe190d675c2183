import { axisX, axisY, dot, line } from '@observablehq/plot';
import type { Row } from '../benchmark.ts';
import { formatNumber } from '../table.ts';
import { svgOf } from './svg.ts';

/** How a figure grows with what it depends on: medians as lines, the 95th percentile dotted. Both axes are logarithmic. */
export function growthPlot(title: string, rows: readonly Row[]): string {
  const points = rows.flatMap(({ growth, arm, p50, p95 }) =>
    growth === undefined ? [] : [{ at: growth.at, arm, p50, p95 }],
  );
  const [first] = rows;
  const ticks = [...new Set(points.map(({ at }) => at))];
  const unit = first?.unit === 'us' ? 'µs' : (first?.unit ?? '');
  return svgOf(`${title}, ${unit}`, [...new Set(points.map(({ arm }) => arm))], {
    marginLeft: 60,
    marginRight: 30,
    x: { type: 'log', grid: true },
    y: { type: 'log', grid: true, label: null },
    marks: [
      axisX({ ticks, tickFormat: (at: number) => at.toLocaleString('en-GB'), label: first?.growth?.axis ?? '' }),
      axisY({ ticks: 5, tickFormat: formatNumber, label: null }),
      line(points, { x: 'at', y: 'p95', stroke: 'arm', strokeDasharray: '2,4', strokeOpacity: 0.8 }),
      line(points, { x: 'at', y: 'p50', stroke: 'arm', strokeWidth: 2 }),
      dot(points, { x: 'at', y: 'p50', fill: 'arm', r: 3.5 }),
    ],
  });
}
