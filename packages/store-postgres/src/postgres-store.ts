import type {
  AttemptStore,
  BudgetStore,
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
} from '@mooring/session-store';
import { Validation } from '@mooring/session-store/adapter';
import { PostgresAttempts } from './attempts.ts';
import { PostgresBudgets } from './budgets.ts';
import { Database } from './database.ts';
import type { Statement } from './database.ts';
import { BACKEND } from './errors.ts';
import { PostgresLeases } from './leases.ts';
import { connectionsOf } from './connections.ts';
import { PostgresLimits } from './limits.ts';
import { settingsOf } from './options.ts';
import type { ConnectionUsage, PostgresStoreOptions } from './options.ts';
import { PostgresSessionPool } from './pool/postgres-session-pool.ts';
import { migrate } from './schema-migrator.ts';
import { CLOCK } from './server-time.ts';
import { PostgresSessions } from './sessions/postgres-sessions.ts';
import { Sweeps } from './sweep.ts';

const PING: Statement = {
  name: 'mooring_ping_1',
  text: `select clock.ms from ${CLOCK} clock where $1::text is not null`,
};

/** All ports on one PostgreSQL database. Made by `createPostgresStore`. */
export class PostgresStore implements StoreBackend {
  readonly name = BACKEND;
  readonly sessions: SessionStore;
  readonly limits: RateLimitStore;
  readonly attempts: AttemptStore;
  readonly budgets: BudgetStore;
  readonly leases: LeaseStore;
  readonly pool: SessionPoolStore;
  private readonly sweeps: Sweeps;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    readonly capabilities: StoreCapabilities,
    private readonly release: () => Promise<void>,
  ) {
    const validation = new Validation(BACKEND, capabilities);
    this.sessions = new PostgresSessions(database, validation);
    this.limits = new PostgresLimits(database, validation);
    this.attempts = new PostgresAttempts(database, validation);
    this.budgets = new PostgresBudgets(database, validation);
    this.leases = new PostgresLeases(database, validation);
    this.pool = new PostgresSessionPool(database, validation);
    this.sweeps = new Sweeps(database, validation);
  }

  get connections(): ConnectionUsage {
    return this.database.connections;
  }

  sweep(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    return this.sweeps.run(request);
  }

  async ping(): Promise<Ping> {
    const started = performance.now();
    const row = await this.database.one<{ ms: number }>('ping', PING, []);
    return { latencyMs: performance.now() - started, serverTime: row?.ms ?? null };
  }

  close(): Promise<void> {
    this.database.close();
    return (this.closing ??= this.release());
  }
}

/**
 * Opens the store and brings its schema up to date (unless `migrate` is false). A failure leaves nothing open and nothing
 * remembered: calling again starts afresh. Rejects with a `StoreError`.
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const settings = settingsOf(options);
  const { pool, release } = connectionsOf(settings);
  const capabilities: StoreCapabilities = {
    clock: 'server',
    expiryResolutionMs: 1,
    listConsistency: 'strong',
    durable: true,
    shared: true,
    maxDataBytes: settings.maxDataBytes,
  };
  const store = new PostgresStore(new Database(pool, settings), capabilities, release);
  try {
    const migrated = settings.migrate ? await migrate(pool) : [];
    if (migrated.length > 0) settings.onMigrated?.(migrated);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
