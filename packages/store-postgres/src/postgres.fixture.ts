import { newSessionId } from '@mooring/session-store';
import type { NewSession } from '@mooring/session-store';
import { startFaultProxy, testPostgres } from '@mooring/services';
import type { FaultProxy, TestPostgres } from '@mooring/services';
import { Client, Pool } from 'pg';
import type { QueryConfig } from 'pg';
import { createPostgresStore } from './index.ts';
import type { PgClient, PgPool, PgQuery, PostgresStore, PostgresStoreOptions } from './index.ts';

/** Of stores that a spec does not make wait: the machine is busy with other tests. */
export const PATIENT = { statementTimeoutMs: 60_000, connectionTimeoutMs: 60_000 };

/** A database of its own for one spec file, and everything that was opened on it. */
export class Scratch {
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly url: string,
    private readonly admin: Pool,
    private readonly server: TestPostgres,
  ) {}

  static async start(): Promise<Scratch> {
    const server = await testPostgres();
    const scratch = await Scratch.on(server);
    scratch.closers.unshift(() => server.stop());
    return scratch;
  }

  private static async on(server: TestPostgres): Promise<Scratch> {
    const url = await server.createDatabase();
    const admin = new Pool({ connectionString: url, max: 2 });
    admin.on('error', () => {});
    const scratch = new Scratch(url, admin, server);
    scratch.closers.push(() => admin.end());
    return scratch;
  }

  /** Another database on the same server. */
  beside(): Promise<Scratch> {
    return Scratch.on(this.server);
  }

  async store(options: Partial<PostgresStoreOptions> = {}): Promise<PostgresStore> {
    const source = options.pool ?? options.dataSource ?? options.url;
    const store = await createPostgresStore({
      namespace: 'spec',
      ...PATIENT,
      ...(source === undefined ? { url: this.url } : {}),
      ...options,
    });
    this.closers.push(() => store.close());
    return store;
  }

  async sql<R = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<R[]> {
    return (await this.admin.query(text, values)).rows as R[];
  }

  /** A line to the database that breaks on request. */
  async proxy(): Promise<FaultProxy> {
    const proxy = await startFaultProxy({ target: this.url });
    this.closers.push(() => proxy.close());
    return proxy;
  }

  /** A connection of its own, for locks and transactions. */
  async connection(): Promise<Client> {
    const client = new Client({ connectionString: this.url });
    client.on('error', () => {});
    await client.connect();
    let ended: Promise<void> | undefined;
    this.closers.push(() => (ended ??= client.end()));
    return client;
  }

  /** A store whose operations stay uncommitted until it is told, as if its process were slow. */
  async slowStore(): Promise<{ readonly store: PostgresStore; readonly commit: () => Promise<unknown> }> {
    const client = await this.connection();
    await client.query('begin');
    const checkedOut: PgClient = {
      query: (query: PgQuery | string) => client.query(query as QueryConfig),
      release: () => {},
      on: () => {},
      listenerCount: () => 1,
    };
    const pool: PgPool = { connect: async () => checkedOut, on: () => {}, end: async () => {} };
    return { store: await this.store({ pool, migrate: false }), commit: () => client.query('commit') };
  }

  /** Until a backend with this application name waits for a lock; then whatever made it wait has to end. */
  async untilWaiting(applicationName: string): Promise<void> {
    await eventually(
      () =>
        this.sql(
          `select from pg_stat_activity
             where application_name = $1 and datname = current_database() and wait_event_type = 'Lock'`,
          [applicationName],
        ),
      (rows) => rows.length > 0,
    );
  }

  pool(max = 4, url = this.url): Pool {
    const pool = new Pool({ connectionString: url, max });
    this.closers.push(() => pool.end());
    return pool;
  }

  async stop(): Promise<void> {
    for (const close of this.closers.toReversed()) await close();
  }
}

/** A pool that writes down each query that is sent. */
export class RecordingPool implements PgPool {
  readonly sent: PgQuery[] = [];

  constructor(private readonly pool: Pool) {}

  async connect(): Promise<PgClient> {
    const client: PgClient = await this.pool.connect();
    const { sent } = this;
    return new Proxy(client, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (property === 'query') sent.push(typeof args[0] === 'string' ? { text: args[0] } : (args[0] as PgQuery));
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  }

  on(event: 'error', listener: (error: Error) => void): unknown {
    return this.pool.on(event, listener);
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

export const digest = (letter: string): string => letter.repeat(43);

export function newSession(overrides: Partial<NewSession> = {}): NewSession {
  const tenantId = overrides.tenantId ?? 'tenant';
  const subjectId = overrides.subjectId === undefined ? 'subject' : overrides.subjectId;
  return {
    id: newSessionId({ tenantId, subjectId }),
    data: { role: 'reader' },
    idleTimeoutMs: 60_000,
    lifetimeMs: 3_600_000,
    ...overrides,
    tenantId,
    subjectId,
  };
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const ROUNDS = 1200;

/** Waits for what the server shows only after a while, such as its statistics. */
export async function eventually<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (let round = 0; ; round += 1) {
    const value = await read();
    if (done(value)) return value;
    if (round === ROUNDS) throw new Error(`it never came; last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Every row of every table, as text. */
export async function dump(scratch: Scratch): Promise<string> {
  const tables = await scratch.sql<{ name: string }>(
    `select relname as name from pg_class where relname like 'mooring\\_%' and relkind = 'r'`,
  );
  const rows = await Promise.all(tables.map(({ name }) => scratch.sql(`select t::text from ${name} t`)));
  return JSON.stringify(rows);
}
