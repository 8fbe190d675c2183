export { inspectSqlite } from './inspect-sqlite.ts';
export type { SqliteStoreOptions } from './options.ts';
export { SqliteStore, createSqliteStore } from './sqlite-store.ts';
