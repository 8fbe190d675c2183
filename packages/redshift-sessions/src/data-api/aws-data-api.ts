import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListSessionsCommand,
  ListStatementsCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type {
  DescribeStatementCommandOutput,
  ExecuteStatementCommandInput,
  RedshiftDataClientConfig,
} from '@aws-sdk/client-redshift-data';
import type { CallRate, QuotaOperation } from './call-rate.ts';
import { DataApiError, classifyDataApiError } from './data-api-error.ts';
import type {
  DataApi,
  ListedSession,
  ListedStatement,
  ResultPage,
  StatementDescription,
  Submitted,
  SubmitOptions,
  WireColumn,
  WireField,
} from './data-api.ts';
import { flagOf, idOf, numberMember, statusOf, textMember } from './answered.ts';
import { exactResponseOf } from './exact-response.ts';
import { limitedCall } from './limited-call.ts';
import type { ConnectionMembers } from '../target.ts';

/** Above the 30 s of a long poll, with room for a slow answer. */
const LONGEST_CALL_MS = 40_000;
/** Of a list: 10,000 statements of one name, or sessions, of which a target has 500. */
const MOST_PAGES = 100;

/**
 * A client as the pool needs it: one attempt per call (a retry inside the SDK would hide that a statement may have been
 * accepted), and sockets enough for many long polls (the SDK's own limit of 50 queues silently).
 */
export function createDataApiClient(config: RedshiftDataClientConfig = {}): RedshiftDataClient {
  const maxSockets = 500;
  return new RedshiftDataClient({
    requestHandler: {
      connectionTimeout: 3_000,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
    ...config,
    maxAttempts: 1,
  });
}

interface CallLimit {
  readonly abortSignal: AbortSignal;
}

/** The Data API through the AWS SDK. The client stays its creator's to close. */
export class AwsDataApi implements DataApi {
  constructor(
    private readonly client: RedshiftDataClient,
    private readonly rate: CallRate,
    /** Real milliseconds after which a call counts as one that has no answer. */
    private readonly longestCallMs = LONGEST_CALL_MS,
  ) {}

  execute(sql: string, options: SubmitOptions): Promise<Submitted> {
    const command = new ExecuteStatementCommand({ Sql: sql, ...submitMembers(options) });
    return this.call('ExecuteStatement', async (limit) => submitted(await this.client.send(command, limit)));
  }

  executeBatch(
    sqls: readonly string[],
    options: SubmitOptions & { readonly executionMode: 'TRANSACTION' | 'AUTO_COMMIT' },
  ): Promise<Submitted> {
    const members = { Sqls: [...sqls], ...submitMembers(options), ExecutionMode: options.executionMode };
    const command = new BatchExecuteStatementCommand(members);
    return this.call('BatchExecuteStatement', async (limit) => submitted(await this.client.send(command, limit)));
  }

  describe(id: string, waitSeconds?: number, signal?: AbortSignal): Promise<StatementDescription> {
    const command = new DescribeStatementCommand({ Id: id, ...(waitSeconds ? { WaitTimeSeconds: waitSeconds } : {}) });
    return this.call('DescribeStatement', async (limit) => described(await this.client.send(command, limit)), signal);
  }

  result(id: string, nextToken?: string): Promise<ResultPage> {
    return this.call('GetStatementResult', async (limit) => {
      const command = new GetStatementResultCommand({ Id: id, ...(nextToken ? { NextToken: nextToken } : {}) });
      const page = (await exactResponseOf(this.client, command, limit)) as {
        ColumnMetadata?: WireColumn[];
        Records?: WireField[][];
        TotalNumRows?: number;
        NextToken?: string;
      };
      return {
        columns: page.ColumnMetadata ?? [],
        records: page.Records ?? [],
        totalRows: page.Records?.length ?? 0,
        ...numberMember('totalRows', page.TotalNumRows),
        ...textMember('nextToken', page.NextToken),
      };
    });
  }

  cancel(id: string): Promise<void> {
    return this.call('CancelStatement', async (limit) => {
      await this.client.send(new CancelStatementCommand({ Id: id }), limit);
    });
  }

  async findStatements(namePrefix: string): Promise<readonly ListedStatement[]> {
    return this.paged('ListStatements', async (token, limit) => {
      const page = await this.client.send(
        new ListStatementsCommand({ StatementName: namePrefix, Status: 'ALL', MaxResults: 100, ...token }),
        limit,
      );
      return {
        next: page.NextToken,
        items: (page.Statements ?? []).map((statement) => ({
          id: idOf(statement.Id),
          status: statusOf(statement.Status),
          ...textMember('name', statement.StatementName),
          ...textMember('sessionId', statement.SessionId),
        })),
      };
    });
  }

  async findSession(sessionId: string): Promise<ListedSession | undefined> {
    try {
      const listed = await this.call('ListSessions', async (limit) => {
        const { Sessions = [] } = await this.client.send(new ListSessionsCommand({ SessionId: sessionId }), limit);
        return Sessions.map(listedSession);
      });
      return listed.find((session) => session.sessionId === sessionId);
    } catch (error) {
      if (error instanceof DataApiError && error.failure === 'statement_unknown') return undefined;
      throw error;
    }
  }

  async listSessions(
    place: Pick<ConnectionMembers, 'ClusterIdentifier' | 'WorkgroupName'>,
  ): Promise<readonly ListedSession[]> {
    return this.paged('ListSessions', async (token, limit) => {
      const page = await this.client.send(new ListSessionsCommand({ ...place, MaxResults: 100, ...token }), limit);
      return { next: page.NextToken, items: (page.Sessions ?? []).map(listedSession) };
    });
  }

  private async paged<T>(
    operation: QuotaOperation,
    fetch: (
      token: { NextToken?: string },
      limit: CallLimit,
    ) => Promise<{ next: string | undefined; items: readonly T[] }>,
  ): Promise<T[]> {
    const all: T[] = [];
    const seen = new Set<string>();
    let token: string | undefined;
    do {
      if (seen.size >= MOST_PAGES) throw new DataApiError('unknown_outcome', `${operation} has pages without an end.`);
      const page = await this.call(operation, (limit) => fetch(token ? { NextToken: token } : {}, limit));
      all.push(...page.items);
      token = page.next;
      if (token && seen.has(token)) break;
      if (token) seen.add(token);
    } while (token);
    return all;
  }

  private async call<T>(
    operation: QuotaOperation,
    send: (limit: CallLimit) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const turn = this.rate.take(operation);
    if (turn !== undefined) await turn;
    try {
      return await limitedCall(this.longestCallMs, (abortSignal) => send({ abortSignal }), signal);
    } catch (error) {
      const failure = classifyDataApiError(error);
      if (failure.failure === 'throttled') this.rate.throttled(operation);
      throw failure;
    }
  }
}

function submitMembers(options: SubmitOptions): Omit<ExecuteStatementCommandInput, 'Sql'> {
  return {
    ...options.place,
    StatementName: options.statementName,
    ClientToken: options.clientToken,
    ...(options.keepAliveSeconds === undefined ? {} : { SessionKeepAliveSeconds: options.keepAliveSeconds }),
    ...(options.waitSeconds === undefined ? {} : { WaitTimeSeconds: options.waitSeconds }),
    ...(options.parameters?.length ? { Parameters: [...options.parameters] } : {}),
  };
}

function submitted(output: {
  Id?: string | undefined;
  SessionId?: string | undefined;
  Status?: string | undefined;
  HasResultSet?: boolean | undefined;
}): Submitted {
  return {
    id: idOf(output.Id),
    ...textMember('sessionId', output.SessionId),
    ...(output.Status === undefined ? {} : { status: statusOf(output.Status) }),
    ...(output.HasResultSet === undefined ? {} : { hasResultSet: flagOf(output.HasResultSet) }),
  };
}

function described(output: DescribeStatementCommandOutput): StatementDescription {
  return {
    id: idOf(output.Id),
    status: statusOf(output.Status),
    hasResultSet: flagOf(output.HasResultSet),
    subStatements: (output.SubStatements ?? []).map((part) => ({
      id: idOf(part.Id),
      status: statusOf(part.Status),
      hasResultSet: flagOf(part.HasResultSet),
      ...textMember('error', part.Error),
      ...numberMember('resultRows', part.ResultRows),
    })),
    ...textMember('error', output.Error),
    ...textMember('sessionId', output.SessionId),
    ...numberMember('durationNs', output.Duration),
    ...numberMember('resultRows', output.ResultRows),
    ...numberMember('resultBytes', output.ResultSize),
    ...numberMember('createdAt', output.CreatedAt?.getTime()),
    ...numberMember('updatedAt', output.UpdatedAt?.getTime()),
  };
}

function listedSession(session: {
  SessionId?: string | undefined;
  Status?: string | undefined;
  CurrentStatementId?: string | undefined;
  CreatedAt?: Date | undefined;
}): ListedSession {
  return {
    sessionId: idOf(session.SessionId),
    status: (session.Status ?? 'CLOSED') as ListedSession['status'],
    ...textMember('currentStatementId', session.CurrentStatementId),
    ...numberMember('createdAt', session.CreatedAt?.getTime()),
  };
}
