import { describe, expect, it } from '@jest/globals';
import { createMemoryStore } from '@mooring/store-memory';
import { StoreContender } from '../stores/store-contender.ts';
import type { Contender } from '../stores/contender.ts';
import { Workload } from '../stores/workload.ts';
import { Crowd } from './crowd.ts';
import { closedLoop, openLoop } from './loops.ts';
import { scheduleOf } from './schedule.ts';

const STALL_MS = 60;

async function crowdOf(contender: Contender, sessions: number): Promise<Crowd> {
  return new Crowd(await Workload.fillFor(contender, sessions));
}

/** The memory store, of which the first touch keeps everybody waiting. */
function stalling(): Contender {
  const { operations } = new StoreContender(createMemoryStore());
  let stalled = false;
  return {
    name: 'stalling',
    operations: {
      ...operations,
      touch: async (visitor) => {
        if (!stalled) {
          stalled = true;
          const until = performance.now() + STALL_MS;
          while (performance.now() < until);
        }
        return operations.touch(visitor);
      },
    },
  };
}

describe('openLoop', () => {
  it('counts a stall for every call that was due meanwhile', async () => {
    const crowd = await crowdOf(stalling(), 10);
    const due = [5, 10, 20, 30].map((atMs, session) => ({ atMs, session, action: 'verify' as const }));
    const { latenciesMs, latenessMs } = await openLoop(crowd, [{ atMs: 0, session: 9, action: 'touch' }, ...due], 0);
    expect(latenciesMs.touch).toHaveLength(1);
    expect(latenciesMs.verify).toHaveLength(4);
    for (const [index, { atMs }] of due.entries()) {
      expect(latenciesMs.verify[index]).toBeGreaterThanOrEqual(STALL_MS - atMs - 1);
      expect(latenessMs[index + 1]).toBeGreaterThanOrEqual(STALL_MS - atMs - 1);
    }
  });

  it('does one thing after the other in a session, and leaves the warm-up out', async () => {
    const crowd = await crowdOf(new StoreContender(createMemoryStore()), 20);
    const schedule = scheduleOf(20, 300, 3);
    const { latenciesMs, failures } = await openLoop(crowd, schedule, 100);
    expect(failures).toEqual([]);
    expect(Object.values(latenciesMs).flat()).toHaveLength(schedule.filter(({ atMs }) => atMs >= 100).length);
  });

  it('keeps failures apart from latencies', async () => {
    const { operations } = new StoreContender(createMemoryStore());
    const verify = async (): Promise<never> => Promise.reject(new Error('away'));
    const crowd = await crowdOf({ name: 'failing', operations: { ...operations, verify } }, 10);
    const { latenciesMs, failures } = await openLoop(crowd, [{ atMs: 0, session: 0, action: 'verify' }], 0);
    expect(latenciesMs.verify).toEqual([]);
    expect(failures).toEqual([new Error('away')]);
  });
});

describe('closedLoop', () => {
  it('makes so many calls for each session', async () => {
    const crowd = await crowdOf(new StoreContender(createMemoryStore()), 50);
    const { latenciesMs, failures } = await closedLoop(crowd, 50, 20, 1);
    expect(failures).toEqual([]);
    expect(Object.values(latenciesMs).flat()).toHaveLength(1000);
  });
});
