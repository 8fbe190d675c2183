export { isAllowedFunction } from './functions.ts';
export type { RedshiftEngineOptions, StorageForm } from './options.ts';
export { RedshiftEngine, createRedshiftEngine } from './redshift-engine.ts';
export type { NamespaceSessions, RedshiftEngineStats } from './redshift-engine.ts';
