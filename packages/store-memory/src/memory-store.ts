import { ok, refused } from '@mooring/session-store';
import type {
  AttemptStore,
  BudgetStore,
  Lease,
  LeaseStore,
  Ping,
  RateLimitStore,
  Result,
  SessionPoolStore,
  SessionStore,
  StoreBackend,
  StoreCapabilities,
  SweepBatch,
  SweepRequest,
  SweepTarget,
} from '@mooring/session-store';
import { Validation } from '@mooring/session-store/adapter';
import { MemoryAttempts } from './attempts.ts';
import { MemoryBudgets } from './budgets.ts';
import { BACKEND } from './errors.ts';
import { MemoryLeases } from './leases.ts';
import { MemoryLimits } from './limits.ts';
import { MemorySpace } from './memory-space.ts';
import { settingsFrom } from './options.ts';
import type { MemoryStoreOptions } from './options.ts';
import { MemorySessionPool } from './session-pool.ts';
import { MemorySessions } from './sessions.ts';
import type { Table } from './table.ts';

/** How much of its room a store uses. */
export interface MemoryUsage {
  readonly entries: number;
  /** As estimated. */
  readonly bytes: number;
}

/** All ports in the memory of one process: the reference of what the contract means, and a store for tests. */
export class MemoryStore implements StoreBackend {
  readonly name = BACKEND;
  readonly capabilities: StoreCapabilities;
  readonly sessions: SessionStore;
  readonly limits: RateLimitStore;
  readonly attempts: AttemptStore;
  readonly budgets: BudgetStore;
  readonly leases: LeaseStore;
  readonly pool: SessionPoolStore;
  private readonly space: MemorySpace;
  private readonly leaseRows: Table<Lease>;
  private readonly swept: Readonly<Record<SweepTarget, Pick<Table<never>, 'sweep'>>>;
  /** The highest token seen of each lease that fenced a sweep. As many as there are names of leases. */
  private readonly fences = new Map<string, number>();
  private readonly validation: Validation;

  constructor(options: MemoryStoreOptions = {}) {
    const settings = settingsFrom(options);
    this.capabilities = {
      clock: 'process',
      expiryResolutionMs: 1,
      listConsistency: 'strong',
      durable: false,
      shared: false,
      maxDataBytes: settings.maxDataBytes,
    };
    this.validation = new Validation(BACKEND, this.capabilities);
    this.space = new MemorySpace(settings, this.validation);
    const sessions = (this.sessions = new MemorySessions(this.space));
    const limits = (this.limits = new MemoryLimits(this.space));
    const attempts = (this.attempts = new MemoryAttempts(this.space));
    const budgets = (this.budgets = new MemoryBudgets(this.space));
    const leases = (this.leases = new MemoryLeases(this.space));
    const pool = (this.pool = new MemorySessionPool(this.space));
    this.leaseRows = leases.rows;
    this.swept = {
      sessions: sessions.rows,
      limits: limits.rows,
      attempts: attempts.rows,
      budgets: budgets.rows,
      leases: leases.rows,
      pool: pool.rows,
    };
  }

  get usage(): MemoryUsage {
    const { entries, bytes } = this.space.capacity;
    return { entries, bytes };
  }

  async sweep(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    const now = this.space.enter('sweep');
    this.validation.sweep(request);
    const rows = Object.hasOwn(this.swept, request.target) ? this.swept[request.target] : undefined;
    if (rows === undefined) throw this.validation.invalid('sweep', 'target is not one that can be swept');
    const { fence } = request;
    if (fence !== undefined) {
      const seen = Math.max(this.fences.get(fence.lease) ?? 0, this.leaseRows.get(fence.lease)?.fencingToken ?? 0);
      if (fence.fencingToken < seen) return refused('stale');
      this.fences.set(fence.lease, fence.fencingToken);
    }
    return ok(rows.sweep(now, request.limit, request.dryRun ?? false));
  }

  async ping(): Promise<Ping> {
    return { latencyMs: 0, serverTime: this.space.enter('ping') };
  }

  async close(): Promise<void> {
    this.space.close();
  }
}

/** @throws StoreError `misconfigured` */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  return new MemoryStore(options);
}
