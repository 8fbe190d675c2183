import type { Clock, PoolKey, SessionPoolStore } from '@mooring/session-store';
import { systemClock } from '@mooring/session-store';
import type { DataApi } from './data-api/data-api.ts';
import { WarehouseError } from './errors.ts';
import type { WarehouseObserver } from './observer.ts';
import { resolveOptions } from './options.ts';
import type { Overflow, WarehouseOptions } from './options.ts';
import type { Order, RunParts } from './statement/order.ts';
import { bindParameters } from './sql/parameters.ts';
import type { StatementParameters } from './sql/parameters.ts';
import { PinnedSession } from './statement/pinned-session.ts';
import type { Random } from './random.ts';
import type { RunningStatement } from './statement/running-statement.ts';
import { SessionCare } from './pool/session-care.ts';
import { SessionPool } from './pool/session-pool.ts';
import { SessionRun } from './statement/session-run.ts';
import { MAX_SQL_BYTES, readSql } from './sql/sql-text.ts';
import { statementEffect } from './sql/statement-effect.ts';
import { Statement } from './statement/statement.ts';
import { connectionMembers, poolKeyOf } from './target.ts';
import type { WarehouseTarget } from './target.ts';

export interface StatementRequest {
  readonly tenantId: string;
  readonly target: WarehouseTarget;
  readonly sql: string;
  readonly parameters?: StatementParameters;
  /** `reuse` (default): on a pooled session. `none`: on a connection of its own. */
  readonly mode?: 'reuse' | 'none';
  readonly overflow?: Overflow;
  /** How long to wait for a session. */
  readonly waitTimeoutMs?: number;
  /** Run time after which the statement is cancelled. */
  readonly timeoutMs?: number;
  /** Unique name by which the statement can be found at the warehouse, up to 500 characters. */
  readonly statementName?: string;
  /** Cancels the statement, also while it runs. */
  readonly signal?: AbortSignal;
}

export interface BatchRequest extends Omit<StatementRequest, 'sql'> {
  /** 1 to 40 statements, run one after the other on one connection. */
  readonly sqls: readonly string[];
  /** One transaction for all (default), or each by itself: then a failure does not stop the rest. */
  readonly execution?: 'transaction' | 'auto_commit';
}

export type PinnedSessionRequest = Pick<StatementRequest, 'tenantId' | 'target' | 'waitTimeoutMs' | 'signal'>;

export interface WarehouseParts {
  readonly api: DataApi;
  readonly pool: SessionPoolStore;
  readonly clock?: Clock;
  readonly observer?: WarehouseObserver;
  readonly options?: Partial<WarehouseOptions>;
  /** For jitter. Default `Math.random`. */
  readonly random?: Random;
}

/** SQL on a warehouse whose connections are expensive: statements share sessions, safely, over all processes. */
export class Warehouse {
  private readonly parts: RunParts;
  private readonly run: SessionRun;

  constructor(parts: WarehouseParts) {
    const clock = parts.clock ?? systemClock;
    const options = resolveOptions(parts.options ?? {});
    const observer = parts.observer ?? {};
    const random = parts.random ?? Math.random;
    const care = new SessionCare(parts.api, clock, observer, random);
    const pool = new SessionPool({ store: parts.pool, clock, options, observer, random, care });
    this.parts = { api: parts.api, clock, options, observer, random, pool, care };
    this.run = new SessionRun(this.parts);
  }

  /** Runs one statement; answers when the warehouse accepted it, at the latest a second later. */
  async execute(request: StatementRequest): Promise<RunningStatement> {
    const order = this.statementOrder(request);
    return request.mode === 'none' ? this.run.detached(order) : this.run.pooled(order);
  }

  /** Runs several statements in one call. Its sub-statements carry the results: page them by their ids. */
  async executeBatch(request: BatchRequest): Promise<RunningStatement> {
    const order = this.batchOrder(request);
    return request.mode === 'none' ? this.run.detached(order) : this.run.pooled(order);
  }

  /** A session for one client alone, which keeps its state until it is closed. */
  async openSession(request: PinnedSessionRequest): Promise<PinnedSession> {
    const order = this.statementOrder({ ...request, sql: 'SELECT 1' });
    return new PinnedSession(await this.run.pin(order), this.parts, this.run);
  }

  /** Runs a statement in a pinned session. */
  executeIn(session: PinnedSession, request: StatementRequest): Promise<RunningStatement> {
    return session.execute({ ...this.statementOrder(request), effect: 'pure' });
  }

  /** A statement that was accepted before, in this process or another. */
  statement(id: string): Statement {
    return new Statement(id, this.parts);
  }

  /** The statement of this name, when the warehouse accepted one. */
  async findStatement(statementName: string): Promise<Statement | undefined> {
    const found = (await this.parts.api.findStatements(statementName)).find(({ name }) => name === statementName);
    return found === undefined ? undefined : this.statement(found.id);
  }

  /** Sessions and slots that this process holds. */
  get heldSessions(): number {
    return this.parts.pool.size();
  }

  /** What sessions for this tenant and target are pooled by. */
  poolKey(tenantId: string, target: WarehouseTarget): PoolKey {
    return poolKeyOf(tenantId, target, this.parts.options.region, this.parts.options.initStatements);
  }

  /**
   * Gives idle sessions to other processes and takes no more statements. Running ones go on to their end, and their
   * sessions follow: with `waitMs` that is waited for.
   */
  close({ waitMs = 0 }: { readonly waitMs?: number } = {}): Promise<void> {
    return this.parts.pool.close(waitMs);
  }

  private statementOrder(request: StatementRequest): Order {
    const text = readSql(request.sql);
    const effect = statementEffect(text.tokens);
    const parameters = bindParameters(request.parameters, text.parameterNames);
    const work: Order['work'] = (options) => this.parts.api.execute(request.sql, options);
    return { ...this.place(request), work, batch: false, effect, parameters };
  }

  private batchOrder(request: BatchRequest): Order {
    const { sqls } = request;
    if (sqls.length === 0 || sqls.length > 40) {
      throw new WarehouseError({
        code: 'invalid_statement',
        message: `A batch has 1 to 40 statements, not ${sqls.length}.`,
      });
    }
    const texts = sqls.map((sql) => readSql(sql));
    if (texts.reduce((bytes, { sql }) => bytes + Buffer.byteLength(sql), 0) > MAX_SQL_BYTES) {
      throw new WarehouseError({
        code: 'invalid_statement',
        message: `A batch holds at most ${MAX_SQL_BYTES} bytes of SQL.`,
      });
    }
    const effects = texts.map(({ tokens }) => statementEffect(tokens));
    const effect = effects.find((one) => one === 'dirty') ?? effects.find((one) => one === 'settings') ?? 'pure';
    const parameters = bindParameters(request.parameters, [
      ...new Set(texts.flatMap(({ parameterNames }) => parameterNames)),
    ]);
    const executionMode = request.execution === 'auto_commit' ? 'AUTO_COMMIT' : 'TRANSACTION';
    const work: Order['work'] = (options) => this.parts.api.executeBatch(sqls, { ...options, executionMode });
    return { ...this.place(request), work, batch: true, effect, parameters };
  }

  private place(request: Omit<StatementRequest, 'sql'>): Omit<Order, 'work' | 'batch' | 'effect' | 'parameters'> {
    const { options } = this.parts;
    return {
      key: this.poolKey(request.tenantId, request.target),
      connection: connectionMembers(request.target),
      timeoutMs: duration(request, 'timeoutMs') ?? options.statementTimeoutMs,
      overflow: request.overflow ?? options.overflow,
      waitTimeoutMs: duration(request, 'waitTimeoutMs') ?? options.waitTimeoutMs,
      ...(request.statementName === undefined ? {} : { statementName: request.statementName }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    };
  }
}

/** A NaN would be no time to wait, or one that never passes. */
function duration(request: Omit<StatementRequest, 'sql'>, name: 'timeoutMs' | 'waitTimeoutMs'): number | undefined {
  const value = request[name];
  if (value === undefined || value >= 0) return value;
  throw new WarehouseError({ code: 'invalid_request', message: `${name} must be a number from 0, not ${value}.` });
}
