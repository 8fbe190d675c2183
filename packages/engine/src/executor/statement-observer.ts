import type { EngineErrorCode } from '../errors.ts';
import type { StatementKind } from '../sql/statement.ts';

/** Sees each statement, for metrics and traces. It must not throw. */
export interface StatementObserver {
  begin(statement: {
    readonly kind: StatementKind;
    readonly tenantId: string;
    /** What KILL QUERY takes. */
    readonly queryId: string;
  }): StatementWatch;
}

/** The code of an error; `internal_error` of a bug, which has none. */
export type StatementFailure = EngineErrorCode | 'internal_error';

/** One statement while it runs. */
export interface StatementWatch {
  /** Runs the statement up to its result, and answers what that does. */
  within<T>(work: () => T): T;
  /** Its result was read or given up, or there is none: with what it failed with. Once. */
  end(failure?: StatementFailure): void;
}

export const UNOBSERVED: StatementWatch = { within: (work) => work(), end: () => {} };
