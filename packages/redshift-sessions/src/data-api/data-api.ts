import type { EpochMs } from '@mooring/session-store';
import type { ConnectionMembers } from '../target.ts';

export type StatementStatus = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'ABORTED' | 'FAILED';
export type SessionStatus = 'AVAILABLE' | 'BUSY' | 'CLOSED';

export interface SqlParameter {
  readonly name: string;
  readonly value: string;
}

/** Where a call runs: on an open session, or on a connection of its own (kept as a session, or not). */
export type CallPlace = { readonly SessionId: string } | ConnectionMembers;

export interface SubmitOptions {
  readonly place: CallPlace;
  readonly keepAliveSeconds?: number;
  readonly statementName: string;
  readonly clientToken: string;
  readonly waitSeconds?: number;
  readonly parameters?: readonly SqlParameter[];
}

export interface Submitted {
  readonly id: string;
  readonly sessionId?: string;
  /** Only after a long poll. */
  readonly status?: StatementStatus;
  readonly hasResultSet?: boolean;
}

export interface SubStatementDescription {
  readonly id: string;
  readonly status: StatementStatus;
  readonly hasResultSet: boolean;
  readonly error?: string;
  readonly resultRows?: number;
}

export interface StatementDescription {
  readonly id: string;
  readonly status: StatementStatus;
  readonly hasResultSet: boolean;
  readonly error?: string;
  /** Nanoseconds the engine took; absent while unknown. */
  readonly durationNs?: number;
  readonly resultRows?: number;
  readonly resultBytes?: number;
  readonly sessionId?: string;
  readonly createdAt?: number;
  readonly updatedAt?: number;
  readonly subStatements: readonly SubStatementDescription[];
}

export interface ListedStatement {
  readonly id: string;
  readonly name?: string;
  readonly status: StatementStatus;
  readonly sessionId?: string;
}

export interface ListedSession {
  readonly sessionId: string;
  readonly status: SessionStatus;
  readonly currentStatementId?: string;
  readonly createdAt?: EpochMs;
}

/** A field as the service sends it, integers exact: beyond 2^53 they are bigints. */
export type WireField =
  | { readonly isNull: true }
  | { readonly booleanValue: boolean }
  | { readonly longValue: number | bigint }
  | { readonly doubleValue: number | string }
  | { readonly stringValue: string }
  | { readonly blobValue: string };

export interface WireColumn {
  readonly name?: string;
  readonly label?: string;
  readonly typeName?: string;
  readonly nullable?: number;
  readonly precision?: number;
  readonly scale?: number;
}

export interface ResultPage {
  readonly columns: readonly WireColumn[];
  readonly records: readonly (readonly WireField[])[];
  readonly totalRows: number;
  readonly nextToken?: string;
}

/**
 * The operations of the Data API that the pool and the executor use. Each call is one attempt: whoever retries here
 * knows whether the statement may have been accepted. Failures are `DataApiError`s.
 */
export interface DataApi {
  execute(sql: string, options: SubmitOptions): Promise<Submitted>;
  executeBatch(
    sqls: readonly string[],
    options: SubmitOptions & { readonly executionMode: 'TRANSACTION' | 'AUTO_COMMIT' },
  ): Promise<Submitted>;
  describe(id: string, waitSeconds?: number, signal?: AbortSignal): Promise<StatementDescription>;
  result(id: string, nextToken?: string): Promise<ResultPage>;
  cancel(id: string): Promise<void>;
  /** Statements whose name starts with `namePrefix`, in any state. */
  findStatements(namePrefix: string): Promise<readonly ListedStatement[]>;
  /** One session, CLOSED ones included; undefined when the service never had it. */
  findSession(sessionId: string): Promise<ListedSession | undefined>;
  /** The caller's open sessions of a target. */
  listSessions(
    place: Pick<ConnectionMembers, 'ClusterIdentifier' | 'WorkgroupName'>,
  ): Promise<readonly ListedSession[]>;
}
