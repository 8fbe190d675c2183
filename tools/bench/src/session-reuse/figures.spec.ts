import { describe, expect, it } from '@jest/globals';
import type { Hit } from './arms.ts';
import { reportOf } from './figures.ts';
import type { RunFigures } from './measurement.ts';

const HIT: Hit = { totalMs: 5, overheadMs: 0.5, calls: 2, roundTrips: 0, reused: true };
const WARM_UP = {
  sequential: { hits: 0, misses: 1, opened: 1 },
  concurrent: { hits: 0, misses: 16, opened: 16 },
};

function run(changes: Partial<RunFigures> = {}): RunFigures {
  return {
    withoutReuse: [100],
    hits: [HIT, HIT],
    bare: [4.5, 4.5],
    concurrent: { latenciesMs: [10, 10], elapsedMs: 10, roundTrips: 0 },
    bareConcurrent: { latenciesMs: [8, 8], elapsedMs: 8 },
    sequentialCounts: { hits: 2, misses: 0, opened: 0 },
    concurrentCounts: { hits: 2, misses: 0, opened: 0 },
    backgroundPerSecond: 0.2,
    ...changes,
  };
}

function failedChecks(...runs: RunFigures[]): string[] {
  return reportOf('session-reuse', WARM_UP, runs)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name.replace(/ over \d+ statements/, ''));
}

describe('reportOf', () => {
  it('compares medians within each run', () => {
    const slow = run({ hits: [{ ...HIT, totalMs: 18 }], bare: [9] });
    const { rows, runs } = reportOf('session-reuse', WARM_UP, [run(), slow, run({ bare: [5, 5] })]);
    const row = rows.find(({ name, arm }) => name.startsWith('latency / bare SDK, one') && arm.startsWith('reuse'));
    expect(runs).toBe(3);
    expect(row?.ratio).toEqual({ median: expect.closeTo(1.111, 3), min: 1, max: 2 });
    expect(row?.p50).toBe(5);
  });

  it('meets every target when all is well', () => {
    expect(failedChecks(run(), run())).toEqual([]);
  });

  it.each([
    ['hit ratio, %', { concurrentCounts: { hits: 1, misses: 1, opened: 1 } }],
    ['latency below no reuse, %', { withoutReuse: [24] }],
    ['store round trips per hit', { concurrent: { latenciesMs: [10, 10], elapsedMs: 10, roundTrips: 1 } }],
    ['pool overhead per hit, outside the SDK calls, ms', { hits: [{ ...HIT, overheadMs: 1 }] }],
    ['pool overhead per hit, difference of medians, ms', { bare: [4, 4] }],
  ])('reports a miss: %s', (name, changes) => {
    expect(failedChecks(run(changes))).toContain(name);
  });
});
