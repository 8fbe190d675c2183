import { randomInt } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { isBusy } from './result-code.ts';

/** The first tries follow at once: a writer holds the lock for well under a millisecond. */
const IMMEDIATE_TRIES = 8;
const LONGEST_PAUSE_MS = 4;

/** Runs work until it meets no lock of another process, or `longestMs` are over; then it fails as the work did. */
export async function unlocked<T>(longestMs: number, work: () => T): Promise<T> {
  let wait: LockWait | undefined;
  for (;;) {
    try {
      return work();
    } catch (cause) {
      wait ??= new LockWait(longestMs);
      if (!isBusy(cause) || wait.isOver) throw cause;
    }
    await wait.pause();
  }
}

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
