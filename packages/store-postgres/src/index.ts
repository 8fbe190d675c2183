export { entities } from './entities/index.ts';
export { migrations } from './migrations/index.ts';
export type { PgClient, PgPool, PgQuery } from './open-pool.ts';
export type { ConnectionUsage, PostgresStoreOptions } from './options.ts';
export { PostgresStore, createPostgresStore } from './postgres-store.ts';
