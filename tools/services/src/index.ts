export { startClientProcess, type ClientOptions, type ClientProcess } from './client/client-process.ts';
export { ServiceError, type Refusal, type ServiceErrorCode } from './errors.ts';
export { startFaultProxy, type FaultProxy, type FaultProxyOptions } from './fault-proxy.ts';
export { localMachine, type CommandResult, type Machine } from './machine.ts';
export { startPostgres, type PostgresOptions, type PostgresServer } from './postgres/postgres-server.ts';
export { testPostgres, type TestPostgres } from './postgres/test-postgres.ts';
export { startRedis, type RedisOptions, type RedisServer } from './redis/redis-server.ts';
export { testRedis, type TestRedis } from './redis/test-redis.ts';
