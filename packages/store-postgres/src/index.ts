export { entities } from './entities/index.ts';
export { migrations } from './migrations/index.ts';
export type { ConnectionUsage, PgClient, PgPool, PgQuery, PostgresStoreOptions } from './options.ts';
export { PostgresStore, createPostgresStore } from './postgres-store.ts';
