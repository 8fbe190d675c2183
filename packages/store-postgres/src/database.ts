import { StoreError } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import { TimeLimit } from '@mooring/session-store/adapter';
import { BACKEND, translate } from './errors.ts';
import type { PgClient, PgPool } from './open-pool.ts';
import type { ConnectionUsage } from './options.ts';
import { runOn } from './prepared-run.ts';
import { VALUE_TYPES } from './value-types.ts';

/** A statement with a fixed name: prepared once on each connection, then only bound and executed. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface DatabaseOptions {
  readonly namespace: string;
  readonly clock?: Pick<Clock, 'now'>;
  readonly statementTimeoutMs: number;
  readonly connectionTimeoutMs: number;
}

/** Deadlocks and serialization failures were rolled back whole: the statement may run again. */
const ATTEMPTS = 4;
/** How much longer than the server's own limit the client waits for its answer, before it drops the connection. */
const ANSWER_MARGIN_MS = 1000;

type Row = Record<string, unknown>;

/** Runs statements, one round trip each: `$1` is the namespace and `$2` the injected time (or null) in all of them. */
export class Database {
  private closed = false;
  private readonly kept: PgClient[] = [];
  private readonly connecting: TimeLimit;
  private readonly answering: TimeLimit;

  constructor(
    private readonly pool: PgPool,
    private readonly options: DatabaseOptions,
  ) {
    this.connecting = new TimeLimit(options.connectionTimeoutMs);
    this.answering = new TimeLimit(options.statementTimeoutMs + ANSWER_MARGIN_MS);
    // Never removed: without a listener, the loss of an idle connection would end the process.
    pool.on('error', ignore);
  }

  get namespace(): string {
    return this.options.namespace;
  }

  async one<R extends object = Row>(
    operation: string,
    statement: Statement,
    values: unknown[],
  ): Promise<R | undefined> {
    return (await this.all<R>(operation, statement, values))[0];
  }

  async all<R extends object = Row>(operation: string, statement: Statement, values: unknown[]): Promise<readonly R[]> {
    const parameters = [this.options.namespace, this.options.clock?.now() ?? null, ...values];
    for (let attempt = 1; ; attempt += 1) {
      const client = await this.checkOut(operation);
      let destroy = true;
      try {
        const rows = await this.answer(operation, client, statement, parameters);
        destroy = false;
        return rows as readonly R[];
      } catch (cause) {
        const failure = translate(operation, cause, true);
        destroy = cause instanceof AnswerOverdue || !failure.usable;
        if (!(failure.error.code === 'conflict' && failure.error.retryable && attempt < ATTEMPTS)) throw failure.error;
      } finally {
        this.giveBack(client, destroy);
      }
    }
  }

  /** How the pool stands. `most` is 0 of a pool that does not say. */
  get connections(): ConnectionUsage {
    const { totalCount = 0, idleCount = 0, waitingCount = 0, options } = this.pool;
    const busy = totalCount - idleCount - this.kept.length;
    return { open: totalCount, busy, waiting: waitingCount, most: options?.max ?? 0 };
  }

  /** Later statements fail with `closed`; those under way end as they do. */
  close(): void {
    this.closed = true;
  }

  private async checkOut(operation: string): Promise<PgClient> {
    if (this.closed) {
      throw new StoreError({ code: 'closed', message: 'the store was closed', backend: BACKEND, operation });
    }
    const kept = this.kept.pop();
    if (kept !== undefined) return kept;
    const connected = this.pool.connect();
    let client: PgClient;
    try {
      client = await this.connecting.of(connected, () => this.noConnection(operation));
    } catch (cause) {
      connected.then((late) => late.release(), ignore);
      throw isPoolTimeout(cause) ? this.noConnection(operation) : translate(operation, cause, false).error;
    }
    // Whoever waits for an answer hears of a lost connection; this only keeps it from ending the process.
    if (client.listenerCount('error', ignore) === 0) client.on('error', ignore);
    return client;
  }

  /** Kept for who comes next in this turn of the event loop, unless somebody waits for it already. */
  private giveBack(client: PgClient, destroy: boolean): void {
    if (destroy || this.closed || this.pool.waitingCount !== 0) {
      client.release(destroy);
      return;
    }
    this.kept.push(client);
    if (this.kept.length > 1) return;
    setImmediate(() => {
      for (const each of this.kept.splice(0)) each.release();
    });
  }

  private noConnection(operation: string): StoreError {
    const { waitingCount = 0, totalCount = 0, idleCount = 0 } = this.pool;
    const busy = waitingCount > 0 || (totalCount > 0 && idleCount === 0);
    return new StoreError({
      code: busy ? 'throttled' : 'unavailable',
      message: busy
        ? `no connection of the pool was free within ${this.options.connectionTimeoutMs} ms; raise poolSize or look for slow statements`
        : `no connection to the server within ${this.options.connectionTimeoutMs} ms`,
      backend: BACKEND,
      operation,
    });
  }

  private async answer(
    operation: string,
    client: PgClient,
    statement: Statement,
    values: unknown[],
  ): Promise<readonly unknown[]> {
    const overdue = (limitMs: number): Error => new AnswerOverdue(operation, limitMs);
    const run = runOn(client, statement, values, overdue);
    if (run === undefined) {
      const answer = client.query({ name: statement.name, text: statement.text, values, types: VALUE_TYPES });
      return (await this.answering.of(answer, overdue)).rows;
    }
    this.answering.begin(run);
    try {
      return await run.rows;
    } finally {
      this.answering.finish(run);
    }
  }
}

class AnswerOverdue extends StoreError {
  constructor(operation: string, limitMs: number) {
    super({
      code: 'timeout',
      message: `no answer within ${limitMs} ms`,
      backend: BACKEND,
      operation,
      outcome: 'unknown',
    });
  }
}

/** The pool's own limit on waiting: neither the server nor the system has a code for it, and nothing caused it. */
function isPoolTimeout(cause: unknown): boolean {
  return cause instanceof Error && !('code' in cause) && cause.cause === undefined;
}

function ignore(): void {}
