import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StoredRun } from '@mooring/session-sweeper';
import { JumpClock } from '../jump-clock.fixture.ts';
import { until } from '../store.fixture.ts';
import type { Task } from '../tasks/task.ts';
import { CronSchedule } from './cron-schedule.ts';
import { TaskSchedules } from './task-schedules.ts';

const HOUR_MS = 3_600_000;

let clock: JumpClock;
let stop: AbortController;
let due: { readonly task: string; readonly at: number; readonly until: number; readonly seenAt: number }[];
let work: () => Promise<StoredRun | undefined>;

beforeEach(() => {
  clock = new JumpClock('by jumps');
  stop = new AbortController();
  due = [];
  work = () => Promise.resolve(undefined);
  // Ten minutes past the hour.
  clock.jump(HOUR_MS - (clock.now() % HOUR_MS) + 600_000);
});

afterEach(() => stop.abort());

function start(jitterMs = 0, random = 0): TaskSchedules {
  const schedule = new CronSchedule('0 * * * *', 'UTC');
  const run: Task['run'] = () => Promise.reject(new Error('not here'));
  const task: Task = { name: 'sweep', description: '', schedule, run, seen: () => undefined };
  const runner = {
    runDue: ({ name }: Task, at: number, last: number) => {
      due.push({ task: name, at, until: last, seenAt: clock.now() });
      return work();
    },
    idle: () => Promise.resolve(),
  };
  const schedules = new TaskSchedules({
    tasks: [task],
    runner,
    clock,
    jitterMs,
    random: () => random,
    signal: stop.signal,
  });
  schedules.start();
  return schedules;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const thisHour = (): number => clock.now() - (clock.now() % HOUR_MS);
const seen = (count: number): Promise<void> => until(() => due.length >= count);

describe('schedules', () => {
  it('see to what was due last, then to each hour', async () => {
    const first = thisHour();
    start();
    await seen(1);
    clock.jump(50 * 60_000 - 1000);
    expect(due).toHaveLength(1);
    clock.jump(1000);
    await seen(2);
    expect(due.map(({ at }) => at)).toEqual([first, first + HOUR_MS]);
    expect(due.map(({ until: last }) => last)).toEqual([first + HOUR_MS, first + 2 * HOUR_MS]);
  });

  it('start a random while late, never more than half of the interval', async () => {
    start(24 * HOUR_MS, 1);
    clock.jump(29 * 60_000);
    expect(due).toHaveLength(0);
    clock.jump(60_000);
    await seen(1);
    expect(due[0]?.seenAt).toBeGreaterThanOrEqual(thisHour() + HOUR_MS / 2);
  });

  it('pass over what became due while a run went on', async () => {
    const first = thisHour();
    let end = (): void => undefined;
    work = () => new Promise((resolve) => (end = () => resolve(undefined)));
    start();
    await seen(1);
    clock.jump(3 * HOUR_MS);
    end();
    await settled();
    clock.jump(HOUR_MS);
    await seen(2);
    expect(due.map(({ at }) => at)).toEqual([first, first + 4 * HOUR_MS]);
  });

  it('end when they are told to, after what runs', async () => {
    let end = (): void => undefined;
    work = () => new Promise((resolve) => (end = () => resolve(undefined)));
    const schedules = start();
    await seen(1);
    stop.abort();
    let idle = false;
    const ended = schedules.idle().then(() => (idle = true));
    await settled();
    expect(idle).toBe(false);
    end();
    await ended;
    clock.jump(HOUR_MS);
    expect(due).toHaveLength(1);
  });
});
