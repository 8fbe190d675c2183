import { axisX, dot, link, ruleX } from '@observablehq/plot';
import type { Row } from '../benchmark.ts';
import { formatNumber } from '../table.ts';
import { svgOf } from './svg.ts';

const ROW_HEIGHT = 12;

/** Ratios of the arms to what they are compared with: the median, and a line from the least to the greatest of the runs. */
export function ratioPlot(title: string, rows: readonly Row[], labelOf: (row: Row) => string): string {
  const labels = [...new Set(rows.map(labelOf))];
  const arms = [...new Set(rows.map(shortArm))];
  const points = rows.map((row) => ({
    label: labelOf(row),
    arm: shortArm(row),
    at: labels.indexOf(labelOf(row)) + (arms.indexOf(shortArm(row)) + 1) / (arms.length + 1),
    ...row.ratio,
  }));
  const longest = Math.max(...labels.map((label) => label.length));
  return svgOf(title, arms, {
    height: Math.max(60, labels.length * Math.max(20, arms.length * ROW_HEIGHT)),
    marginLeft: Math.min(360, 24 + longest * 5.6),
    marginRight: 20,
    x: { type: 'log', grid: true, label: 'times what it is compared with' },
    y: {
      domain: [labels.length, 0],
      ticks: labels.map((_, index) => index + 0.5),
      tickFormat: (at: number) => labels[Math.floor(at)] ?? '',
      tickSize: 0,
      label: null,
    },
    marks: [
      axisX({ ticks: 6, tickFormat: formatNumber, label: 'times what it is compared with' }),
      ruleX([1], { strokeOpacity: 0.6 }),
      link(points, { x1: 'min', x2: 'max', y1: 'at', y2: 'at', stroke: 'arm', strokeWidth: 2, strokeOpacity: 0.5 }),
      dot(points, { x: 'median', y: 'at', fill: 'arm', r: 3.5 }),
    ],
  });
}

/** Without how it does it. */
function shortArm({ arm }: Row): string {
  return arm.split(':')[0] ?? arm;
}
