import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type {
  DescribeStatementCommandOutput,
  ExecuteStatementCommandInput,
  GetStatementResultCommandOutput,
} from '@aws-sdk/client-redshift-data';
import { testPostgres } from '@mooring/services';
import type { RedshiftDataLocalOptions } from './options.ts';
import { startRedshiftDataLocal } from './redshift-data-local.ts';
import type { RedshiftDataLocal } from './redshift-data-local.ts';

/** A server on a database of its own, and the unmodified SDK pointed at it. */
export interface Local {
  readonly server: RedshiftDataLocal;
  readonly client: RedshiftDataClient;
  readonly postgresUrl: string;
  readonly database: string;
  /** Where statements run, unless a session is named. */
  readonly place: { readonly ClusterIdentifier: string; readonly Database: string; readonly DbUser: string };
  clientOf(accessKeyId: string): RedshiftDataClient;
  /** Submits, waits for the end and describes. */
  run(sql: string, more?: Partial<ExecuteStatementCommandInput>): Promise<DescribeStatementCommandOutput>;
  rows(sql: string, more?: Partial<ExecuteStatementCommandInput>): Promise<unknown[][]>;
  result(sql: string): Promise<GetStatementResultCommandOutput>;
  stop(): Promise<void>;
}

export async function openLocal(options: Partial<RedshiftDataLocalOptions> = {}): Promise<Local> {
  const postgres = await testPostgres();
  const postgresUrl = await postgres.createDatabase();
  const server = await startRedshiftDataLocal({ postgresUrl, ...options });
  const clients: RedshiftDataClient[] = [];
  const clientOf = (accessKeyId: string): RedshiftDataClient => {
    const made = new RedshiftDataClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey: 'secret' },
      maxAttempts: 1,
    });
    clients.push(made);
    return made;
  };
  const client = clientOf('tester');
  const database = new URL(postgresUrl).pathname.slice(1);
  const place = { ClusterIdentifier: 'main', Database: database, DbUser: 'ann' };
  const run: Local['run'] = async (Sql, more = {}) => {
    const where = more.SessionId === undefined && more.WorkgroupName === undefined ? place : {};
    const { Id } = await client.send(new ExecuteStatementCommand({ ...where, Sql, WaitTimeSeconds: 30, ...more }));
    return client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
  };
  const resultOf = async (sql: string, more?: Partial<ExecuteStatementCommandInput>) => {
    const { Id, Status, Error: said } = await run(sql, more);
    if (Status !== 'FINISHED') throw new Error(`${Status}: ${said}`);
    return client.send(new GetStatementResultCommand({ Id }));
  };
  return {
    server,
    client,
    postgresUrl,
    database,
    place,
    clientOf,
    run,
    result: (sql) => resultOf(sql),
    async rows(sql, more) {
      const { Records = [] } = await resultOf(sql, more);
      return Records.map((row) => row.map((field) => ('isNull' in field ? null : Object.values(field)[0])));
    },
    async stop() {
      for (const one of clients) one.destroy();
      await server.close();
      await postgres.stop();
    },
  };
}

/** Looks again and again until something is so; the runner's time limit ends a vain wait. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}
