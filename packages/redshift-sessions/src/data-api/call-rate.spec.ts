import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@mooring/session-store-testkit';
import { CallRate, PUBLISHED_QUOTAS } from './call-rate.ts';

let clock: ManualClock;
let rate: CallRate;

beforeEach(() => {
  clock = new ManualClock();
  rate = new CallRate(clock, 1);
});

async function passed(operation: 'CancelStatement' | 'ExecuteStatement', calls: number, ms: number): Promise<number> {
  let count = 0;
  for (let n = 0; n < calls; n += 1) void Promise.resolve(rate.take(operation)).then(() => (count += 1));
  await clock.advance(ms);
  return count;
}

describe('CallRate', () => {
  it('lets one second of calls go at once, and the rest at the quota', async () => {
    let count = 0;
    for (let n = 0; n < 9; n += 1) void Promise.resolve(rate.take('CancelStatement')).then(() => (count += 1));
    const counts: number[] = [];
    for (const ms of [0, 1_000, 1_000]) {
      await clock.advance(ms);
      counts.push(count);
    }
    expect(counts).toEqual([3, 6, 9]);
    expect(clock.pending).toBe(0);
  });

  it('never passes the quota over any length of time', async () => {
    const { ExecuteStatement: quota } = PUBLISHED_QUOTAS;
    expect(await passed('ExecuteStatement', 1_000, 10_000)).toBeLessThanOrEqual(quota * 11);
  });

  it('keeps operations apart', async () => {
    await passed('CancelStatement', 10, 0);
    expect(rate.take('DescribeStatement')).toBeUndefined();
  });

  it('halves its rate when the service throttles, once for a burst, and recovers', async () => {
    rate.throttled('ExecuteStatement');
    rate.throttled('ExecuteStatement');
    expect(rate.rateOf('ExecuteStatement')).toBe(15);
    await clock.advance(1_000);
    rate.throttled('ExecuteStatement');
    expect(rate.rateOf('ExecuteStatement')).toBeCloseTo(9);
    await clock.advance(60_000);
    void rate.take('ExecuteStatement');
    expect(rate.rateOf('ExecuteStatement')).toBe(30);
  });

  it('takes its share of the account only', async () => {
    rate = new CallRate(clock, 0.5);
    expect(await passed('ExecuteStatement', 100, 1_000)).toBeLessThanOrEqual(30);
  });

  it('serves in the order of arrival', async () => {
    const order: number[] = [];
    for (let n = 0; n < 8; n += 1) void Promise.resolve(rate.take('CancelStatement')).then(() => order.push(n));
    await clock.advance(5_000);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
