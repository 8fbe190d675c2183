export { LocalError } from './errors.ts';
export { Faults } from './faults.ts';
export type { FaultSettings, PerOperation } from './faults.ts';
export { OPERATION_NAMES, PUBLISHED_RATES } from './operation-names.ts';
export type { OperationName } from './operation-names.ts';
export { DEFAULT_LIMITS } from './options.ts';
export type { Limits, RedshiftDataLocalOptions } from './options.ts';
export { startRedshiftDataLocal } from './redshift-data-local.ts';
export type { LocalStats, RedshiftDataLocal } from './redshift-data-local.ts';
