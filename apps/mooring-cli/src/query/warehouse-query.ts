import { randomUUID } from 'node:crypto';
import { CommandError } from '../errors.ts';
import type { ServiceClient } from '../services/service-client.ts';
import type { JsonValue, QueryResult } from './query-result.ts';

export interface QueryRequest {
  readonly sql: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly maxRows: number;
  readonly timeoutSeconds?: number | undefined;
}

export interface QueryRun {
  /** Asks the service to cancel the statement. */
  readonly signal: AbortSignal;
  readonly progress: (status: string) => void;
}

interface QueryState {
  readonly id: string;
  readonly status: string;
  readonly resultRows?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

interface ResultRows {
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly JsonValue[])[];
  readonly nextCursor?: string;
}

/** A statement that takes no longer than this comes with its rows in the first answer. */
const FIRST_WAIT_SECONDS = 1;
/** How old what is said of its progress may be. */
const WAIT_SECONDS = 3;
const PAGE = 1000;
const RUNNING: ReadonlySet<string> = new Set(['queued', 'running']);

/** Runs a statement on the warehouse, waits for its end however long that takes, and reads up to `maxRows` rows. */
export async function queryWarehouse(
  service: ServiceClient,
  { sql, parameters, maxRows, timeoutSeconds }: QueryRequest,
  run: QueryRun,
): Promise<QueryResult> {
  const page = Math.min(maxRows, PAGE);
  const body = { sql, parameters, timeoutSeconds, maxRows: page, waitSeconds: FIRST_WAIT_SECONDS };
  const headers = { 'idempotency-key': randomUUID() };
  const first = await service.ask<QueryState & Partial<ResultRows>>('POST', 'v1/queries', { body, headers });
  const state = RUNNING.has(first.status) ? await untilOver(service, first, run) : first;
  if (state.status !== 'finished') throw failureOf(state);
  const start = first.rows === undefined ? await rowsOf(service, state.id, page) : { ...first, rows: first.rows };
  const rows = [...start.rows];
  let { nextCursor } = start;
  while (nextCursor !== undefined && rows.length < maxRows && !run.signal.aborted) {
    run.progress(`${rows.length} rows`);
    const next = await rowsOf(service, state.id, Math.min(maxRows - rows.length, PAGE), nextCursor);
    rows.push(...next.rows);
    ({ nextCursor } = next);
  }
  return {
    queryId: state.id,
    columns: (start.columns ?? []).map(({ name, type }) => ({ name, type })),
    rows,
    rowCount: state.resultRows ?? null,
    truncated: nextCursor !== undefined,
    message: null,
  };
}

async function untilOver(service: ServiceClient, first: QueryState, run: QueryRun): Promise<QueryState> {
  const { signal } = run;
  let state = first;
  try {
    while (RUNNING.has(state.status)) {
      run.progress(state.status);
      signal.throwIfAborted();
      state = await service.ask('GET', `v1/queries/${state.id}?waitSeconds=${WAIT_SECONDS}`, { signal });
    }
    return state;
  } catch (error) {
    if (!signal.aborted) throw error;
    return service.ask('DELETE', `v1/queries/${first.id}`);
  }
}

function rowsOf(service: ServiceClient, id: string, limit: number, cursor?: string): Promise<ResultRows> {
  const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return service.ask('GET', `v1/queries/${id}/rows?limit=${Math.max(limit, 1)}${from}`);
}

function failureOf({ id, status, error }: QueryState): CommandError {
  const { code = `statement_${status}`, message = `The statement is ${status.replaceAll('_', ' ')}.` } = error ?? {};
  return new CommandError({ code, message: `${message} (query ${id})` });
}
