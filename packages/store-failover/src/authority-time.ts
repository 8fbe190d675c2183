import { systemClock } from '@mooring/session-store';
import type { Clock, EpochMs, StoreBackend } from '@mooring/session-store';
import type { Timer } from './timer.ts';

/** The server's time was read between these two moments. */
interface Reading {
  readonly serverTime: EpochMs;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** How much faster one clock may run than another: ten times what is found in practice. */
const DRIFT = 0.001;
/** Older readings say nothing: the server's clock may have been set meanwhile. */
const LONGEST_AGE_MS = 60_000;
/** Of a clock that is read in whole milliseconds. */
const GRAIN_MS = 1;

/** What time it may be at the authority, which deadlines are in. */
export class AuthorityTime {
  private readonly clock: Pick<Clock, 'now'> | undefined;
  private reading: Reading | undefined;

  constructor(
    private readonly authority: StoreBackend,
    private readonly timer: Timer,
    clock: Pick<Clock, 'now'> | undefined,
  ) {
    this.clock = clock ?? (authority.capabilities.clock === 'process' ? systemClock : undefined);
  }

  /** Reads the authority's clock. That it can't is no failure: then the last reading counts until it is too old. */
  async look(): Promise<void> {
    if (this.clock !== undefined) return;
    const sentAt = this.timer.now();
    try {
      const { serverTime } = await this.authority.ping();
      if (serverTime !== null) this.reading = { serverTime, sentAt, receivedAt: this.timer.now() };
    } catch {
      // The epoch is read at the same time, and that it can't be is reported.
    }
  }

  /** The latest that it can be, or undefined when nobody knows. */
  latest(): EpochMs | undefined {
    if (this.clock !== undefined) return this.clock.now();
    const { reading } = this;
    const age = reading === undefined ? Infinity : this.timer.now() - reading.sentAt;
    if (reading === undefined || age > LONGEST_AGE_MS) return undefined;
    return reading.serverTime + GRAIN_MS + age * (1 + DRIFT);
  }

  /** The earliest that it can be, in the whole milliseconds of the authority. */
  earliest(): EpochMs | undefined {
    if (this.clock !== undefined) return this.clock.now();
    const { reading } = this;
    const age = reading === undefined ? Infinity : this.timer.now() - reading.receivedAt;
    if (reading === undefined || age > LONGEST_AGE_MS) return undefined;
    return reading.serverTime + Math.floor(age * (1 - DRIFT));
  }
}
