import { describe, expect, it } from '@jest/globals';
import { median, quantile, spreadOf } from './statistics.ts';

describe('quantile', () => {
  it('lies between two neighbours linearly', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5);
    expect(quantile([7], 0.95)).toBe(7);
  });

  it('leaves its argument in order and refuses an empty one', () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow(RangeError);
  });

  it('spans the runs', () => {
    expect(spreadOf([0.2, 0.1, 0.4])).toEqual({ median: 0.2, min: 0.1, max: 0.4 });
  });
});
