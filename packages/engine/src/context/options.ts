import { EngineError } from '../errors.ts';

export interface EngineOptions {
  /** How long a statement may run that sets no time of its own. */
  readonly statementTimeoutMs: number;
  /** The longest time that a statement may set. A change of the catalog that is older than this may be repeated. */
  readonly longestStatementMs: number;
  /** Statements in one batch. */
  readonly maxStatements: number;
  /** Rows of one statement that `execute` keeps; what there is beyond is left out and said so. Streams have no such limit. */
  readonly maxRows: number;
  /** Grants on one table. */
  readonly maxGrants: number;
  /** Pinned sessions of this process. */
  readonly maxSessions: number;
  /** Of these, the most of one tenant. */
  readonly maxSessionsPerTenant: number;
}

export const DEFAULTS: EngineOptions = {
  statementTimeoutMs: 60_000,
  longestStatementMs: 900_000,
  maxStatements: 100,
  maxRows: 10_000,
  maxGrants: 500,
  maxSessions: 1000,
  maxSessionsPerTenant: 250,
};

/** @throws EngineError `invalid_argument` */
export function optionsFrom(given: Partial<EngineOptions>): EngineOptions {
  const options = { ...DEFAULTS, ...given };
  wholeNumber('longestStatementMs', options.longestStatementMs, 86_400_000);
  wholeNumber('statementTimeoutMs', options.statementTimeoutMs, options.longestStatementMs);
  wholeNumber('maxStatements', options.maxStatements, 10_000);
  wholeNumber('maxRows', options.maxRows, 10_000_000);
  wholeNumber('maxGrants', options.maxGrants, 10_000);
  wholeNumber('maxSessions', options.maxSessions, 1_000_000);
  wholeNumber('maxSessionsPerTenant', options.maxSessionsPerTenant, 1_000_000);
  return options;
}

function wholeNumber(name: string, value: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return;
  throw new EngineError({ code: 'invalid_argument', message: `${name} must be a whole number from 1 to ${most}` });
}
