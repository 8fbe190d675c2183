export { StoreSelectionError } from './errors.ts';
export { explainStoreError } from './explain-store-error.ts';
export type { StoreTrouble } from './explain-store-error.ts';
export { inspectStore } from './inspect-store.ts';
export type { StoreInspection } from './inspect-store.ts';
export type { StoreObserver } from './observed-store.ts';
export { openStore } from './open-store.ts';
export type { OpenedStore, StoreLog } from './open-store.ts';
export { BACKENDS, selectBackend } from './options.ts';
export type {
  BackendName,
  RedisNode,
  RedisPlace,
  SelectedBackend,
  SessionStoreOptions,
  StoreChoice,
} from './options.ts';
export { serverPlace } from './server-place.ts';
export type { ServerPlace } from './server-place.ts';
export { SessionStoreModule, storeHealthToken, storeToken } from './session-store-module.ts';
export type { SessionStoreExtras } from './session-store-module.ts';
export { storeFaults, storeOptionsOf, storeVariables } from './store-environment.ts';
export type { StoreFault, StoreVariables } from './store-environment.ts';
export { STORE_ERRORS } from './store-errors.ts';
export { storePlaceFaults } from './store-place-faults.ts';
export { SessionStoreHealth } from './store-health.ts';
export type { StoreHealthReport } from './store-health.ts';
export { storeMetrics } from './store-metrics.ts';
export type { MetricsRegistry, Traced } from './store-metrics.ts';
