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
import { RedisAttempts } from './attempts.ts';
import { RedisBudgets } from './budgets.ts';
import { connectionsOf } from './connections.ts';
import { BACKEND, misconfigured, overdue, translate } from './errors.ts';
import { Keys } from './keys.ts';
import { RedisLeases } from './leases.ts';
import { RedisLimits } from './limits.ts';
import { settingsOf } from './options.ts';
import type { RedisClient, RedisStoreOptions, RedisStoreSettings } from './options.ts';
import { RedisSessionPool } from './pool/redis-session-pool.ts';
import { RedisServer } from './server.ts';
import { RedisSessions } from './sessions/redis-sessions.ts';
import { Sweeps } from './sweep.ts';

/** All ports on one Redis: a server, a master behind sentinels, or a cluster. Made by `createRedisStore`. */
export class RedisStore implements StoreBackend {
  readonly name = BACKEND;
  readonly capabilities: StoreCapabilities;
  readonly sessions: SessionStore;
  readonly limits: RateLimitStore;
  readonly attempts: AttemptStore;
  readonly budgets: BudgetStore;
  readonly leases: LeaseStore;
  readonly pool: SessionPoolStore;
  private readonly server: RedisServer;
  private readonly sweeps: Sweeps;
  private closing: Promise<void> | undefined;

  constructor(
    client: RedisClient,
    settings: RedisStoreSettings,
    private readonly release: () => Promise<void>,
  ) {
    this.capabilities = {
      clock: 'server',
      expiryResolutionMs: 1,
      listConsistency: 'strong',
      durable: settings.durable,
      shared: true,
      maxDataBytes: settings.maxDataBytes,
    };
    const { namespace } = settings;
    const keys = new Keys(namespace, client.options?.keyPrefix);
    const validation = new Validation(BACKEND, this.capabilities);
    const server = new RedisServer(client, settings);
    this.server = server;
    this.sessions = new RedisSessions(server, keys, validation, namespace);
    this.limits = new RedisLimits(server, keys, validation);
    this.attempts = new RedisAttempts(server, keys, validation);
    this.budgets = new RedisBudgets(server, keys, validation);
    this.leases = new RedisLeases(server, keys, validation);
    this.pool = new RedisSessionPool(server, keys, validation, namespace);
    this.sweeps = new Sweeps(server, keys, validation);
  }

  sweep(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    return this.sweeps.run(request);
  }

  async ping(): Promise<Ping> {
    const started = performance.now();
    const time = await this.server.time('ping');
    return { latencyMs: performance.now() - started, serverTime: this.server.injectedTime ?? time };
  }

  close(): Promise<void> {
    this.server.close();
    return (this.closing ??= this.release());
  }
}

/**
 * Opens the store. Unless `requireConnection` is false the server must answer within `connectTimeoutMs`. A failure leaves
 * nothing open. Rejects with a `StoreError`.
 */
export async function createRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const settings = settingsOf(options);
  const { client, connect, release } = connectionsOf(settings);
  const store = new RedisStore(client, settings, release);
  const connected = firstAnswer(store, client, connect, settings);
  if (!settings.requireConnection) {
    connected.catch(() => {});
    return store;
  }
  try {
    await connected;
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function firstAnswer(
  store: RedisStore,
  client: RedisClient,
  connect: () => Promise<void>,
  { connectTimeoutMs }: RedisStoreSettings,
): Promise<void> {
  let refusal: unknown;
  const note = (cause: unknown): void => {
    refusal = cause;
  };
  client.on('error', note);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(refusal === undefined ? overdue('create', connectTimeoutMs) : translate('create', refusal, false)),
      connectTimeoutMs,
    );
  });
  try {
    await Promise.race([connect().then(() => store.ping()), late]);
  } catch (cause) {
    throw wrongAddress(refusal) ?? translate('create', refusal ?? cause, false);
  } finally {
    clearTimeout(timer);
    client.removeListener('error', note);
  }
}

/** What a first connection can tell, and a later one would repeat for ever. */
function wrongAddress(refusal: unknown): Error | undefined {
  const message = (refusal as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' && /sentinels? .*unreachable/i.test(message)
    ? misconfigured('no sentinel knows the master; check the name and the addresses')
    : undefined;
}
