import type { CancelSignal } from '../context/cancellation.ts';
import type { EngineResult } from '../query-engine.ts';
import type { Column, Row, RowBatch } from '../values.ts';
import { WatchedBatches } from './watched-batches.ts';

/** What a handler gives: an engine's result, or one of our own. */
export interface Outcome extends EngineResult {
  /** For people, where there is more to say than rows do. */
  readonly message: string | null;
}

/** Of a statement without rows. `changed` objects: 0 where there was nothing to do. */
export function doneOutcome(message: string, changed: number | null): Outcome {
  return { columns: [], rowsAffected: changed, message, batches: () => batchesOf([], []), close: async () => {} };
}

export function rowsOutcome(columns: readonly Column[], rows: readonly Row[]): Outcome {
  return {
    columns,
    rowsAffected: null,
    message: null,
    batches: () => batchesOf(columns, rows),
    close: async () => {},
  };
}

export function engineOutcome(result: EngineResult): Outcome {
  return {
    columns: result.columns,
    rowsAffected: result.rowsAffected,
    message: null,
    batches: () => result.batches(),
    close: () => result.close(),
  };
}

/** The outcome, and something to do once it is read or given up, with the error where reading it failed. */
export function withEnd(outcome: Outcome, end: (failure?: unknown) => Promise<void>): Outcome {
  let closing: Promise<void> | undefined;
  const close = (failure?: unknown): Promise<void> => {
    closing ??= closeThen(outcome, () => end(failure));
    return closing;
  };
  return { ...outcome, batches: () => new WatchedBatches(outcome.batches(), { ended: close }), close: () => close() };
}

/**
 * An outcome that ends when the signal aborts, read or not; whoever reads it is told, and never takes it as complete. One
 * without rows is complete already: what was done, a COMMIT too, is not called cancelled.
 */
export function cancellable(outcome: Outcome, signal: CancelSignal): Outcome {
  const close = (): void => void outcome.close().catch(() => {});
  if (signal.aborted) close();
  else signal.addEventListener('abort', close);
  if (isComplete(outcome)) return outcome;
  const seen = (): void => signal.throwIfAborted();
  return { ...outcome, batches: () => new WatchedBatches(outcome.batches(), { seen }) };
}

/** Nothing of its statement is left to be done or read. */
export function isComplete({ columns }: Outcome): boolean {
  return columns.length === 0;
}

async function closeThen(outcome: Outcome, end: () => Promise<void>): Promise<void> {
  try {
    await outcome.close();
  } finally {
    await end();
  }
}

async function* batchesOf(columns: readonly Column[], rows: readonly Row[]): AsyncIterable<RowBatch> {
  if (rows.length === 0) return;
  yield { rowCount: rows.length, values: columns.map((_, column) => rows.map((row) => row[column] ?? null)) };
}
