import type { Metrics } from '@mooring/nest-runtime';
import type { SweepTarget } from '@mooring/session-store';
import type { TargetReport } from '@mooring/session-sweeper';

/** What sweeps did, by namespace and target. */
export class SweepMetrics {
  private readonly deleted;
  private readonly batches;
  private readonly duration;
  private readonly oldest;
  private readonly failures;
  private readonly lease;

  constructor(metrics: Metrics) {
    const labelNames = ['namespace', 'target'];
    this.deleted = metrics.counter({ name: 'mooring_sweep_deleted_total', help: 'Dead rows deleted.', labelNames });
    this.batches = metrics.counter({ name: 'mooring_sweep_batches_total', help: 'Batches of sweeps.', labelNames });
    this.duration = metrics.histogram({
      name: 'mooring_sweep_duration_seconds',
      help: 'How long a sweep of a target took, pauses included.',
      labelNames,
      buckets: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900],
    });
    this.oldest = metrics.gauge({
      name: 'mooring_sweep_oldest_expired_age_seconds',
      help: 'How long the oldest row had been due after the last sweep.',
      labelNames,
    });
    this.failures = metrics.counter({
      name: 'mooring_sweep_failures_total',
      help: 'Sweeps of a target that failed, by the code of the failure.',
      labelNames: [...labelNames, 'reason'],
    });
    this.lease = metrics.gauge({
      name: 'mooring_sweep_lease_held',
      help: '1 while this process sweeps the namespace.',
      labelNames: ['namespace'],
    });
  }

  leaseHeld(namespace: string, held: boolean): void {
    this.lease.set({ namespace }, held ? 1 : 0);
  }

  swept(namespace: string, targets: readonly TargetReport[]): void {
    for (const { target, ended, deleted, batches, durationMs, oldestExpiredAgeMs, failure } of targets) {
      const labels = { namespace, target };
      if (ended === 'lease_lost' || failure !== undefined) {
        this.failures.inc({ ...labels, reason: failure?.code ?? ended });
      }
      if (batches === 0) continue;
      this.deleted.inc(labels, deleted);
      this.batches.inc(labels, batches);
      this.duration.observe(labels, durationMs / 1000);
      this.aged(namespace, target, oldestExpiredAgeMs.after);
    }
  }

  /** How old the oldest row was after a sweep, in any process. */
  aged(namespace: string, target: SweepTarget, ageMs: number | null): void {
    this.oldest.set({ namespace, target }, (ageMs ?? 0) / 1000);
  }
}
