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
  StatementStatus,
  Submitted,
  SubmitOptions,
  WireColumn,
  WireField,
} from './data-api.ts';
import { exactResponseOf } from './exact-response.ts';
import type { ConnectionMembers } from '../target.ts';

/** Above the 30 s of a long poll, with room for a slow answer. */
const REQUEST_TIMEOUT_MS = 40_000;

/**
 * A client as the pool needs it: one attempt per call (a retry inside the SDK would hide that a statement may have been
 * accepted), and sockets enough for many long polls (the SDK's own limit of 50 queues silently).
 */
export function createDataApiClient(config: RedshiftDataClientConfig = {}): RedshiftDataClient {
  const maxSockets = 500;
  return new RedshiftDataClient({
    requestHandler: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionTimeout: 3_000,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
    ...config,
    maxAttempts: 1,
  });
}

/** The Data API through the AWS SDK. The client stays its creator's to close. */
export class AwsDataApi implements DataApi {
  constructor(
    private readonly client: RedshiftDataClient,
    private readonly rate: CallRate,
  ) {}

  execute(sql: string, options: SubmitOptions): Promise<Submitted> {
    return this.call('ExecuteStatement', async () =>
      submitted(await this.client.send(new ExecuteStatementCommand({ Sql: sql, ...submitMembers(options) }))),
    );
  }

  executeBatch(
    sqls: readonly string[],
    options: SubmitOptions & { readonly executionMode: 'TRANSACTION' | 'AUTO_COMMIT' },
  ): Promise<Submitted> {
    return this.call('BatchExecuteStatement', async () =>
      submitted(
        await this.client.send(
          new BatchExecuteStatementCommand({
            Sqls: [...sqls],
            ...submitMembers(options),
            ExecutionMode: options.executionMode,
          }),
        ),
      ),
    );
  }

  describe(id: string, waitSeconds?: number, signal?: AbortSignal): Promise<StatementDescription> {
    return this.call('DescribeStatement', async () =>
      described(
        await this.client.send(
          new DescribeStatementCommand({ Id: id, ...(waitSeconds ? { WaitTimeSeconds: waitSeconds } : {}) }),
          signal === undefined ? {} : { abortSignal: signal },
        ),
      ),
    );
  }

  result(id: string, nextToken?: string): Promise<ResultPage> {
    return this.call('GetStatementResult', async () => {
      const command = new GetStatementResultCommand({ Id: id, ...(nextToken ? { NextToken: nextToken } : {}) });
      const page = (await exactResponseOf(this.client, command)) as {
        ColumnMetadata?: WireColumn[];
        Records?: WireField[][];
        TotalNumRows?: number;
        NextToken?: string;
      };
      return {
        columns: page.ColumnMetadata ?? [],
        records: page.Records ?? [],
        totalRows: page.TotalNumRows ?? page.Records?.length ?? 0,
        ...(page.NextToken ? { nextToken: page.NextToken } : {}),
      };
    });
  }

  cancel(id: string): Promise<void> {
    return this.call('CancelStatement', async () => {
      await this.client.send(new CancelStatementCommand({ Id: id }));
    });
  }

  async findStatements(namePrefix: string): Promise<readonly ListedStatement[]> {
    return this.paged('ListStatements', async (token) => {
      const page = await this.client.send(
        new ListStatementsCommand({ StatementName: namePrefix, Status: 'ALL', MaxResults: 100, ...token }),
      );
      return {
        next: page.NextToken,
        items: (page.Statements ?? []).map((statement) => ({
          id: statement.Id ?? '',
          status: (statement.Status ?? 'SUBMITTED') as StatementStatus,
          ...(statement.StatementName === undefined ? {} : { name: statement.StatementName }),
          ...(statement.SessionId === undefined ? {} : { sessionId: statement.SessionId }),
        })),
      };
    });
  }

  async findSession(sessionId: string): Promise<ListedSession | undefined> {
    try {
      const sessions = await this.call('ListSessions', () =>
        this.client.send(new ListSessionsCommand({ SessionId: sessionId })),
      );
      return sessions.Sessions?.map(listedSession).find((session) => session.sessionId === sessionId);
    } catch (error) {
      if (error instanceof DataApiError && error.failure === 'statement_unknown') return undefined;
      throw error;
    }
  }

  async listSessions(
    place: Pick<ConnectionMembers, 'ClusterIdentifier' | 'WorkgroupName'>,
  ): Promise<readonly ListedSession[]> {
    return this.paged('ListSessions', async (token) => {
      const page = await this.client.send(new ListSessionsCommand({ ...place, MaxResults: 100, ...token }));
      return { next: page.NextToken, items: (page.Sessions ?? []).map(listedSession) };
    });
  }

  private async paged<T>(
    operation: QuotaOperation,
    fetch: (token: { NextToken?: string }) => Promise<{ next: string | undefined; items: readonly T[] }>,
  ): Promise<T[]> {
    const all: T[] = [];
    const seen = new Set<string>();
    let token: string | undefined;
    do {
      const page = await this.call(operation, () => fetch(token ? { NextToken: token } : {}));
      all.push(...page.items);
      token = page.next;
      if (token && seen.has(token)) break;
      if (token) seen.add(token);
    } while (token);
    return all;
  }

  private async call<T>(operation: QuotaOperation, send: () => Promise<T>): Promise<T> {
    const turn = this.rate.take(operation);
    if (turn !== undefined) await turn;
    try {
      return await send();
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
    id: output.Id ?? '',
    ...(output.SessionId === undefined ? {} : { sessionId: output.SessionId }),
    ...(output.Status === undefined ? {} : { status: output.Status as StatementStatus }),
    ...(output.HasResultSet === undefined ? {} : { hasResultSet: output.HasResultSet }),
  };
}

function described(output: DescribeStatementCommandOutput): StatementDescription {
  return {
    id: output.Id ?? '',
    status: (output.Status ?? 'SUBMITTED') as StatementStatus,
    hasResultSet: output.HasResultSet ?? false,
    subStatements: (output.SubStatements ?? []).map((part) => ({
      id: part.Id ?? '',
      status: part.Status ?? 'SUBMITTED',
      hasResultSet: part.HasResultSet ?? false,
      ...(part.Error ? { error: part.Error } : {}),
      ...known('resultRows', part.ResultRows),
    })),
    ...(output.Error ? { error: output.Error } : {}),
    ...(output.SessionId ? { sessionId: output.SessionId } : {}),
    ...known('durationNs', output.Duration),
    ...known('resultRows', output.ResultRows),
    ...known('resultBytes', output.ResultSize),
    ...(output.CreatedAt ? { createdAt: output.CreatedAt.getTime() } : {}),
    ...(output.UpdatedAt ? { updatedAt: output.UpdatedAt.getTime() } : {}),
  };
}

/** The service writes -1 for a number that it does not know. */
function known<Name extends string>(name: Name, value: number | undefined): Partial<Record<Name, number>> {
  return value === undefined || value < 0 ? {} : ({ [name]: value } as Partial<Record<Name, number>>);
}

function listedSession(session: {
  SessionId?: string | undefined;
  Status?: string | undefined;
  CurrentStatementId?: string | undefined;
  CreatedAt?: Date | undefined;
}): ListedSession {
  return {
    sessionId: session.SessionId ?? '',
    status: (session.Status ?? 'CLOSED') as ListedSession['status'],
    ...(session.CurrentStatementId ? { currentStatementId: session.CurrentStatementId } : {}),
    ...(session.CreatedAt ? { createdAt: session.CreatedAt.getTime() } : {}),
  };
}
