import type { HealthIndicator } from '@mooring/nest-runtime';
import { StoreError } from '@mooring/session-store';
import type { Clock, EpochMs, StoreBackend } from '@mooring/session-store';
import type { CronSchedule } from './schedule/cron-schedule.ts';

type Report = Awaited<ReturnType<HealthIndicator['check']>>;

export interface SweepLagParts {
  /** By namespace. */
  readonly stores: ReadonlyMap<string, Pick<StoreBackend, 'sweep'>>;
  readonly schedule: CronSchedule;
  readonly clock: Clock;
}

/** How long what was seen counts: looking costs a little of the store. */
const KNOWN_MS = 30_000;

/**
 * Whether cleaning up keeps pace: down while the oldest dead session of a namespace has been due for two intervals, and
 * this worker has had that long to see to it.
 */
export class SweepLag implements HealthIndicator {
  readonly name = 'sweep-lag';
  private readonly startedAt: EpochMs;
  private seen: { readonly at: EpochMs; readonly report: Report } | undefined;

  constructor(private readonly parts: SweepLagParts) {
    this.startedAt = parts.clock.now();
  }

  async check(): Promise<Report> {
    const now = this.parts.clock.now();
    if (this.seen === undefined || this.seen.report.status === 'down' || now - this.seen.at >= KNOWN_MS) {
      this.seen = { at: now, report: await this.look(now) };
    }
    return this.seen.report;
  }

  private async look(now: EpochMs): Promise<Report> {
    const lags: [string, number][] = [];
    for (const [namespace, store] of this.parts.stores) {
      try {
        const due = await store.sweep({ target: 'sessions', limit: 1, dryRun: true });
        lags.push([namespace, (due.ok ? (due.value.oldestExpiredAgeMs ?? 0) : 0) / 1000]);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        return { status: 'down', reason: `the store does not answer (${error.code})`, details: { namespace } };
      }
    }
    const details = Object.fromEntries(lags.map(([namespace, seconds]) => [namespace, Math.round(seconds)]));
    const mostSeconds = (2 * this.parts.schedule.intervalAt(now)) / 1000;
    const late = lags.filter(([, seconds]) => Math.min(seconds, (now - this.startedAt) / 1000) > mostSeconds);
    if (late.length === 0) return { status: 'up', details };
    const names = late.map(([namespace]) => namespace).join(', ');
    return { status: 'down', reason: `dead sessions wait for longer than two sweeps: ${names}`, details };
  }
}
