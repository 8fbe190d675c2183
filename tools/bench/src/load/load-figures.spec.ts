import { describe, expect, it } from '@jest/globals';
import { openLoopChecks, openLoopRows } from './load-figures.ts';
import type { LoopFigures } from './loops.ts';

function figures(verify: readonly number[], failures: readonly unknown[] = []): LoopFigures {
  const latenciesMs = { verify, touch: [1], update: [1], consume: [1], create: [1], revoke: [] };
  return { latenciesMs, latenessMs: [0.5], failures, elapsedMs: 10 };
}

const calls = (ms: number, count: number): number[] => Array.from({ length: count }, () => ms);
const title = 'redis, 1000 sessions';

describe('openLoopChecks', () => {
  const checksOf = (...runs: LoopFigures[]): ReturnType<typeof openLoopChecks> =>
    openLoopChecks({ title, arms: ['raw', 'mooring'], runs: runs.map((run) => [figures([9]), run]) }, true);

  it('takes the percentile over the calls of all runs, of the store alone', () => {
    const fast = figures(calls(1, 500));
    const [verify] = checksOf(fast, figures([...calls(1, 498), 80, 80]));
    expect(verify).toEqual({ name: `${title}: verify (touch, not due), p99 in ms`, target: '< 5', value: 1, ok: true });
    expect(checksOf(fast, figures([...calls(1, 480), ...calls(80, 20)]))[0]).toMatchObject({ value: 80, ok: false });
  });

  it('promises nothing of what was not called, and reports calls that failed', () => {
    const checks = checksOf(figures([1], [new Error('away')]));
    expect(checks.filter(({ name }) => name.includes('revoke'))).toEqual([]);
    expect(checks[checks.length - 1]).toMatchObject({ value: 1, ok: false });
  });
});

it('openLoopChecks holds failures alone against a store of which nothing was promised', () => {
  const run = [figures([9]), figures(calls(80, 20))];
  const checks = openLoopChecks({ title, arms: ['raw', 'mooring'], runs: [run] }, false);
  expect(checks).toEqual([{ name: `${title}: calls that failed`, target: '0', value: 0, ok: true }]);
});

describe('openLoopRows', () => {
  it('has the raw client and the store under the same load, and how late they were called', () => {
    const rows = openLoopRows({ title, arms: ['raw', 'mooring'], runs: [[figures([2]), figures([3])]] });
    expect(rows[1]).toMatchObject({ arm: 'mooring', p50: 3, p999: 3, ratio: { median: 1.5 } });
    expect(rows[rows.length - 1]?.name).toContain('how late');
  });
});
