export type { AuditLog, PruneRequest, Pruned } from './audit/audit-log.ts';
export { catalogFaults, catalogPlace, inspectCatalog, openCatalog } from './catalog-place.ts';
export type { CatalogFault, CatalogPlace, CatalogSurroundings } from './catalog-place.ts';
export type { DurableCatalog } from './durable-catalog.ts';
export type { PostgresCatalogOptions } from './postgres/options.ts';
export { createPostgresCatalog } from './postgres/postgres-catalog.ts';
export type { SqliteCatalogOptions } from './sqlite/options.ts';
export { createSqliteCatalog } from './sqlite/sqlite-catalog.ts';
