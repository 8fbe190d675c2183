import type { Row } from '../benchmark.ts';
import { lineChart } from './line-chart.ts';

/** How a figure grows with what it depends on: medians as lines, the 95th percentile dotted. Both axes are logarithmic. */
export function growthPlot(title: string, rows: readonly Row[]): string {
  const [first] = rows;
  const unit = first?.unit === 'us' ? 'µs' : (first?.unit ?? '');
  return lineChart({
    title: `${title}, ${unit}`,
    axis: first?.growth?.axis ?? '',
    scale: 'log',
    points: rows.flatMap(({ growth, arm, p50, p95 }) =>
      growth === undefined ? [] : [{ at: growth.at, arm, solid: p50, dotted: p95 }],
    ),
  });
}
