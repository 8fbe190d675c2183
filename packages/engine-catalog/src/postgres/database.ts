import { EngineError } from '@mooring/engine';
import { TimeLimit } from '@mooring/session-store/adapter';
import type { PgClient, PgPool } from '@mooring/store-postgres/client';
import { closed, failure } from '../errors.ts';
import { translate } from './errors.ts';

/** A statement with a fixed name: prepared once on each connection, then only bound and executed. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Every value of an answer is text or null: the caller knows its columns, and whatever parsers the pool has don't count. */
export type TextRow = Readonly<Record<string, string | null>>;

export interface DatabaseOptions {
  readonly namespace: string;
  readonly statementTimeoutMs: number;
  readonly connectionTimeoutMs: number;
}

const ATTEMPTS = 4;
/** How much longer than the server's own limit the client waits for its answer, before it drops the connection. */
const ANSWER_MARGIN_MS = 1000;
const TEXT_ONLY = { getTypeParser: () => (value: string) => value };

/** Runs statements, one round trip each: `$1` is the namespace in all of them. */
export class Database {
  private closed = false;
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

  /** @throws EngineError */
  async rows({ name, text }: Statement, values: readonly unknown[] = []): Promise<readonly TextRow[]> {
    const query = { name, text, values: [this.options.namespace, ...values], types: TEXT_ONLY };
    for (let attempt = 1; ; attempt += 1) {
      const client = await this.checkOut();
      let destroy = true;
      try {
        const { rows } = await this.answering.of(client.query(query), overdue);
        destroy = false;
        return rows as readonly TextRow[];
      } catch (cause) {
        const { error, usable, again } = translate(cause, true);
        destroy = cause instanceof AnswerOverdue || !usable;
        if (!again || attempt === ATTEMPTS) throw error;
      } finally {
        client.release(destroy);
      }
    }
  }

  /** Work on a connection that nobody else has, and that is closed afterwards. @throws EngineError */
  async alone(longestMs: number, work: (client: PgClient) => Promise<void>): Promise<void> {
    const client = await this.checkOut();
    try {
      await new TimeLimit(longestMs).of(work(client), overdue);
    } catch (cause) {
      throw translate(cause, true).error;
    } finally {
      client.release(true);
    }
  }

  /** Later statements are refused; those under way end as they do. */
  close(): void {
    this.closed = true;
  }

  /** @throws EngineError `unavailable` */
  assertOpen(): void {
    if (this.closed) throw closed();
  }

  private async checkOut(): Promise<PgClient> {
    this.assertOpen();
    const connected = this.connect();
    try {
      const client = await this.connecting.of(connected, () => this.noConnection());
      // Whoever waits for an answer hears of a lost connection; this only keeps it from ending the process.
      if (client.listenerCount('error', ignore) === 0) client.on('error', ignore);
      return client;
    } catch (cause) {
      connected.then((late) => late.release(), ignore);
      throw isPoolTimeout(cause) ? this.noConnection() : translate(cause, false).error;
    }
  }

  /** A promise from the start: for a URL that is none, a pool throws before it gives one. */
  private async connect(): Promise<PgClient> {
    return this.pool.connect();
  }

  private noConnection(): EngineError {
    const { waitingCount = 0, totalCount = 0, idleCount = 0, options: { max = Infinity } = {} } = this.pool;
    const isBusy = waitingCount > 0 || (totalCount >= max && idleCount === 0);
    const within = `within ${this.options.connectionTimeoutMs} ms`;
    if (!isBusy) return failure({ code: 'unavailable', message: `no connection ${within}`, retryable: true });
    const message = `no connection of the pool was free ${within}; raise poolSize or look for slow statements`;
    return failure({ code: 'too_busy', message, retryable: true });
  }
}

class AnswerOverdue extends EngineError {
  constructor(limitMs: number) {
    super({ code: 'timeout', message: `the catalog: no answer within ${limitMs} ms`, retryable: true });
  }
}

function overdue(limitMs: number): Error {
  return new AnswerOverdue(limitMs);
}

/** The pool's own limit on waiting: neither the server nor the system has a code for it, and nothing caused it. */
function isPoolTimeout(cause: unknown): boolean {
  return cause instanceof Error && !(cause instanceof EngineError) && !('code' in cause) && cause.cause === undefined;
}

function ignore(): void {}
