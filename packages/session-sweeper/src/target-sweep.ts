import { StoreError } from '@mooring/session-store';
import type { Clock, Result, StoreBackend, SweepBatch, SweepRequest, SweepTarget } from '@mooring/session-store';
import type { HeldLease } from './held-lease.ts';
import type { SweepOptions } from './options.ts';
import { pause } from './pause.ts';
import type { SweepEnd, SweepFailure, SweepProgress, TargetReport } from './report.ts';

export interface TargetSweepParts {
  readonly store: Pick<StoreBackend, 'sweep'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly options: SweepOptions;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: SweepProgress) => void) | undefined;
}

/** A dry run counts up to this in one batch, so that it is no load. */
const MOST_COUNTED = 10_000;

/** What is dead of one target, batch by batch. */
export class TargetSweep {
  private readonly startedAt: number;
  private deleted = 0;
  private batches = 0;
  private retries = 0;
  private more = false;
  private before: number | null = null;
  private after: number | null = null;

  constructor(
    private readonly target: SweepTarget,
    private readonly parts: TargetSweepParts,
  ) {
    this.startedAt = parts.clock.now();
  }

  /** Deletes until nothing is due, or something else ends it. */
  async drain(lease: HeldLease): Promise<TargetReport> {
    const { clock, options, signal } = this.parts;
    for (let failures = 0; ;) {
      if (signal?.aborted === true) return this.report('aborted');
      if (!lease.isHeld) return this.report('lease_lost');
      if (clock.now() - this.startedAt >= options.budgetMs) return this.finish('time', lease);
      const sentAt = clock.now();
      const batch = await this.batch({ target: this.target, limit: options.batchSize, fence: lease.fence });
      if (batch instanceof StoreError) {
        failures += 1;
        if (!batch.retryable || failures > options.retries) return this.report('failed', failureOf(batch));
        this.retries += 1;
        await this.rest(options.retryDelayMs * 2 ** (failures - 1), lease);
        continue;
      }
      if (!batch.ok) return this.report('lease_lost');
      failures = 0;
      this.count(batch.value);
      if (!this.more) return this.finish('drained', lease);
      await this.rest(Math.max(options.pauseMs, clock.now() - sentAt), lease);
    }
  }

  /** Counts what is due, up to 10,000, and deletes nothing. */
  async dryRun(): Promise<TargetReport> {
    if (this.parts.signal?.aborted === true) return this.report('aborted');
    const batch = await this.batch({ target: this.target, limit: MOST_COUNTED, dryRun: true });
    if (batch instanceof StoreError) return this.report('failed', failureOf(batch));
    if (batch.ok) this.count(batch.value);
    return this.report('counted');
  }

  report(ended: SweepEnd, failure?: SweepFailure): TargetReport {
    return {
      target: this.target,
      ended,
      deleted: this.deleted,
      more: this.more,
      batches: this.batches,
      retries: this.retries,
      durationMs: this.parts.clock.now() - this.startedAt,
      oldestExpiredAgeMs: { before: this.before, after: this.after },
      ...(failure === undefined ? {} : { failure }),
    };
  }

  /** Looks once more for what is due: that is how far behind the sweep is. */
  private async finish(ended: SweepEnd, lease: HeldLease): Promise<TargetReport> {
    const left = await this.batch({ target: this.target, limit: 1, fence: lease.fence, dryRun: true });
    if (!(left instanceof StoreError) && left.ok) this.after = left.value.oldestExpiredAgeMs;
    return this.report(ended);
  }

  private async batch(request: SweepRequest): Promise<Result<SweepBatch, 'stale'> | StoreError> {
    try {
      return await this.parts.store.sweep(request);
    } catch (error) {
      if (error instanceof StoreError) return error;
      throw error;
    }
  }

  private count({ deleted, more, oldestExpiredAgeMs }: SweepBatch): void {
    if (this.batches === 0) this.before = oldestExpiredAgeMs;
    this.after = oldestExpiredAgeMs;
    this.deleted += deleted;
    this.batches += 1;
    this.more = more;
    const { target, batches } = this;
    this.parts.onProgress?.({ target, deleted: this.deleted, batches, more, oldestExpiredAgeMs });
  }

  /** Up to half as long again, so that sweepers of several namespaces don't fall into step. */
  private async rest(ms: number, lease: HeldLease): Promise<void> {
    const { clock, random, signal } = this.parts;
    await pause(clock, Math.round(ms * (1 + random() / 2)), signal, lease.lost);
  }
}

export function failureOf({ code, retryable, message }: StoreError): SweepFailure {
  return { code, retryable, message };
}
