export { FailoverStore, createFailoverStore } from './failover-store.ts';
export type { FailoverEvent, FailoverObserver, FailoverState } from './observer.ts';
export type { FailoverStoreOptions } from './options.ts';
export type { Timer } from './timer.ts';
