export { SlidingWindowStorage } from './sliding-window-storage.ts';
export type { SlidingWindowStorageOptions } from './sliding-window-storage.ts';
