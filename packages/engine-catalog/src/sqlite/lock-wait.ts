import { randomInt } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { isBusy } from './errors.ts';

/** The first tries follow at once: a writer holds the lock for well under a millisecond. */
const IMMEDIATE_TRIES = 8;
const LONGEST_PAUSE_MS = 4;

/** Runs work until it meets no lock of another process, or `longestMs` are over; then it fails as the work did. */
export async function unlocked<T>(longestMs: number, work: () => T): Promise<T> {
  const until = performance.now() + longestMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (cause) {
      if (!isBusy(cause) || performance.now() >= until) throw cause;
    }
    if (tries <= IMMEDIATE_TRIES) await setImmediate();
    else await setTimeout(randomInt(1, LONGEST_PAUSE_MS + 1));
  }
}
