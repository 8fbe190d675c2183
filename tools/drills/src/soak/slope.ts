/** A value at a time, in seconds since the start. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * The median of the slopes between all pairs of points, per second (Theil and Sen): what up to 29 % of the points say,
 * however wrong, does not move it far. 0 of fewer than two points.
 */
export function robustSlope(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) {
      if (b.at !== a.at) slopes.push((b.value - a.value) / (b.at - a.at));
    }
  }
  return medianOf(slopes);
}

/** 0 of nothing. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
}
