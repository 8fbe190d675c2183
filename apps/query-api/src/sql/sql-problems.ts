import type { EngineErrorCode } from '@mooring/engine';
import type { ErrorMapping, ProblemDefinition } from '@mooring/nest-runtime';

/** Of `/v1/sql` and its sessions. */
export const SQL_PROBLEMS = {
  syntax_error: {
    status: 400,
    title: 'The SQL can not be read',
    detail: 'The SQL has an error at this line and column. Nothing of it ran.',
  },
  unsupported_statement: {
    status: 400,
    title: 'This statement is not done here',
    detail: 'The statement, or a part of it, is not done here.',
  },
  invalid_sql: {
    status: 400,
    title: 'What the SQL says can not be',
    detail: 'A name, an option or an argument in the SQL is not possible, or there are too many statements.',
  },
  object_not_found: {
    status: 404,
    title: 'There is no such object',
    detail: 'A table, namespace, storage, user or statement of this name is not there, or not for you.',
  },
  sql_session_not_found: {
    status: 404,
    title: 'There is no such session',
    detail: 'You have no session with this id. It was closed, was not used for too long, or its token ended.',
  },
  not_acceptable: {
    status: 406,
    title: 'The result has no such form',
    detail:
      'Accept application/json, application/x-ndjson, text/csv or application/vnd.apache.arrow.stream; a batch is JSON.',
  },
  already_exists: {
    status: 409,
    title: 'It exists already',
    detail: 'There is an object of this name already.',
  },
  object_in_use: {
    status: 409,
    title: 'Something depends on it',
    detail: 'Other objects, or open work of the session, depend on it.',
  },
  changed_meanwhile: {
    status: 409,
    title: 'Another statement changed the same',
    detail: 'Another statement changes the same thing at this moment. Try again.',
  },
  no_transaction: {
    status: 409,
    title: 'The transaction does not allow it',
    detail: 'There is no open transaction, or a statement of it failed: ROLLBACK it first.',
  },
  sql_session_busy: {
    status: 409,
    title: 'The session is busy',
    detail: 'Another statement of the session runs, or its result is being read. A session runs one at a time.',
  },
  sql_session_elsewhere: {
    status: 421,
    title: 'The session is of another process',
    detail: 'A session lives in the process that opened it. Send its requests there, or open another session.',
  },
  out_of_memory: {
    status: 422,
    title: 'The statement took too much memory',
    detail: 'The statement took more memory and disk than a database may. It was ended.',
  },
  too_many_sql_sessions: {
    status: 429,
    title: 'You have too many sessions',
    detail: 'Close a session, or let one go unused until it is closed.',
    retryAfterSeconds: 30,
  },
  engine_busy: {
    status: 503,
    title: 'The engine is busy',
    detail: 'The engine takes no more work at this moment.',
    retryAfterSeconds: 1,
  },
  engine_unavailable: {
    status: 503,
    title: 'The engine does not answer',
    detail: 'The engine, or what it keeps its data in, can not be reached at this moment.',
    retryAfterSeconds: 5,
  },
  storage_elsewhere: {
    status: 503,
    title: 'Another process has the database',
    detail: 'An embedded database belongs to one process at a time, and another one has this one open.',
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, ProblemDefinition>;

const said = (problem: string): ErrorMapping => ({ problem, messageIsPublic: true });

export const ENGINE_ERRORS: Record<`EngineError.${EngineErrorCode}`, ErrorMapping | string> = {
  'EngineError.syntax_error': said('syntax_error'),
  'EngineError.unsupported_statement': said('unsupported_statement'),
  'EngineError.invalid_argument': said('invalid_sql'),
  'EngineError.invalid_name': said('invalid_sql'),
  'EngineError.invalid_storage': said('invalid_sql'),
  'EngineError.parameter_count': said('invalid_parameters'),
  'EngineError.parameter_too_many': said('invalid_parameters'),
  'EngineError.parameter_too_large': said('invalid_parameters'),
  'EngineError.forbidden': said('forbidden'),
  'EngineError.not_found': said('object_not_found'),
  'EngineError.already_exists': said('already_exists'),
  'EngineError.in_use': said('object_in_use'),
  'EngineError.conflict': said('changed_meanwhile'),
  'EngineError.no_transaction': said('no_transaction'),
  'EngineError.cancelled': said('statement_cancelled'),
  'EngineError.execution_failed': said('statement_failed'),
  'EngineError.timeout': said('statement_timeout'),
  'EngineError.out_of_memory': said('out_of_memory'),
  'EngineError.no_engine': 'engine_not_configured',
  'EngineError.too_busy': said('engine_busy'),
  'EngineError.session_busy': 'sql_session_busy',
  'EngineError.unavailable': 'engine_unavailable',
  'EngineError.file_in_use': said('storage_elsewhere'),
  'EngineError.misconfigured': 'engine_unavailable',
};
