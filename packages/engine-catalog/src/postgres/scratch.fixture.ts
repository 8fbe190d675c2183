import { startFaultProxy, testPostgres } from '@mooring/services';
import type { FaultProxy } from '@mooring/services';
import { Pool } from 'pg';
import type { QueryResultRow } from 'pg';
import { createPostgresCatalog } from '../index.ts';
import type { PgClient, PgPool, PgQuery } from '@mooring/store-postgres/client';
import type { DurableCatalog, PostgresCatalogOptions } from '../index.ts';

/** For calls that are to succeed: a busy machine takes its time. */
export const PATIENT = { statementTimeoutMs: 30_000, connectionTimeoutMs: 30_000 } as const;

/** A database of its own for one spec file, and everything that was opened on it. */
export class Scratch {
  private readonly closers: (() => Promise<unknown>)[] = [];
  private namespaces = 0;

  private constructor(
    readonly url: string,
    private readonly admin: Pool,
    readonly createDatabase: () => Promise<string>,
  ) {}

  static async start(): Promise<Scratch> {
    const server = await testPostgres();
    const url = await server.createDatabase();
    const admin = new Pool({ connectionString: url, max: 2 });
    admin.on('error', () => {});
    const scratch = new Scratch(url, admin, () => server.createDatabase());
    scratch.closers.push(
      () => server.stop(),
      () => admin.end(),
    );
    return scratch;
  }

  /** In a namespace of its own, unless the options name one. */
  async catalog(options: PostgresCatalogOptions = {}): Promise<DurableCatalog> {
    const source = options.pool === undefined && options.url === undefined ? { url: this.url } : {};
    const catalog = await createPostgresCatalog({ namespace: this.namespace(), ...PATIENT, ...source, ...options });
    this.closers.push(() => catalog.close());
    return catalog;
  }

  namespace(): string {
    this.namespaces += 1;
    return `spec ${this.namespaces}`;
  }

  async sql<R extends QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    return (await this.admin.query<R>(text, values)).rows;
  }

  /** A transaction that stays open until it is told to end. */
  async holding(text: string, values: unknown[] = []): Promise<{ commit(): Promise<void>; rollback(): Promise<void> }> {
    const client = await this.admin.connect();
    let isHeld = true;
    const release = (destroy: boolean): void => {
      if (isHeld) client.release(destroy);
      isHeld = false;
    };
    this.closers.push(async () => release(true));
    await client.query('begin');
    await client.query(text, values);
    const end = async (how: string): Promise<void> => {
      await client.query(how);
      release(false);
    };
    return { commit: () => end('commit'), rollback: () => end('rollback') };
  }

  pool(max = 4, url = this.url): Pool {
    const pool = new Pool({ connectionString: url, max });
    pool.on('error', () => {});
    this.closers.push(() => pool.end());
    return pool;
  }

  /** A line to the database that breaks on request. */
  async proxy(): Promise<FaultProxy> {
    const proxy = await startFaultProxy({ target: this.url });
    this.closers.push(() => proxy.close());
    return proxy;
  }

  /** Until so many backends with this application name wait for a lock; then whatever made them wait has to end. */
  async untilWaiting(applicationName: string, count = 1): Promise<void> {
    const text = `select from pg_stat_activity
      where application_name = $1 and datname = current_database() and wait_event_type = 'Lock'`;
    await eventually(
      () => this.sql(text, [applicationName]),
      (rows) => rows.length >= count,
    );
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
          if (property === 'query') sent.push(args[0] as PgQuery);
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

/** Waits for what the server shows only after a while, such as its statistics. */
export async function eventually<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (let round = 0; ; round += 1) {
    const value = await read();
    if (done(value) || round === 2000) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
