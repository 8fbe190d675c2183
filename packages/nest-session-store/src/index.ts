export { StoreSelectionError } from './errors.ts';
export { BACKENDS, selectBackend } from './options.ts';
export type { BackendName, SelectedBackend, SessionStoreOptions } from './options.ts';
export { SessionStoreModule, storeHealthToken, storeToken } from './session-store-module.ts';
export type { SessionStoreExtras } from './session-store-module.ts';
export { SessionStoreHealth } from './store-health.ts';
export type { StoreHealthReport } from './store-health.ts';
