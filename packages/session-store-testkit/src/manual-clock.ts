import type { CancelTimer, Clock, EpochMs } from '@mooring/session-store';

interface Timer {
  readonly dueAt: EpochMs;
  readonly callback: () => void;
}

/** Taken before a test runner may replace it by a fake one. */
const soon = setImmediate;
const settle = (): Promise<void> => new Promise((resolve) => void soon(resolve));

/** A clock that stands still until it is told to move. Timers run in the order of their deadlines. */
export class ManualClock implements Clock {
  private readonly timers = new Set<Timer>();

  /** Starts at 2026-01-01T00:00:00Z unless told otherwise. */
  constructor(private time: EpochMs = 1_767_225_600_000) {}

  now(): EpochMs {
    return this.time;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const timer = { dueAt: this.time + Math.max(delayMs, 0), callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** How many timers have not fired yet. */
  get pending(): number {
    return this.timers.size;
  }

  /** Moves on by `ms` and runs what is due, at its time. Promises settle before the first timer and after each. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await settle();
    for (let next = this.next(until); next !== undefined; next = this.next(until)) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.dueAt);
      next.callback();
      await settle();
    }
    this.time = Math.max(this.time, until);
    await settle();
  }

  private next(until: EpochMs): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.dueAt <= until && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }
}
