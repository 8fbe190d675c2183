export { entities } from './entities/index.ts';
export { inspectPostgres } from './inspect-postgres.ts';
export type { PostgresInspection, PostgresInspectionOptions } from './inspect-postgres.ts';
export { migrations } from './migrations/index.ts';
export type { PgClient, PgPool, PgQuery } from './open-pool.ts';
export type { ConnectionUsage, PostgresStoreOptions } from './options.ts';
export { PostgresStore, createPostgresStore } from './postgres-store.ts';
