import { randomUUID } from 'node:crypto';
import type { EngineConnection, EngineRequest, EngineResult } from '@mooring/engine';
import type {
  PinnedSession,
  RunningStatement,
  StatementRequest,
  StatementState,
  Warehouse,
  WarehouseTarget,
} from '@mooring/redshift-sessions';
import type { Clock } from '@mooring/session-store';
import { busyError, closedError, failure, statementFailure, translate } from '../errors.ts';
import { bindParameters } from '../values/parameters.ts';
import type { BoundStatement } from '../values/parameters.ts';
import { planOf } from './plan.ts';
import type { Plan } from './plan.ts';
import { RedshiftResult, emptyResult } from './result.ts';
import { Stop } from './stop.ts';

export interface ConnectionParts {
  readonly warehouse: Warehouse;
  readonly tenantId: string;
  readonly target: WarehouseTarget;
  readonly waitTimeoutMs: number;
  readonly clock: Clock;
  readonly onClose: () => void;
}

interface Running {
  readonly stop: Stop;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/**
 * Statements run on sessions that the tenant's requests share, until the first one that leaves something behind: it gets a
 * session of the connection's own, and so do those after it. Is that lost, each later statement says so.
 */
export class RedshiftConnection implements EngineConnection {
  readonly #parts: ConnectionParts;
  #own: PinnedSession | undefined;
  #running: Running | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  async run({ sql, parameters, timeoutMs, signal }: EngineRequest): Promise<EngineResult> {
    if (this.#closing !== undefined) throw closedError();
    if (this.#running !== undefined) throw busyError();
    const plan = planOf(sql);
    const bound = bindParameters(plan.text, parameters, plan.parameterCount);
    const running = this.#begin(new Stop({ clock: this.#parts.clock, timeoutMs, signal }));
    try {
      if (this.#own === undefined && plan.undoes !== undefined) return this.#nothingToUndo(plan, running);
      return await this.#start(plan, bound, running, timeoutMs);
    } catch (error) {
      running.end();
      throw running.stop.error ?? translate(error, bound);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    try {
      this.#running?.stop.stop('closed');
      await this.#running?.ended;
      await this.#own?.close();
    } catch (error) {
      throw translate(error);
    } finally {
      this.#parts.onClose();
    }
  }

  #begin(stop: Stop): Running {
    let resolve = (): void => {};
    const ended = new Promise<void>((done) => (resolve = done));
    const end = (): void => {
      if (this.#running !== running) return;
      this.#running = undefined;
      stop.end();
      resolve();
    };
    const running: Running = { stop, ended, end };
    this.#running = running;
    return running;
  }

  #nothingToUndo({ undoes }: Plan, { end }: Running): EngineResult {
    end();
    if (undoes === 'setting') return emptyResult(null);
    throw failure({ code: 'no_transaction', message: 'There is no transaction to end. Begin one first.' });
  }

  async #start(plan: Plan, bound: BoundStatement, { stop, end }: Running, timeoutMs: number): Promise<EngineResult> {
    const { warehouse, tenantId, target } = this.#parts;
    stop.throwIfStopped();
    // Half of the time is the longest wait for a session: one that found none has certainly not run.
    const waitTimeoutMs = Math.max(1, Math.min(this.#parts.waitTimeoutMs, Math.floor(timeoutMs / 2)));
    const place = { tenantId, target, waitTimeoutMs, signal: stop.signal };
    if (plan.keepsState) this.#own ??= await warehouse.openSession(place);
    const statementName = `mooring-${randomUUID()}`;
    const request = { ...place, sql: bound.sql, parameters: bound.parameters, timeoutMs, statementName };
    const statement = await this.#accepted(request, stop);
    const state = await finished(statement, plan.countsRows);
    if (state.status !== 'finished') {
      const failed = statementFailure(state.error ?? 'The statement failed at the warehouse.', bound);
      const isLost = state.status === 'cancelled' && failed.code === 'unavailable';
      if (state.status !== 'failed' && !isLost) stop.stop(state.status === 'timed_out' ? 'timeout' : 'cancelled');
      stop.throwIfStopped();
      throw failed;
    }
    stop.ran();
    const rowsAffected = plan.countsRows ? (state.resultRows ?? null) : null;
    if (!state.hasResultSet) {
      end();
      return emptyResult(rowsAffected);
    }
    const page = (cursor?: string) => statement.page(cursor);
    const first = await page();
    stop.throwIfStopped();
    return new RedshiftResult({ first, page, rowsAffected, stop, onEnd: end });
  }

  /**
   * The service holds its answer back for a second while the statement runs, so one that is stopped within that time is
   * looked for by its name.
   */
  async #accepted(
    request: StatementRequest & { readonly statementName: string },
    stop: Stop,
  ): Promise<RunningStatement> {
    const { warehouse } = this.#parts;
    const cancel = async (): Promise<void> => (await warehouse.findStatement(request.statementName))?.cancel();
    const onStop = (): void => void cancel().catch(() => undefined);
    stop.signal.addEventListener('abort', onStop, { once: true });
    try {
      return await (this.#own === undefined ? warehouse.execute(request) : warehouse.executeIn(this.#own, request));
    } finally {
      stop.signal.removeEventListener('abort', onStop);
    }
  }
}

/**
 * How it ended. A statement that ends soon does not say by itself how many rows it changed; one of which that can't be found
 * out has changed them all the same.
 */
async function finished(statement: RunningStatement, countsRows: boolean): Promise<StatementState> {
  const state = await statement.wait();
  if (!countsRows || state.status !== 'finished' || state.resultRows !== undefined) return state;
  return statement.describe().catch(() => state);
}
