export { DuckdbEngine, createDuckdbEngine } from './duckdb-engine.ts';
export type { DuckdbEngineStats } from './duckdb-engine.ts';
export { isAllowedFunction } from './functions/allowed-functions.ts';
export { isDeniedFunction } from './functions/denied-functions.ts';
export { DEFAULTS } from './options.ts';
export type { DuckdbEngineOptions } from './options.ts';
