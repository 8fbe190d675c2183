export { KeyvStore } from './keyv-store.ts';
export type { KeyvEntry, KeyvStoreOptions } from './keyv-store.ts';
