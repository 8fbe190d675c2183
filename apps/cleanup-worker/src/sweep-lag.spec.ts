import { beforeEach, describe, expect, it } from '@jest/globals';
import { StoreError, ok } from '@mooring/session-store';
import { JumpClock } from './jump-clock.fixture.ts';
import { CronSchedule } from './schedule/cron-schedule.ts';
import { SweepLag } from './sweep-lag.ts';

const HOUR_MS = 3_600_000;

let clock: JumpClock;
let ages: Record<string, number | null>;
let looks: number;
let isDown: boolean;
let lag: SweepLag;

beforeEach(() => {
  clock = new JumpClock('by jumps');
  ages = { auth: null, queries: 60_000 };
  looks = 0;
  isDown = false;
  const storeOf = (namespace: string) => ({
    sweep: async () => {
      looks += 1;
      if (isDown) throw new StoreError({ code: 'timeout', message: 'late', backend: 'spec', operation: 'sweep' });
      return ok({ deleted: 0, more: false, oldestExpiredAgeMs: ages[namespace] ?? null });
    },
  });
  const stores = new Map(Object.keys(ages).map((namespace) => [namespace, storeOf(namespace)]));
  lag = new SweepLag({ stores, schedule: new CronSchedule('0 * * * *', 'UTC'), clock });
});

describe('the lag of sweeps', () => {
  it('is in the details', async () => {
    expect(await lag.check()).toEqual({ status: 'up', details: { auth: 0, queries: 60 } });
  });

  it('counts once this worker had two intervals to do something about it', async () => {
    ages = { auth: 5 * HOUR_MS, queries: null };
    expect(await lag.check()).toMatchObject({ status: 'up', details: { auth: 18_000 } });
    clock.jump(2 * HOUR_MS + 1000);
    expect(await lag.check()).toMatchObject({
      status: 'down',
      reason: 'dead sessions wait for longer than two sweeps: auth',
    });
    ages = { auth: 1000, queries: null };
    expect(await lag.check()).toMatchObject({ status: 'up' });
  });

  it('is down with the store', async () => {
    isDown = true;
    expect(await lag.check()).toMatchObject({ status: 'down', reason: 'the store does not answer (timeout)' });
  });

  it('is looked for now and then, however often it is asked', async () => {
    for (let asked = 0; asked < 10; asked += 1) await lag.check();
    expect(looks).toBe(2);
    clock.jump(30_000);
    await lag.check();
    expect(looks).toBe(4);
  });
});
