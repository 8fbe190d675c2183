import { ProblemRegistry } from '@mooring/nest-runtime';
import type { ErrorMapping, ProblemDefinition } from '@mooring/nest-runtime';
import type { EngineErrorCode } from '@mooring/engine';
import { ACCESS_ERRORS } from '@mooring/nest-access';
import { STORE_ERRORS } from '@mooring/nest-session-store';
import type { WarehouseErrorCode } from '@mooring/redshift-sessions';
import { RESULT_PROBLEMS } from './results/result-problems.ts';
import { ENGINE_ERRORS, SQL_PROBLEMS } from './sql/sql-problems.ts';

const PROBLEMS = {
  invalid_statement: {
    status: 400,
    title: 'The SQL is not one statement',
    detail: 'The SQL is empty, too long, unreadable, or has several statements.',
  },
  invalid_parameters: {
    status: 400,
    title: 'The parameters do not fit the statement',
    detail: 'A parameter is missing, unused, given twice, or of a type that can not be passed.',
  },
  invalid_cursor: {
    status: 400,
    title: 'The cursor is none of this list',
    detail: 'Take the cursor from the page before, unchanged.',
  },
  query_not_found: {
    status: 404,
    title: 'There is no such query',
    detail: 'You have no query with this id. Queries are kept for 24 hours.',
  },
  query_not_finished: {
    status: 409,
    title: 'The query is still running',
    detail: 'There are no rows yet. Wait with GET /v1/queries/{id}?waitSeconds=30.',
  },
  statement_cancelled: { status: 409, title: 'The query was cancelled', detail: 'The query was cancelled.' },
  idempotency_key_expired: {
    status: 409,
    title: 'The Idempotency-Key is too old',
    detail: 'The query of this key is not kept any more. Use a new key.',
  },
  result_expired: {
    status: 410,
    title: 'The result is gone',
    detail: 'Statements and results are kept for 24 hours; in a local warehouse, for as long as it runs.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    detail: 'The key was used with another body. Use a new key for a new query.',
  },
  statement_failed: {
    status: 422,
    title: 'The statement failed',
    detail: 'The engine refused the statement, or failed while it ran.',
  },
  statement_timeout: {
    status: 422,
    title: 'The statement ran too long',
    detail: 'The statement did not end within its time limit and was cancelled.',
  },
  upgrade_required: {
    status: 426,
    title: 'A WebSocket is needed',
    detail: 'This path speaks WebSocket: connect with a client for it.',
  },
  budget_exceeded: {
    status: 429,
    title: 'The budget is used up',
    detail: 'The tenant has used up what it may use in a day.',
  },
  engine_not_configured: {
    status: 501,
    title: 'There is no engine for it here',
    detail:
      'No engine for it is configured. The operator sets MOORING_WAREHOUSE_CLUSTER or MOORING_WAREHOUSE_WORKGROUP for a ' +
      'warehouse, MOORING_DATA_DIR for embedded data.',
  },
  warehouse_refused: {
    status: 502,
    title: 'The warehouse refused this service',
    detail: "The warehouse refused the service's credentials or settings. Its operator finds the reason in the log.",
  },
  outcome_unknown: {
    status: 502,
    title: 'It is not known whether the statement ran',
    detail: 'The warehouse did not confirm the statement. It may have run, and it is not run again by itself.',
  },
  query_lost: {
    status: 502,
    title: 'The query was lost',
    detail: 'The process that took the query ended before the warehouse knew of it.',
  },
  pool_exhausted: {
    status: 503,
    title: 'No warehouse session is free',
    detail: 'All sessions are in use. Try again after the time in Retry-After.',
    retryAfterSeconds: 5,
  },
  warehouse_busy: {
    status: 503,
    title: 'The warehouse is busy',
    detail: 'The warehouse takes no more statements right now.',
    retryAfterSeconds: 5,
  },
  warehouse_unavailable: {
    status: 503,
    title: 'The warehouse does not answer',
    detail: 'The warehouse can not be reached right now.',
    retryAfterSeconds: 5,
  },
  store_unavailable: {
    status: 503,
    title: 'The session store does not answer',
    detail: 'Queries can not be kept right now. Try again after the time in Retry-After.',
    retryAfterSeconds: 2,
  },
  shutting_down: {
    status: 503,
    title: 'This process is shutting down',
    detail: 'Another process takes the request. Send it again.',
    retryAfterSeconds: 1,
  },
  ...SQL_PROBLEMS,
  ...RESULT_PROBLEMS,
} as const satisfies Record<string, ProblemDefinition>;

/** Every code of every package that the service uses: a new one does not compile until it is here. */
const ERRORS: Record<
  | `WarehouseError.${WarehouseErrorCode}`
  | keyof typeof STORE_ERRORS
  | keyof typeof ACCESS_ERRORS
  | `EngineError.${EngineErrorCode}`,
  ErrorMapping | string
> = {
  ...ENGINE_ERRORS,
  ...ACCESS_ERRORS,
  'AccessError.budget_exceeded': { problem: 'budget_exceeded', messageIsPublic: true },
  'WarehouseError.invalid_statement': { problem: 'invalid_statement', messageIsPublic: true },
  'WarehouseError.invalid_parameters': { problem: 'invalid_parameters', messageIsPublic: true },
  'WarehouseError.invalid_request': 'warehouse_refused',
  'WarehouseError.invalid_cursor': 'invalid_cursor',
  'WarehouseError.pool_exhausted': { problem: 'pool_exhausted', messageIsPublic: true },
  'WarehouseError.warehouse_busy': 'warehouse_busy',
  'WarehouseError.warehouse_unavailable': 'warehouse_unavailable',
  'WarehouseError.access_denied': 'warehouse_refused',
  'WarehouseError.outcome_unknown': 'outcome_unknown',
  'WarehouseError.session_lost': 'warehouse_unavailable',
  'WarehouseError.statement_not_found': 'result_expired',
  'WarehouseError.no_result': 'query_not_finished',
  'WarehouseError.statement_failed': { problem: 'statement_failed', messageIsPublic: true },
  'WarehouseError.statement_cancelled': 'statement_cancelled',
  'WarehouseError.statement_timeout': 'statement_timeout',
  'WarehouseError.closed': 'shutting_down',
  ...STORE_ERRORS,
};

export const problems = new ProblemRegistry({ problems: PROBLEMS, errors: ERRORS });
