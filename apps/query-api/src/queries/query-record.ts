import type { SessionData } from '@mooring/session-store';
import type { KeptResult } from '../results/kept-results.ts';

export type QueryStatus = 'queued' | 'running' | 'finished' | 'failed' | 'cancelled' | 'timed_out';

/** Milliseconds by the clock of the process that ran the query; `runMs` by the engine's. */
export interface QueryTimings {
  /** Waiting for a session. */
  readonly queuedMs?: number;
  /** Until the warehouse accepted the statement, with the connection it may have opened for it. */
  readonly submitMs?: number;
  /** What the engine says it took. */
  readonly runMs?: number;
  /** From the request to the end that was seen. */
  readonly totalMs?: number;
}

export type ExportForm = 'csv' | 'parquet';

export interface QueryFailure {
  readonly code: string;
  readonly message: string;
}

/** What is kept of a query. Neither the values of its parameters nor its result. */
export interface QueryRecord {
  /** Hash of what was asked for, to tell a retry from another request with the same key. */
  readonly fingerprint: string;
  /** The beginning of the statement, for its owner to recognise it. */
  readonly sql: string;
  readonly session: 'reuse' | 'none';
  /** Of the engine that it runs on; in the warehouse without one. */
  readonly namespace?: string;
  /** Its result is a file. */
  readonly exportAs?: ExportForm;
  readonly status: QueryStatus;
  /** Grows when a query that did not run is tried again with its key; part of the statement's name. */
  readonly attempt: number;
  readonly submittedAt: number;
  readonly timeoutMs: number;
  /** Rows that its budget paid for. */
  readonly maxRows?: number;
  readonly statementId?: string;
  readonly sessionReused?: boolean;
  readonly timings?: QueryTimings;
  readonly endedAt?: number;
  readonly hasResultSet?: boolean;
  /** Rows of the result, or rows that the statement changed. */
  readonly resultRows?: number;
  readonly failure?: QueryFailure;
  /** The statement certainly did not run: its key may be used again. */
  readonly neverRan?: boolean;
  readonly cancelRequested?: boolean;
  /** When the process that runs it on the engine was last heard of. */
  readonly aliveAt?: number;
  /** Of a query on the engine that has a result. */
  readonly result?: KeptResult;
}

const SQL_KEPT = 1000;
const MESSAGE_KEPT = 4000;

export function isOver({ status }: QueryRecord): boolean {
  return status !== 'queued' && status !== 'running';
}

export function beginningOf(sql: string): string {
  return storable(sql.slice(0, SQL_KEPT));
}

export function failureOf(code: string, message: string): QueryFailure {
  return { code, message: storable(message.slice(0, MESSAGE_KEPT)) };
}

/** Stores take neither U+0000 nor half a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').replaceAll(/\p{Cs}/gu, '\ufffd');
}

export function toData(record: QueryRecord): SessionData {
  return record as unknown as SessionData;
}

export function fromData(data: SessionData): QueryRecord {
  return data as unknown as QueryRecord;
}

/** The name by which any process finds the statement at the warehouse. */
export function statementNameOf(id: string, attempt: number): string {
  return `mooring-query-${id}-${attempt}`;
}
