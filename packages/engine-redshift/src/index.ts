export { isAllowedFunction } from './functions.ts';
export type { RedshiftEngineOptions, StorageForm } from './options.ts';
export { RedshiftEngine, createRedshiftEngine } from './redshift-engine.ts';
export type { RedshiftEngineStats } from './redshift-engine.ts';
