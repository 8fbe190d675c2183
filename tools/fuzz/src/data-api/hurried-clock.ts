import type { Clock } from '@mooring/session-store';

/** Time that goes on many times as fast as the machine's, so that what waits for minutes is over in a second. */
export class HurriedClock implements Clock {
  private since = performance.now();
  private time = 1_700_000_000_000;

  constructor(private rate: number) {}

  now(): number {
    return Math.floor(this.time + (performance.now() - this.since) * this.rate);
  }

  /** From now on. Timers that run already stay as they are. */
  slowDown(rate: number): void {
    this.time = this.now();
    this.since = performance.now();
    this.rate = rate;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, Math.min(delayMs / this.rate, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  }
}
