import { EngineError } from '@mooring/engine';
import type { EngineErrorCode, EngineErrorDetails } from '@mooring/engine';
import { WarehouseError } from '@mooring/redshift-sessions';
import type { WarehouseErrorCode } from '@mooring/redshift-sessions';

type Verdict = readonly [code: EngineErrorCode, retryable?: boolean];

/** Of everything but a statement that failed, which `statementFailure` reads. */
const VERDICTS: Readonly<Record<Exclude<WarehouseErrorCode, 'statement_failed'>, Verdict>> = {
  invalid_statement: ['syntax_error'],
  invalid_parameters: ['invalid_argument'],
  invalid_request: ['misconfigured'],
  invalid_cursor: ['execution_failed'],
  pool_exhausted: ['too_busy', true],
  warehouse_busy: ['too_busy', true],
  warehouse_unavailable: ['unavailable', true],
  access_denied: ['misconfigured'],
  outcome_unknown: ['unavailable'],
  session_lost: ['unavailable'],
  statement_not_found: ['unavailable'],
  no_result: ['execution_failed'],
  statement_cancelled: ['cancelled'],
  statement_timeout: ['timeout'],
  closed: ['unavailable'],
};

/** The service tells failures apart by their texts alone. The first that fits counts. */
const FAILURES: readonly (readonly [RegExp, ...Verdict])[] = [
  [/duplicate key value|violates .*constraint/i, 'conflict'],
  [
    /deadlock detected|could not serialize|serializable isolation violation|conflict with concurrent/i,
    'conflict',
    true,
  ],
  [/current transaction is aborted/i, 'conflict'],
  [/password authentication failed|(?:role|database|user) "[^"]*" does not exist/i, 'misconfigured'],
  [/other objects depend on it|because .* depends? on/i, 'in_use'],
  [/permission denied|must be owner/i, 'forbidden'],
  [/already exists/i, 'already_exists'],
  [/does not exist/i, 'not_found'],
  [/syntax error/i, 'syntax_error'],
  [/statement timeout/i, 'timeout'],
  [/cancell?ed on user|canceling statement|query .*cancell?ed/i, 'cancelled'],
  [/out of memory|disk full/i, 'out_of_memory'],
  [/terminating connection|connection (?:error|.*(?:closed|terminated|lost))|server closed/i, 'unavailable'],
];

/** A statement as it was sent, to tell what an error may repeat of it. */
interface SentStatement {
  readonly sql: string;
  readonly values: readonly string[];
}

const NOTHING_SENT: SentStatement = { sql: '', values: [] };

/** A failure of the warehouse or of the way to it, as the port's. */
export function translate(error: unknown, sent = NOTHING_SENT): EngineError {
  if (error instanceof EngineError) return error;
  if (!(error instanceof WarehouseError)) throw error;
  if (error.code === 'statement_failed') return statementFailure(error.message, sent);
  const [code, retryable = false] = VERDICTS[error.code];
  const facts = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
  return failure({ code, retryable, message: withoutValues(error.message, sent), facts });
}

/** What the warehouse said of a statement, without what only its parameters can have told it. */
export function statementFailure(said: string, sent = NOTHING_SENT): EngineError {
  const [, code = 'execution_failed', retryable = false] = FAILURES.find(([pattern]) => pattern.test(said)) ?? [];
  return failure({ code, retryable, message: withoutValues(said, sent) });
}

export function failure(details: EngineErrorDetails): EngineError {
  return new EngineError({ ...details, facts: { engine: 'redshift', ...details.facts } });
}

export function closedError(): EngineError {
  return failure({ code: 'unavailable', message: 'The warehouse engine is closed.' });
}

/** Of a statement that runs into one that has not ended. */
export function busyError(): EngineError {
  return failure({
    code: 'in_use',
    message: 'Another statement of the connection has not ended. Consume its batches or close it first.',
  });
}

/**
 * Up to the first thing in quotes, or behind a `=`, that is no name in the SQL: it may be a value, and so may all that comes
 * after it, since a value may have quotes itself.
 */
function withoutValues(said: string, { sql, values }: SentStatement): string {
  if (values.length === 0) return said;
  let text = said;
  for (const value of values.toSorted((one, other) => other.length - one.length)) {
    if (value.length > 2) text = text.replaceAll(value, '"…"');
  }
  const words = new Set(sql.match(/[\p{L}\p{N}_$]+/gu));
  for (const { 0: found, index } of text.matchAll(/"[^"]*"?|'[^']*'?|=\(|detail:/gi)) {
    const parts = found.slice(1, -1).split('.');
    if (found.startsWith('"') && parts.every((part) => words.has(part) && !values.includes(part))) continue;
    return `${text.slice(0, index)}…`;
  }
  return text;
}
