export type { RedisCopiesOptions } from './copies/redis-copies.ts';
export { RedisCopies, createRedisCopies } from './copies/redis-copies.ts';
export { inspectRedis } from './inspect-redis.ts';
export type { RedisInspectionOptions, RedisServerInspection } from './inspect-redis.ts';
export type { RedisClient, RedisNode, RedisStoreOptions } from './options.ts';
export { RedisStore, createRedisStore } from './redis-store.ts';
