import { medianOf, robustSlope } from './slope.ts';
import type { Point } from './slope.ts';

/** The most that a value may grow in an hour: the sum of both parts. */
export interface Bound {
  readonly absolute: number;
  /** Of the median of the second half. */
  readonly relative: number;
}

export interface Flatness {
  readonly series: string;
  readonly unit: string;
  /** Of the first and of the second half. */
  readonly medians: readonly [number, number];
  readonly perHour: number;
  readonly allowedPerHour: number;
  readonly flat: boolean;
}

/** Judges the growth over the second half; the first is for filling what is bounded. A value that falls is flat. */
export function judgeFlatness(series: string, unit: string, points: readonly Point[], bound: Bound): Flatness {
  const half = Math.floor(points.length / 2);
  const second = points.slice(half);
  const medians = [medianOf(points.slice(0, half).map(valueOf)), medianOf(second.map(valueOf))] as const;
  const perHour = robustSlope(second) * 3600;
  const allowedPerHour = bound.absolute + bound.relative * medians[1];
  return { series, unit, medians, perHour, allowedPerHour, flat: perHour <= allowedPerHour };
}

function valueOf({ value }: Point): number {
  return value;
}
