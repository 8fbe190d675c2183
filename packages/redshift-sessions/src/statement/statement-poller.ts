import type { Clock, EpochMs } from '@mooring/session-store';
import { DataApiError } from '../data-api/data-api-error.ts';
import type { DataApi, StatementDescription, StatementStatus } from '../data-api/data-api.ts';
import { WarehouseError } from '../errors.ts';
import { jittered } from '../random.ts';
import type { Random } from '../random.ts';
import { sleep } from '../sleep.ts';

const LONGEST_POLL_SECONDS = 30;
const FIRST_INTERVAL_MS = 100;
const LONGEST_INTERVAL_MS = 2_000;
/** A describe that fails says nothing of the statement; so many in a row and its fate is unknown. */
const FAILURES_TOLERATED = 8;

export interface Polled {
  readonly description: StatementDescription;
  /** The statement ended at this time or later: when the call that saw the end was sent. */
  readonly seenFrom: EpochMs;
}

export function isTerminal(status: StatementStatus): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}

/**
 * Waits for statements to end: long polls where the service has room for them, else intervals that grow from 100 ms to
 * 2 s.
 */
export class StatementPoller {
  constructor(
    private readonly api: DataApi,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Answers at the end of the statement, or its state at `until`. */
  async poll(id: string, until: EpochMs, signal?: AbortSignal): Promise<Polled> {
    let intervalMs = FIRST_INTERVAL_MS;
    let longPolls = true;
    let failures = 0;
    for (;;) {
      signal?.throwIfAborted();
      const seenFrom = this.clock.now();
      const leftSeconds = Math.floor((until - seenFrom) / 1000);
      const waitSeconds = longPolls ? Math.min(LONGEST_POLL_SECONDS, leftSeconds) : 0;
      try {
        const description = await this.api.describe(id, waitSeconds > 0 ? waitSeconds : undefined, signal);
        failures = 0;
        if (isTerminal(description.status) || this.clock.now() >= until) return { description, seenFrom };
        // A service that answers at once, as one does that does not know of waiting, is asked at intervals.
        if (waitSeconds > 0 && this.clock.now() - seenFrom >= waitSeconds * 500) continue;
      } catch (error) {
        signal?.throwIfAborted();
        if (waitsExceeded(error)) {
          longPolls = false;
          continue;
        }
        failures += 1;
        if (!tolerable(error) || failures > FAILURES_TOLERATED) throw describeFailure(error);
      }
      const leftMs = failures > 0 ? LONGEST_INTERVAL_MS : Math.max(1, until - this.clock.now());
      const pauseMs = Math.min(jittered(intervalMs, this.random), leftMs);
      await sleep(this.clock, pauseMs, signal);
      intervalMs = Math.min(LONGEST_INTERVAL_MS, intervalMs * 1.6);
    }
  }
}

function waitsExceeded(error: unknown): boolean {
  return error instanceof DataApiError && error.failure === 'waiters_exceeded';
}

function tolerable(error: unknown): boolean {
  return (
    error instanceof DataApiError &&
    ['throttled', 'unreachable', 'unknown_outcome', 'waiters_exceeded'].includes(error.failure)
  );
}

function describeFailure(error: unknown): WarehouseError {
  const failure = error instanceof DataApiError ? error.failure : undefined;
  if (failure === 'statement_unknown') {
    return new WarehouseError({
      code: 'statement_not_found',
      message: 'The warehouse does not know this statement; it keeps statements for 24 hours.',
      cause: error,
    });
  }
  if (failure === 'denied') {
    return new WarehouseError({
      code: 'access_denied',
      message: 'The warehouse refused DescribeStatement.',
      cause: error,
    });
  }
  return new WarehouseError({
    code: 'warehouse_unavailable',
    message: 'The warehouse did not say how the statement stands; it may still run.',
    retryAfterMs: 2_000,
    cause: error,
  });
}
