import type { AttemptStore } from './attempts.ts';
import type { BudgetStore } from './budgets.ts';
import type { EpochMs } from './clock.ts';
import type { LeaseStore } from './leases.ts';
import type { RateLimitStore } from './rate-limit.ts';
import type { Result } from './result.ts';
import type { SessionPoolStore } from './session-pool.ts';
import type { SessionStore } from './session.ts';

/** What a backend promises. The kit tests what is declared, and that what is not declared is refused loudly. */
export interface StoreCapabilities {
  /** Whose clock decides: the server's, one for all processes, or each process's own. */
  readonly clock: 'server' | 'process';
  /** Deadlines are exact to this. */
  readonly expiryResolutionMs: number;
  /** Whether a list shows what was written before it was asked for. */
  readonly listConsistency: 'strong' | 'eventual';
  /** An acknowledged write survives a crash of the store. */
  readonly durable: boolean;
  /** Several processes may use it at once. */
  readonly shared: boolean;
  /** The most bytes of a session's data, as UTF-8 JSON. More is refused with `too_large`. */
  readonly maxDataBytes: number;
}

/** What one sweep looks at. */
export type SweepTarget = 'sessions' | 'limits' | 'attempts' | 'budgets' | 'leases' | 'pool';

export interface SweepRequest {
  readonly target: SweepTarget;
  /** The most rows that one call deletes. */
  readonly limit: number;
  /** Refused as `stale` when a higher token of this lease was seen. */
  readonly fence?: { readonly lease: string; readonly fencingToken: number };
  /** Counts what is due and deletes nothing. */
  readonly dryRun?: boolean;
}

export interface SweepBatch {
  readonly deleted: number;
  /** More was due than the limit. */
  readonly more: boolean;
  /** Age of the oldest row that was due, null when none was. */
  readonly oldestExpiredAgeMs: number | null;
}

export interface Ping {
  readonly latencyMs: number;
  /** The store's clock, where it has one. */
  readonly serverTime: EpochMs | null;
}

/** All ports over one backend, in one namespace. */
export interface StoreBackend {
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly sessions: SessionStore;
  readonly limits: RateLimitStore;
  readonly attempts: AttemptStore;
  readonly budgets: BudgetStore;
  readonly leases: LeaseStore;
  readonly pool: SessionPoolStore;
  /** Deletes one bounded batch of what is dead. A live row that is used meanwhile is never deleted. */
  sweep(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>>;
  ping(): Promise<Ping>;
  /** Closes what the backend opened itself. Calling it again does nothing; later operations fail with `closed`. */
  close(): Promise<void>;
}

export const StoreBackend = Symbol('StoreBackend');
