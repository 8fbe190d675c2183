/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Cancels a timer that has not fired yet. Calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void;

/** Time as the packages see it. Everything that reads or waits takes one, so that no test sleeps. */
export interface Clock {
  now(): EpochMs;
  /** Runs `callback` once, `delayMs` from now. A timer never keeps the process alive. */
  after(delayMs: number, callback: () => void): CancelTimer;
}

export const Clock = Symbol('Clock');

/** The longest delay that `setTimeout` keeps; it fires at once for more (2^31 - 1 ms, 24.8 days). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The process's clock. Delays beyond 24.8 days are waited for in several steps instead of firing at once. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      const step = Math.min(Math.max(remainingMs, 0), LONGEST_TIMER_MS);
      timer = setTimeout(() => (remainingMs > step ? arm(remainingMs - step) : callback()), step);
      timer.unref();
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};
