import { expect, it } from '@jest/globals';
import { judgeFlatness } from './flatness.ts';
import { sumOf } from './measures.ts';
import { robustSlope } from './slope.ts';
import type { Point } from './slope.ts';

const BOUND = { absolute: 10, relative: 0.1 };

function series(valueAt: (minute: number) => number): readonly Point[] {
  return Array.from({ length: 61 }, (_, index) => ({ at: index * 30, value: valueAt(index / 2) }));
}

it('finds a leak in noise, and none in noise, a step or what is filled in the first half', () => {
  const noise = (minute: number): number => 100 + 15 * Math.sin(minute * 7.3);
  expect(judgeFlatness('x', 'MiB', series(noise), BOUND).flat).toBe(true);
  expect(
    judgeFlatness(
      'x',
      'MiB',
      series((minute) => noise(minute) + minute),
      BOUND,
    ),
  ).toMatchObject({ flat: false });
  expect(
    judgeFlatness(
      'x',
      'MiB',
      series((minute) => Math.min(minute, 12) * 10),
      BOUND,
    ).flat,
  ).toBe(true);
  expect(
    judgeFlatness(
      'x',
      'MiB',
      series((minute) => 200 - minute),
      BOUND,
    ).flat,
  ).toBe(true);
});

it('allows so much and a share of what there is', () => {
  const grows = judgeFlatness(
    'x',
    '',
    series((minute) => 100 + minute / 4),
    BOUND,
  );
  expect(grows.perHour).toBeCloseTo(15);
  expect(grows.allowedPerHour).toBeCloseTo(20.6, 1);
  expect(grows.flat).toBe(true);
});

it('is not moved by a few wild points', () => {
  const points = series((minute) => (minute === 20 || minute === 29 ? 10_000 : minute));
  expect(robustSlope(points) * 60).toBeCloseTo(1);
  expect(robustSlope([])).toBe(0);
});

it('sums the series of a metric, and not those of one that begins like it', () => {
  expect(sumOf('# HELP a b\na{x="1"} 2\na{x="2"} 3\na_total 7\na 1\n', 'a')).toBe(6);
});
