export type { CatalogKey, CatalogStore } from './catalog/catalog-store.ts';
export type {
  AccessLevel,
  CatalogRecord,
  Grant,
  NamespaceRecord,
  Privilege,
  ReadName,
  RecordState,
  StorageRecord,
  StorageType,
  TableRecord,
} from './catalog/records.ts';
export type { Principal } from './context/principal.ts';
export { ROLES, isAtLeast } from './context/role.ts';
export type { Role } from './context/role.ts';
export { EngineError } from './errors.ts';
export type { EngineErrorCode, EngineErrorDetails } from './errors.ts';
export type { EngineConnection, EnginePlace, EngineRequest, EngineResult, QueryEngine } from './query-engine.ts';
export { SQL_LIMITS } from './sql/limits.ts';
export { parseBatch } from './sql/parse-batch.ts';
export type {
  DataStatement,
  OwnStatement,
  References,
  RelationName,
  SecretText,
  Statement,
  StatementKind,
  TableStatement,
} from './sql/statement.ts';
export type { Column, Row, RowBatch, Value } from './values.ts';
