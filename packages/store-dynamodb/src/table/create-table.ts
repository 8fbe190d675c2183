import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import type {
  CreateTableCommandOutput,
  TableDescription,
  UpdateTimeToLiveCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { StoreError } from '@mooring/session-store';
import { BACKEND, misconfigured } from '../errors.ts';
import { requireConnection, requireTableName } from '../options.ts';
import type { DynamoConnection } from '../options.ts';
import { connectionOf } from './connection.ts';
import { Requests } from './requests.ts';
import { describe, describeTimeToLive, nameOf } from './table-description.ts';
import { TIME_TO_LIVE, isOurs, tableDefinition } from './table-definition.ts';
import type { TableOptions } from './table-definition.ts';

export interface CreateTableOptions extends TableOptions, DynamoConnection {
  /** The longest wait for the table to become active. Default 120,000. */
  readonly waitMs?: number;
}

export interface CreatedTable {
  readonly table: string;
  /** False when it was there already, as it should be. */
  readonly created: boolean;
  /** `unsupported` by emulators that collect nothing. */
  readonly timeToLive: 'enabled' | 'already' | 'unsupported';
}

const OPERATION = 'createTable';
const POLL_MS = 200;

/**
 * Makes the table and enables its time to live, or sees to it that a table of this name is one of this store. Safe to
 * repeat, and to run several times at once. Rejects with a `StoreError`.
 */
export async function createTable(options: CreateTableOptions): Promise<CreatedTable> {
  requireConnection(options);
  requireTableName(options.table);
  const { table, requestTimeoutMs = 10_000, waitMs = 120_000 } = options;
  const connection = connectionOf(options);
  const requests = new Requests(connection.client, requestTimeoutMs);
  try {
    const before = await describe(requests, OPERATION, table);
    const created = before === undefined && (await create(requests, options));
    await untilActive(requests, table, waitMs);
    return { table, created, timeToLive: await enableTimeToLive(requests, table) };
  } finally {
    connection.release();
  }
}

/** Refuses a table that is missing, or none of this store. */
export async function verifyTable(requests: Requests, table: string): Promise<void> {
  const description = await describe(requests, 'create', table);
  if (description === undefined) {
    throw misconfigured(
      'there is no such table; make it with `mooring-store-dynamodb create-table`, or check table and region',
    );
  }
  requireOurs(description, 'create');
  if (description.TableStatus === 'CREATING') {
    throw new StoreError({
      code: 'unavailable',
      message: 'the table is being created',
      backend: BACKEND,
      operation: 'create',
    });
  }
}

function requireOurs(description: TableDescription, operation: string): void {
  if (isOurs(description)) return;
  throw misconfigured(
    'the table has other keys or indexes than this store needs; give it one of its own, made by `mooring-store-dynamodb create-table`',
    operation,
  );
}

/** Answers whether it was made here, and not by somebody else at the same time. */
async function create(requests: Requests, options: TableOptions): Promise<boolean> {
  try {
    const command = () => new CreateTableCommand(tableDefinition(options));
    await requests.send<CreateTableCommandOutput>(OPERATION, command, 'safe');
    return true;
  } catch (error) {
    if (nameOf(error) === 'ResourceInUseException') return false;
    throw error;
  }
}

async function untilActive(requests: Requests, table: string, waitMs: number): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    const description = await describe(requests, OPERATION, table);
    if (description !== undefined) {
      requireOurs(description, OPERATION);
      const indexes = description.GlobalSecondaryIndexes ?? [];
      const isActive = indexes.every(({ IndexStatus }) => IndexStatus === 'ACTIVE' || IndexStatus === 'UPDATING');
      if (isActive && (description.TableStatus === 'ACTIVE' || description.TableStatus === 'UPDATING')) return;
    }
    if (performance.now() > until) {
      throw new StoreError({
        code: 'timeout',
        message: `the table is not active after ${waitMs} ms; run it again`,
        backend: BACKEND,
        operation: OPERATION,
      });
    }
    await sleep(POLL_MS);
  }
}

async function enableTimeToLive(requests: Requests, table: string): Promise<CreatedTable['timeToLive']> {
  const timeToLive = await describeTimeToLive(requests, OPERATION, table);
  if (timeToLive === 'enabled') return 'already';
  if (timeToLive === 'elsewhere') {
    throw misconfigured(`the table's time to live is on another attribute than ${TIME_TO_LIVE}`, OPERATION);
  }
  try {
    const specification = { AttributeName: TIME_TO_LIVE, Enabled: true };
    const command = () => new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: specification });
    await requests.send<UpdateTimeToLiveCommandOutput>(OPERATION, command, 'safe');
    return 'enabled';
  } catch (error) {
    if (nameOf(error) === 'UnknownOperationException') return 'unsupported';
    throw error;
  }
}
