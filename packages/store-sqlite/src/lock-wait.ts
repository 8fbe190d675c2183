import { randomInt } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** The first tries follow at once: a writer holds the lock for well under a millisecond. */
const IMMEDIATE_TRIES = 3;
const LONGEST_PAUSE_MS = 10;

/** Pauses between tries for a lock that another process has, with jitter, while the event loop runs. */
export class LockWait {
  private tries = 0;
  private readonly until: number;

  constructor(longestMs: number) {
    this.until = performance.now() + longestMs;
  }

  get isOver(): boolean {
    return performance.now() >= this.until;
  }

  async pause(): Promise<void> {
    this.tries += 1;
    if (this.tries <= IMMEDIATE_TRIES) return setImmediate();
    const pauseMs = Math.min(2 ** (this.tries - IMMEDIATE_TRIES), LONGEST_PAUSE_MS);
    return setTimeout(randomInt(1, pauseMs + 1));
  }
}
