export type { AuditEvent, AuditSink } from './audit/audit-sink.ts';
export { MemoryAuditLog } from './audit/memory-audit-log.ts';
export type { MemoryAuditLogOptions } from './audit/memory-audit-log.ts';
export type { CatalogKey, CatalogStore } from './catalog/catalog-store.ts';
export type { DefaultStorage } from './catalog/catalog.ts';
export { MemoryCatalogStore } from './catalog/memory-catalog-store.ts';
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
export { Cancellation } from './context/cancellation.ts';
export type { CancelSignal } from './context/cancellation.ts';
export { EngineContext } from './context/engine-context.ts';
export type { EngineContextParts } from './context/engine-context.ts';
export { ExecutionContext } from './context/execution-context.ts';
export type { RequestDetails } from './context/execution-context.ts';
export { DEFAULTS } from './context/options.ts';
export type { EngineOptions } from './context/options.ts';
export type { Principal } from './context/principal.ts';
export { ROLES, isAtLeast } from './context/role.ts';
export type { Role } from './context/role.ts';
export type { RunningQuery } from './context/running-queries.ts';
export { EngineError } from './errors.ts';
export type { EngineErrorCode, EngineErrorDetails } from './errors.ts';
export { doneOutcome, rowsOutcome } from './executor/outcome.ts';
export type { Outcome } from './executor/outcome.ts';
export { SqlExecutor } from './executor/sql-executor.ts';
export type {
  BatchFailure,
  BatchResult,
  RunOptions,
  SqlParser,
  StatementReport,
  StatementResult,
  StatementStream,
} from './executor/sql-executor.ts';
export type { SqlSession } from './executor/sql-session.ts';
export type { StatementHandler, StatementOf, StatementRun } from './executor/statement-handler.ts';
export type { StatementObserver, StatementWatch } from './executor/statement-observer.ts';
export type { StatementMetadata } from './executor/statement-runner.ts';
export type { EngineConnection, EnginePlace, EngineRequest, EngineResult, QueryEngine } from './query-engine.ts';
export { SQL_LIMITS } from './sql/limits.ts';
export { parseBatch } from './sql/parse-batch.ts';
export { ParsedTexts } from './sql/parsed-texts.ts';
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
export type { SourceRow, SystemSource, SystemSources } from './system/system-sources.ts';
export type { SystemTable } from './system/system-table.ts';
export type { NewUser, User, UserChange, UserDirectory } from './users/user-directory.ts';
export type { Column, PackedColumn, Row, RowBatch, Value } from './values.ts';
