import { randomUUID } from 'node:crypto';
import { StoreError, systemClock } from '@mooring/session-store';
import type { Clock, Result, StoreBackend, SweepTarget } from '@mooring/session-store';
import { HeldLease } from './held-lease.ts';
import { assertTargets, optionsFrom } from './options.ts';
import type { SweepOptions } from './options.ts';
import { pause } from './pause.ts';
import type { SweepEnd, SweepFailure, SweepProgress, SweepReport, TargetReport } from './report.ts';
import { TargetSweep, failureOf } from './target-sweep.ts';
import type { TargetSweepParts } from './target-sweep.ts';

export interface SweeperParts {
  /** One namespace of a backend. */
  readonly store: Pick<StoreBackend, 'sweep' | 'leases'>;
  readonly options?: Partial<SweepOptions>;
  readonly clock?: Clock;
  /** For jitter. Default `Math.random`. */
  readonly random?: () => number;
}

export interface SweepRun {
  /** Counts what is due and deletes nothing. Needs no lease, so it also answers while another sweeps. */
  readonly dryRun?: boolean;
  /** Of the targets of the options, in their order. Default: all of them. */
  readonly targets?: readonly SweepTarget[];
  /** Ends the sweep after the batch that is under way, and gives the lease back. */
  readonly signal?: AbortSignal;
  /** Called after each batch; must not throw. */
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Called with what the sweep did while it still has its lease. It is waited for. */
  readonly onSwept?: (report: SweepReport) => void | Promise<void>;
  /** Called once the sweep has its lease, before it begins, and when it has none any more. It is waited for. */
  readonly onLease?: (held: boolean) => void | Promise<void>;
}

/**
 * Cleans one namespace of a store up: what is dead goes in small batches, one sweeper at a time. However much is dead, it
 * goes: there is no share above which it would hold back. Two sweepers at once would do no harm, only double work.
 */
export class SessionSweeper {
  private readonly options: SweepOptions;
  private readonly clock: Clock;
  private readonly random: () => number;

  /** @throws SweeperError */
  constructor(private readonly parts: SweeperParts) {
    this.options = optionsFrom(parts.options ?? {});
    this.clock = parts.clock ?? systemClock;
    this.random = parts.random ?? Math.random;
  }

  /**
   * One sweep. How it went with each target is in the report: a failure of the store, too. Only a bug rejects.
   *
   * @throws SweeperError
   */
  async run(run: SweepRun = {}): Promise<SweepReport> {
    const { dryRun = false, signal, onLease, onSwept } = run;
    const targets = run.targets ?? this.options.targets;
    assertTargets(targets);
    const startedAt = this.clock.now();
    const report = (reports: readonly TargetReport[], lease?: HeldLease): SweepReport => ({
      dryRun,
      startedAt,
      durationMs: this.clock.now() - startedAt,
      deleted: reports.reduce((sum, { deleted }) => sum + deleted, 0),
      fencingToken: lease?.fencingToken ?? null,
      targets: reports,
    });
    const none = (ended: SweepEnd, failure?: SweepFailure): SweepReport =>
      report(targets.map((target) => this.target(target, run).report(ended, failure)));

    if (this.options.jitterMs > 0) await pause(this.clock, Math.round(this.random() * this.options.jitterMs), signal);
    if (signal?.aborted === true) return none('aborted');
    if (dryRun) return report(await this.each(targets, run, (target) => target.dryRun()));
    const acquired = await this.acquire(signal);
    if (acquired instanceof StoreError) return none('failed', failureOf(acquired));
    if (!acquired.ok) return none('lease_held');
    const lease = acquired.value;
    try {
      await onLease?.(true);
      const swept = report(await this.each(targets, run, (target) => target.drain(lease)), lease);
      await onSwept?.(swept);
      return swept;
    } finally {
      await lease.release();
      await onLease?.(false);
    }
  }

  private async each(
    targets: readonly SweepTarget[],
    run: SweepRun,
    sweep: (target: TargetSweep) => Promise<TargetReport>,
  ): Promise<TargetReport[]> {
    const reports: TargetReport[] = [];
    for (const target of targets) reports.push(await sweep(this.target(target, run)));
    return reports;
  }

  private target(target: SweepTarget, { signal, onProgress }: SweepRun): TargetSweep {
    const { clock, random, options } = this;
    const parts: TargetSweepParts = { store: this.parts.store, clock, random, options, signal, onProgress };
    return new TargetSweep(target, parts);
  }

  private async acquire(signal: AbortSignal | undefined): Promise<Result<HeldLease, 'held'> | StoreError> {
    const { leaseName: name, leaseTtlMs: ttlMs, retries, retryDelayMs } = this.options;
    const { leases } = this.parts.store;
    const holder = randomUUID();
    for (let failures = 0; ; failures += 1) {
      try {
        return await HeldLease.acquire({ leases, name, ttlMs, holder, clock: this.clock });
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (!error.retryable || failures >= retries || signal?.aborted === true) return error;
        await pause(this.clock, retryDelayMs * 2 ** failures, signal);
      }
    }
  }
}
