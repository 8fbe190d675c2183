import type { RunningStatement, StatementState } from '@mooring/redshift-sessions';
import { failureOf } from './query-record.ts';
import type { QueryRecord } from './query-record.ts';

/** How a statement ended. */
export interface RunEnd {
  /** What its record says of it. */
  readonly said: Partial<QueryRecord> & Pick<QueryRecord, 'status'>;
  /** Milliseconds that it took. */
  readonly runMs?: number;
  /** Why it did not get to run, where its engine says so only now. */
  readonly refusal?: unknown;
}

/** A statement that was begun, in the warehouse or on the engine. */
export interface QueryRun {
  /** What its record says from now on. */
  readonly started: Partial<QueryRecord>;
  /** Nobody else can say how it stands: others must hear that this process is alive. */
  readonly endsWithProcess: boolean;
  wait(): Promise<RunEnd>;
  /** The end once more, with figures that may come later. */
  describe(): Promise<RunEnd>;
}

export function warehouseRun(statement: RunningStatement): QueryRun {
  const { id, sessionReused, timings } = statement;
  const { queuedMs, submitMs } = timings;
  return {
    started: { statementId: id, sessionReused, timings: { queuedMs, submitMs } },
    endsWithProcess: false,
    wait: async () => warehouseEnd(await statement.wait()),
    describe: async () => warehouseEnd(await statement.describe()),
  };
}

export function warehouseEnd({ status, hasResultSet, resultRows, runMs, error }: StatementState): RunEnd {
  const result = { hasResultSet, ...(resultRows === undefined ? {} : { resultRows }) };
  const took = runMs === undefined ? {} : { runMs };
  if (status === 'finished') return { said: { ...result, status }, ...took };
  if (status === 'failed') {
    return {
      said: { status, failure: failureOf('statement_failed', error ?? 'The engine gave no reason.') },
      ...took,
    };
  }
  return { said: { status: status === 'timed_out' ? 'timed_out' : 'cancelled' }, ...took };
}

/** What the record says of a statement that ended: one that was asked to stop was cancelled, whatever time it took. */
export function endOf({ said }: RunEnd, { cancelRequested }: QueryRecord): Partial<QueryRecord> {
  return said.status === 'timed_out' && cancelRequested === true ? { ...said, status: 'cancelled' } : said;
}

export function runTime({ runMs }: RunEnd): { readonly runMs?: number } {
  return runMs === undefined ? {} : { runMs };
}
