import { ExecuteStatementCommand, GetStatementResultCommand } from '@aws-sdk/client-redshift-data';
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import type { WarehouseTarget } from '@mooring/redshift-sessions';

/** One open session, used with the SDK alone: what a statement costs when nothing keeps order. */
export class BareSession {
  private constructor(
    private readonly client: RedshiftDataClient,
    private readonly sessionId: string,
  ) {}

  static async open(client: RedshiftDataClient, target: WarehouseTarget): Promise<BareSession> {
    const opened = await client.send(
      new ExecuteStatementCommand({
        ClusterIdentifier: target.clusterIdentifier,
        Database: target.database,
        DbUser: target.dbUser,
        Sql: 'select 1',
        SessionKeepAliveSeconds: 3600,
        WaitTimeSeconds: 30,
      }),
    );
    if (opened.SessionId === undefined) throw new Error('the warehouse opened no session');
    return new BareSession(client, opened.SessionId);
  }

  /** @returns the rows' number */
  async run(sql: string): Promise<number> {
    const submitted = await this.client.send(
      new ExecuteStatementCommand({ SessionId: this.sessionId, Sql: sql, WaitTimeSeconds: 1 }),
    );
    if (submitted.Status !== 'FINISHED') throw new Error(`a statement did not finish in time: ${submitted.Status}`);
    const result = await this.client.send(new GetStatementResultCommand({ Id: submitted.Id }));
    return result.Records?.length ?? 0;
  }
}
