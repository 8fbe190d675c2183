import { StoreError } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import type { SchemaVersion } from '@mooring/session-store/adapter';
import type { TableInspection } from '@mooring/store-dynamodb';
import type { PostgresInspection } from '@mooring/store-postgres';
import type { RedisServerInspection } from '@mooring/store-redis';
import { selectBackend } from './options.ts';
import type { SessionStoreOptions, StoreChoice } from './options.ts';

/** What is behind a store, as it is: a part that can't be looked at has its failure. */
export interface StoreInspection {
  readonly choice: StoreChoice;
  /** Said of a choice to think about. */
  readonly warning?: string;
  readonly database?: PostgresInspection | StoreError;
  /** The server, or the masters of a cluster. */
  readonly redis?: readonly RedisServerInspection[] | StoreError;
  /** Of a file. */
  readonly schema?: SchemaVersion | StoreError;
  /** Of DynamoDB. */
  readonly table?: TableInspection | StoreError;
}

/**
 * Looks at what is behind the store that the options ask for, and changes nothing.
 *
 * @throws StoreSelectionError
 */
export async function inspectStore(
  options: Omit<SessionStoreOptions, 'namespace'>,
  clock?: Pick<Clock, 'now'>,
): Promise<StoreInspection> {
  const { name: choice, warning } = selectBackend(options);
  const [database, redis, schema, table] = await Promise.all([
    choice === 'postgres' || choice === 'failover' ? inspected(databaseOf(options, clock)) : undefined,
    choice === 'redis' || choice === 'failover' ? inspected(redisOf(options, clock)) : undefined,
    choice === 'sqlite' ? inspected(schemaOf(options)) : undefined,
    choice === 'dynamodb' ? inspected(tableOf(options)) : undefined,
  ]);
  return {
    choice,
    ...(warning === undefined ? {} : { warning }),
    ...(database === undefined ? {} : { database }),
    ...(redis === undefined ? {} : { redis }),
    ...(schema === undefined ? {} : { schema }),
    ...(table === undefined ? {} : { table }),
  };
}

type Options = Omit<SessionStoreOptions, 'namespace'>;

async function databaseOf({ database }: Options, clock?: Pick<Clock, 'now'>): Promise<PostgresInspection> {
  const { inspectPostgres } = await import('@mooring/store-postgres');
  return inspectPostgres({ url: database?.url ?? '', ...(clock === undefined ? {} : { clock }) });
}

async function redisOf({ redis }: Options, clock?: Pick<Clock, 'now'>): Promise<readonly RedisServerInspection[]> {
  const { inspectRedis } = await import('@mooring/store-redis');
  return inspectRedis({ ...redis, ...(clock === undefined ? {} : { clock }) });
}

async function schemaOf({ sqlite }: Options): Promise<SchemaVersion> {
  const { inspectSqlite } = await import('@mooring/store-sqlite');
  return inspectSqlite({ file: sqlite?.file ?? '' });
}

async function tableOf({ dynamodb }: Options): Promise<TableInspection> {
  const { inspectTable } = await import('@mooring/store-dynamodb');
  return inspectTable({ table: '', ...dynamodb });
}

async function inspected<T>(inspection: Promise<T>): Promise<T | StoreError> {
  try {
    return await inspection;
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
}
