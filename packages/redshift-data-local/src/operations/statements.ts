import { validation } from '../errors.ts';
import type { Statement, StatementPart } from '../statement.ts';
import { longPoll, waitSecondsOf } from './long-poll.ts';
import { seconds } from './operations.ts';
import type { Operation, OperationParts } from './operations.ts';
import { pageBySequence } from './paging.ts';

const STATUSES = ['SUBMITTED', 'PICKED', 'STARTED', 'FINISHED', 'ABORTED', 'FAILED', 'ALL'] as const;

/** DescribeStatement, CancelStatement and ListStatements. */
export function statementOperations(
  parts: OperationParts,
): Record<'DescribeStatement' | 'CancelStatement' | 'ListStatements', Operation> {
  return {
    DescribeStatement: async (call) => {
      const waitSeconds = waitSecondsOf(call);
      const { statement, part } = parts.statements.get(call.input.statementId(), call.principal);
      await longPoll(statement, part, waitSeconds, parts, call.gone);
      return described(statement, part, parts.now());
    },
    CancelStatement: async ({ input, principal }) => {
      const id = input.statementId();
      const { statement } = parts.statements.get(id, principal);
      if (statement.ended) {
        throw validation(`Could not cancel a query that is already in ${statement.status} state with ID: ${id}`);
      }
      await parts.runner.cancel(statement);
      return { Status: true };
    },
    ListStatements: async ({ input, principal }) => {
      const prefix = input.text('StatementName', { most: 2048 }) ?? '';
      const status = input.oneOf('Status', STATUSES) ?? 'FINISHED';
      const { cluster, workgroup } = input.targets();
      const database = input.text('Database');
      const wholeRole = input.flag('RoleLevel', true);
      if (cluster !== undefined && workgroup !== undefined) {
        throw validation('Only one of ClusterIdentifier and WorkgroupName can be specified.');
      }
      const found = parts.statements
        .ofOwner(principal)
        .filter(
          ({ input: one, status: is }) =>
            (wholeRole || one.owner.userId === principal.userId) &&
            (one.name ?? '').startsWith(prefix) &&
            (status === 'ALL' || is === status) &&
            (cluster === undefined || one.place.cluster === cluster) &&
            (workgroup === undefined || one.place.workgroup === workgroup) &&
            (database === undefined || one.place.database === database),
        )
        .toReversed();
      const { items, next } = pageBySequence(input, found, 100);
      return { Statements: items.map(listed), NextToken: next };
    },
  };
}

function described(statement: Statement, part: StatementPart, now: number): object {
  const { place, session, parameters, format, mode, batch } = statement.input;
  return {
    ...partOf(part, now),
    ClusterIdentifier: place.cluster,
    WorkgroupName: place.workgroup,
    Database: place.database,
    DbUser: place.secretArn === undefined ? place.role : undefined,
    SecretArn: place.secretArn,
    RedshiftPid: statement.pid,
    RedshiftQueryId: statement.queryId,
    ResultFormat: format,
    SessionId: session?.id,
    QueryParameters: parameters.length > 0 ? parameters : undefined,
    ...(batch && part === statement
      ? {
          QueryString: undefined,
          ExecutionMode: mode,
          Duration: statement.parts.reduce((sum, one) => sum + Math.max(0, one.durationNs(now)), 0),
          ResultSize: statement.parts.reduce((sum, one) => sum + (one.result?.bytes ?? 0), 0),
          SubStatements: statement.parts.map((one) => partOf(one, now)),
        }
      : {}),
  };
}

function partOf(part: StatementPart, now: number): object {
  return {
    Id: part.id,
    Status: part.status,
    QueryString: part.sql,
    CreatedAt: seconds(part.createdAt),
    UpdatedAt: seconds(part.updatedAt),
    Duration: part.durationNs(now),
    Error: part.error,
    HasResultSet: part.hasResultSet,
    ResultRows: part.rows,
    ResultSize: part.result?.bytes ?? -1,
    RedshiftQueryId: -1,
  };
}

function listed(statement: Statement): object {
  const { batch, sqls, name, session, parameters, format, place } = statement.input;
  return {
    Id: statement.id,
    ...(batch ? { QueryStrings: sqls } : { QueryString: sqls[0] }),
    IsBatchStatement: batch,
    Status: statement.status,
    StatementName: name,
    SessionId: session?.id,
    SecretArn: place.secretArn,
    QueryParameters: parameters.length > 0 ? parameters : undefined,
    ResultFormat: format,
    CreatedAt: seconds(statement.createdAt),
    UpdatedAt: seconds(statement.updatedAt),
  };
}
