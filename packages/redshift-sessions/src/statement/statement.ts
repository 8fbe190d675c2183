import type { Clock, EpochMs } from '@mooring/session-store';
import { DataApiError } from '../data-api/data-api-error.ts';
import type { DataApi, StatementDescription } from '../data-api/data-api.ts';
import { WarehouseError } from '../errors.ts';
import type { Random } from '../random.ts';
import { Results } from './results.ts';
import type { Rows } from './results.ts';
import { sleep } from '../sleep.ts';
import { StatementPoller, isTerminal } from './statement-poller.ts';
import type { Polled } from './statement-poller.ts';
import type { Row } from './typed-values.ts';

export type StatementStatusName = 'running' | 'finished' | 'failed' | 'cancelled' | 'timed_out';

export interface StatementState {
  readonly id: string;
  readonly status: StatementStatusName;
  readonly hasResultSet: boolean;
  /** What the engine said of a failed statement. */
  readonly error?: string;
  /** Rows returned, or changed by DML; absent while unknown. */
  readonly resultRows?: number;
  /** Milliseconds the engine took; absent while unknown. */
  readonly runMs?: number;
  readonly subStatements: readonly {
    readonly id: string;
    readonly status: StatementStatusName;
    readonly hasResultSet: boolean;
    readonly error?: string;
    readonly resultRows?: number;
  }[];
}

export interface WaitOptions {
  /** Default: until it ends. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface StatementParts {
  readonly api: DataApi;
  readonly clock: Clock;
  readonly random: Random;
}

/** A statement that the warehouse accepted: by its id, any process can wait for it, read it and cancel it. */
export class Statement {
  private readonly poller: StatementPoller;
  private readonly results: Results;

  constructor(
    readonly id: string,
    protected readonly parts: StatementParts,
  ) {
    this.poller = new StatementPoller(parts.api, parts.clock, parts.random);
    this.results = new Results(parts.api);
  }

  /** The state when the statement ended, or at the timeout. An abort only ends the wait. */
  async wait(options: WaitOptions = {}): Promise<StatementState> {
    const { clock } = this.parts;
    const until = options.timeoutMs === undefined ? Number.MAX_SAFE_INTEGER : clock.now() + options.timeoutMs;
    return stateOf((await this.poll(until, options.signal)).description);
  }

  /** One page of the result. */
  page(cursor?: string): Promise<Rows> {
    return this.results.page(this.id, cursor);
  }

  /** Waits for the end and gives all rows, paged lazily. Throws when the statement failed or has no result set. */
  async *rows(options: WaitOptions = {}): AsyncGenerator<Row, void, void> {
    const state = await this.wait(options);
    assertFinished(state);
    if (state.hasResultSet) yield* this.results.rows(this.id);
  }

  /** Asks the warehouse to stop it. A statement that ended already stays as it is. */
  async cancel(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.parts.api.cancel(this.id);
      } catch (error) {
        if (!(error instanceof DataApiError)) throw error;
        if (error.failure === 'already_ended') return undefined;
        if (error.failure === 'statement_unknown' || error.failure === 'denied' || attempt >= 5)
          throw cancelFailure(error);
        await sleep(this.parts.clock, 250 * attempt);
      }
    }
  }

  protected poll(until: EpochMs, signal?: AbortSignal): Promise<Polled> {
    return this.poller.poll(this.id, until, signal);
  }
}

export function stateOf(description: StatementDescription): StatementState {
  return {
    id: description.id,
    status: statusName(description.status),
    hasResultSet: description.hasResultSet,
    subStatements: description.subStatements.map((part) => ({ ...part, status: statusName(part.status) })),
    ...(description.error === undefined ? {} : { error: description.error }),
    ...(description.resultRows === undefined ? {} : { resultRows: description.resultRows }),
    ...(description.durationNs === undefined ? {} : { runMs: description.durationNs / 1e6 }),
  };
}

/** Throws what a statement that did not finish deserves. */
export function assertFinished(state: StatementState): void {
  switch (state.status) {
    case 'finished':
      return;
    case 'failed':
      throw new WarehouseError({ code: 'statement_failed', message: state.error ?? 'The statement failed.' });
    case 'cancelled':
      throw new WarehouseError({ code: 'statement_cancelled', message: 'The statement was cancelled.' });
    case 'timed_out':
      throw new WarehouseError({ code: 'statement_timeout', message: 'The statement ran too long and was cancelled.' });
    default:
      throw new WarehouseError({ code: 'no_result', message: 'The statement still runs.', retryable: true });
  }
}

function statusName(status: StatementDescription['status']): StatementStatusName {
  if (!isTerminal(status)) return 'running';
  return status === 'FINISHED' ? 'finished' : status === 'FAILED' ? 'failed' : 'cancelled';
}

function cancelFailure(cause: DataApiError): WarehouseError {
  return cause.failure === 'statement_unknown'
    ? new WarehouseError({ code: 'statement_not_found', message: 'The warehouse does not know this statement.', cause })
    : new WarehouseError({
        code: 'warehouse_unavailable',
        message: 'The warehouse did not take the cancellation; the statement may still run.',
        retryAfterMs: 1_000,
        cause,
      });
}
