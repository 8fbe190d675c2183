export { ConfigError } from './config-error.ts';
export type { ConfigFault } from './config-error.ts';
export { configReference, describeConfig, secretsOf } from './describe-config.ts';
export { environment } from './environment.ts';
export { loadConfig } from './load-config.ts';
export type { Environment } from './load-config.ts';
export { folderFaults, portFaults } from './places.ts';
export { startOrExplain } from './start-or-explain.ts';
export type { ConfigCheck } from './start-or-explain.ts';
