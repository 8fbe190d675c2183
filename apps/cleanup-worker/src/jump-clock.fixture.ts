import { systemClock } from '@mooring/session-store';
import type { CancelTimer, Clock, EpochMs } from '@mooring/session-store';

interface Timer {
  readonly dueAt: EpochMs;
  readonly fire: () => void;
}

/** Real time that can be moved on: what is due then happens at once. */
export class JumpClock implements Clock {
  private ahead = 0;
  private readonly timers = new Set<Timer>();

  now(): EpochMs {
    return systemClock.now() + this.ahead;
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
    const cancelReal = systemClock.after(delayMs, fire);
    return cancel;
  }

  jump(ms: number): void {
    this.ahead += ms;
    const due = [...this.timers].filter(({ dueAt }) => dueAt <= this.now()).sort((a, b) => a.dueAt - b.dueAt);
    for (const { fire } of due) fire();
  }
}
