import type { OpenedStore } from './open-store.ts';

export interface StoreHealthReport {
  readonly status: 'up' | 'down';
  readonly reason?: string;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** How long the age of what should be swept is taken as known. */
const LAG_KNOWN_MS = 60_000;

/**
 * Asks the store for a sign of life, and says how it stands: which one it is, by a mark to compare with other processes', whether copies in Redis are in use, how many connections are,
 * and how long the oldest dead session has been waiting for a sweep. It has the shape of a health indicator: provide it
 * where those are collected. A store without its copies is up: it is slower, and nothing is lost.
 */
export class SessionStoreHealth {
  private lag: { readonly seconds: number; readonly seenAt: number } | undefined;

  constructor(
    private readonly store: OpenedStore,
    readonly name = 'session-store',
  ) {}

  /** For a gauge: the accelerator is away. */
  get isDegraded(): boolean {
    return this.store.failover?.().mode === 'degraded';
  }

  async check(): Promise<StoreHealthReport> {
    const { name } = this.store.backend;
    try {
      const [{ latencyMs }, sweepLagSeconds] = await Promise.all([this.store.backend.ping(), this.sweepLag()]);
      const details = { backend: name, latencyMs: Math.round(latencyMs * 10) / 10, sweepLagSeconds };
      return { status: 'up', details: { ...details, ...this.mark(), ...this.copies(), ...this.connections() } };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return {
        status: 'down',
        reason: `the store does not answer (${code})`,
        details: { backend: name, ...this.mark() },
      };
    }
  }

  private mark() {
    const { mark } = this.store;
    return mark === undefined ? {} : { store: mark };
  }

  private copies() {
    const state = this.store.failover?.();
    if (state === undefined) return {};
    return { copies: state.mode, ...(state.reason === null ? {} : { copiesReason: state.reason }) };
  }

  private connections() {
    const usage = this.store.connections?.();
    if (usage === undefined) return {};
    const { busy, most, waiting } = usage;
    return { connectionsBusy: busy, connectionsMost: most, connectionsWaiting: waiting };
  }

  private async sweepLag(): Promise<number> {
    const now = performance.now();
    if (this.lag === undefined || now - this.lag.seenAt > LAG_KNOWN_MS) {
      const due = await this.store.backend.sweep({ target: 'sessions', limit: 1, dryRun: true });
      const ageMs = due.ok ? (due.value.oldestExpiredAgeMs ?? 0) : 0;
      this.lag = { seconds: Math.round(ageMs / 1000), seenAt: now };
    }
    return this.lag.seconds;
  }
}
