import type { StoreBackend } from '@mooring/session-store';

export interface StoreHealthReport {
  readonly status: 'up' | 'down';
  readonly reason?: string;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Asks the store for a sign of life. It has the shape of a health indicator: provide it where those are collected. */
export class SessionStoreHealth {
  constructor(
    private readonly backend: StoreBackend,
    readonly name = 'session-store',
  ) {}

  async check(): Promise<StoreHealthReport> {
    const { name } = this.backend;
    try {
      const { latencyMs } = await this.backend.ping();
      return { status: 'up', details: { backend: name, latencyMs: Math.round(latencyMs * 10) / 10 } };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return { status: 'down', reason: `the store does not answer (${code})`, details: { backend: name } };
    }
  }
}
