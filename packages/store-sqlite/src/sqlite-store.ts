import { systemClock } from '@mooring/session-store';
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
import { SqliteAttempts } from './attempts.ts';
import { SqliteBudgets } from './budgets.ts';
import { query } from './file/connection.ts';
import { Database } from './database.ts';
import { BACKEND } from './errors.ts';
import { SqliteLeases } from './leases.ts';
import { SqliteLimits } from './limits.ts';
import { settingsOf } from './options.ts';
import type { SqliteStoreOptions } from './options.ts';
import { SqliteSessionPool } from './pool/sqlite-session-pool.ts';
import { migrate } from './schema-migrator.ts';
import { SqliteSessions } from './sessions/sqlite-sessions.ts';
import { openStoreFile } from './store-file.ts';
import type { StoreFile } from './store-file.ts';
import { Sweeps } from './sweep.ts';

const COUNTERS = query<{ counters: number }>('select count(*) as counters from counters');

/** All ports on one SQLite file. Made by `createSqliteStore`. */
export class SqliteStore implements StoreBackend {
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
    private readonly file: StoreFile,
    readonly capabilities: StoreCapabilities,
  ) {
    const validation = new Validation(BACKEND, capabilities);
    this.sessions = new SqliteSessions(database, validation);
    this.limits = new SqliteLimits(database, validation);
    this.attempts = new SqliteAttempts(database, validation);
    this.budgets = new SqliteBudgets(database, validation);
    this.leases = new SqliteLeases(database, validation);
    this.pool = new SqliteSessionPool(database, validation);
    this.sweeps = new Sweeps(database, validation);
  }

  sweep(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    return this.sweeps.run(request);
  }

  /** Reads from the file, and fails when another one is at its place: what is written here would be lost. */
  async ping(): Promise<Ping> {
    const started = performance.now();
    await this.database.read('ping', (access) => {
      access.one(COUNTERS);
      this.file.requireSame('ping');
    });
    return { latencyMs: performance.now() - started, serverTime: null };
  }

  close(): Promise<void> {
    return (this.closing ??= this.database.close());
  }
}

/**
 * Opens the file, creating it and its tables when they are missing. A failure leaves nothing open and nothing
 * remembered: calling again starts afresh. Rejects with a `StoreError`.
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const settings = settingsOf(options);
  const file = await openStoreFile(settings);
  try {
    const version = await migrate(file.connection, settings.busyTimeoutMs);
    if (version.found < version.wanted) settings.onMigrated?.(version);
  } catch (error) {
    file.connection.close();
    throw error;
  }
  const { namespace, busyTimeoutMs, maxWaiting, clock = systemClock } = settings;
  return new SqliteStore(new Database(file.connection, { namespace, busyTimeoutMs, maxWaiting, clock }), file, {
    clock: 'process',
    expiryResolutionMs: 1,
    listConsistency: 'strong',
    durable: settings.synchronous === 'full',
    shared: true,
    maxDataBytes: settings.maxDataBytes,
  });
}
