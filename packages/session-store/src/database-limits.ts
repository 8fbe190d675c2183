/** How long a pool of connections to a database waits. */
export interface DatabaseLimits {
  readonly connectionTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
}

/** The same limit for a connection and for an answer; of each its default where there is none. */
export function databaseLimits(timeoutMs: number | undefined): DatabaseLimits {
  return timeoutMs === undefined ? {} : { connectionTimeoutMs: timeoutMs, statementTimeoutMs: timeoutMs };
}
