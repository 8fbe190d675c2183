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
import { DynamoAttempts } from './attempts.ts';
import { DynamoBudgets } from './budgets/dynamo-budgets.ts';
import { BACKEND } from './errors.ts';
import { Keys } from './keys.ts';
import { DynamoLeases } from './leases.ts';
import { DynamoLimits } from './limits/dynamo-limits.ts';
import { settingsOf } from './options.ts';
import type { DynamoStoreOptions, DynamoStoreSettings } from './options.ts';
import { DynamoSessionPool } from './pool/dynamo-session-pool.ts';
import { CutOffs } from './sessions/cut-offs.ts';
import { DynamoSessions } from './sessions/dynamo-sessions.ts';
import { Sweeps } from './sweep.ts';
import { connectionOf } from './table/connection.ts';
import type { Connection } from './table/connection.ts';
import { verifyTable } from './table/create-table.ts';
import { DynamoTable } from './table/dynamo-table.ts';
import { Requests } from './table/requests.ts';

/** All ports on one DynamoDB table. Made by `createDynamoStore`. */
export class DynamoStore implements StoreBackend {
  readonly name = BACKEND;
  readonly capabilities: StoreCapabilities;
  readonly sessions: SessionStore;
  readonly limits: RateLimitStore;
  readonly attempts: AttemptStore;
  readonly budgets: BudgetStore;
  readonly leases: LeaseStore;
  readonly pool: SessionPoolStore;
  private readonly table: DynamoTable;
  private readonly keys: Keys;
  private readonly sweeps: Sweeps;
  private isClosed = false;

  constructor(
    private readonly connection: Connection,
    settings: DynamoStoreSettings,
  ) {
    this.capabilities = {
      clock: 'process',
      expiryResolutionMs: 1,
      listConsistency: 'strong',
      durable: settings.durable,
      shared: true,
      maxDataBytes: settings.maxDataBytes,
    };
    const { namespace } = settings;
    const table = new DynamoTable(connection, settings);
    const keys = new Keys(namespace);
    const validation = new Validation(BACKEND, this.capabilities);
    const leases = new DynamoLeases(table, keys, validation);
    const cutOffs = new CutOffs(table, keys);
    this.table = table;
    this.keys = keys;
    this.sessions = new DynamoSessions(table, keys, cutOffs, validation, namespace);
    this.limits = new DynamoLimits(table, keys, validation);
    this.attempts = new DynamoAttempts(table, keys, validation);
    this.budgets = new DynamoBudgets(table, keys, validation);
    this.leases = leases;
    this.pool = new DynamoSessionPool(table, keys, validation, namespace);
    this.sweeps = new Sweeps(table, keys, validation, leases, cutOffs);
  }

  sweep(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    return this.sweeps.run(request);
  }

  async ping(): Promise<Ping> {
    const started = performance.now();
    await this.table.get('ping', this.keys.nothing());
    return { latencyMs: performance.now() - started, serverTime: null };
  }

  async close(): Promise<void> {
    this.table.close();
    if (this.isClosed) return;
    this.isClosed = true;
    this.connection.release();
  }
}

/**
 * Opens the store. Unless `verifyTable` is false the table must be there and be one of this store. A failure leaves nothing
 * open. Rejects with a `StoreError`.
 */
export async function createDynamoStore(options: DynamoStoreOptions): Promise<DynamoStore> {
  const settings = settingsOf(options);
  const connection = connectionOf(settings);
  try {
    if (settings.verifyTable) {
      await verifyTable(new Requests(connection.client, settings.requestTimeoutMs), settings.table);
    }
    return new DynamoStore(connection, settings);
  } catch (error) {
    connection.release();
    throw error;
  }
}
