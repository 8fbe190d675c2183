import { systemClock } from '@mooring/session-store';
import type { CancelTimer, Clock, EpochMs } from '@mooring/session-store';

interface Timer {
  readonly dueAt: EpochMs;
  readonly fire: () => void;
}

/** Time that can be moved on: what is due then happens at once. */
export class JumpClock implements Clock {
  private ahead = 0;
  private readonly startedAt = systemClock.now();
  private readonly timers = new Set<Timer>();

  /** @param passes `by jumps`: it stands still in between, however long that takes */
  constructor(private readonly passes: 'by itself' | 'by jumps' = 'by itself') {}

  now(): EpochMs {
    return (this.passes === 'by itself' ? systemClock.now() : this.startedAt) + this.ahead;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const cancel = (): void => {
      this.timers.delete(timer);
      cancelReal();
    };
    const fire = (): void => {
      cancel();
      callback();
    };
    const timer: Timer = { dueAt: this.now() + delayMs, fire };
    this.timers.add(timer);
    const comesByItself = this.passes === 'by itself' || delayMs <= 0;
    const cancelReal = comesByItself ? systemClock.after(delayMs, fire) : () => undefined;
    return cancel;
  }

  jump(ms: number): void {
    this.ahead += ms;
    const due = [...this.timers].filter(({ dueAt }) => dueAt <= this.now()).sort((a, b) => a.dueAt - b.dueAt);
    for (const { fire } of due) fire();
  }
}
