import { requireConnection, requireTableName } from '../options.ts';
import type { DynamoConnection } from '../options.ts';
import { connectionOf } from './connection.ts';
import { Requests } from './requests.ts';
import { isOurs } from './table-definition.ts';
import { describe, describeTimeToLive, nameOf } from './table-description.ts';
import type { TimeToLive } from './table-description.ts';

export interface InspectTableOptions extends DynamoConnection {
  readonly table: string;
}

/** `foreign`: it has other keys or indexes than this store needs. */
export type TableInspection =
  | { readonly table: 'missing' | 'creating' | 'foreign' }
  /** `unknown` to who may not see it (`dynamodb:DescribeTimeToLive`). */
  | { readonly table: 'ready'; readonly timeToLive: TimeToLive | 'unknown' };

/** Looks at the table and changes nothing. Rejects with a `StoreError`. */
export async function inspectTable(options: InspectTableOptions): Promise<TableInspection> {
  requireConnection(options);
  requireTableName(options.table);
  const { table, requestTimeoutMs = 10_000 } = options;
  const connection = connectionOf(options);
  const requests = new Requests(connection.client, requestTimeoutMs);
  try {
    const description = await describe(requests, 'inspect', table);
    if (description === undefined) return { table: 'missing' };
    if (!isOurs(description)) return { table: 'foreign' };
    if (description.TableStatus === 'CREATING') return { table: 'creating' };
    return { table: 'ready', timeToLive: await timeToLiveOf(requests, table) };
  } finally {
    connection.release();
  }
}

async function timeToLiveOf(requests: Requests, table: string): Promise<TimeToLive | 'unknown'> {
  try {
    return await describeTimeToLive(requests, 'inspect', table);
  } catch (error) {
    if (nameOf(error) === 'AccessDeniedException') return 'unknown';
    throw error;
  }
}
