export { MemoryStore, createMemoryStore } from './memory-store.ts';
export type { MemoryUsage } from './memory-store.ts';
export type { MemoryStoreOptions } from './options.ts';
