export type { RedisClient, RedisNode, RedisStoreOptions } from './options.ts';
export { RedisStore, createRedisStore } from './redis-store.ts';
