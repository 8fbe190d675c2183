export { openPool } from './open-pool.ts';
export type { PgClient, PgPool, PgQuery, PoolSettings } from './open-pool.ts';
