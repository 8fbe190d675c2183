export { startClientProcess, type ClientOptions, type ClientProcess } from './client/client-process.ts';
export { startDynamo, type DynamoOptions, type DynamoServer } from './dynamodb/dynamo-server.ts';
export { testDynamo, type TestDynamo } from './dynamodb/test-dynamo.ts';
export { ServiceError, type Refusal, type ServiceErrorCode } from './errors.ts';
export { findFreePort } from './process/free-port.ts';
export { startFaultProxy, type FaultProxy, type FaultProxyOptions } from './fault-proxy.ts';
export { localMachine, type CommandResult, type Machine } from './machine.ts';
export { guardRole, type GuardedRole } from './postgres/guard-role.ts';
export { startPostgres, type PostgresOptions, type PostgresServer } from './postgres/postgres-server.ts';
export { testPostgres, type TestPostgres } from './postgres/test-postgres.ts';
export {
  buildProjects,
  runProgram,
  startService,
  type ListeningProgram,
  type RunningProgram,
  type ServiceProcess,
  type ServiceProgram,
} from './program/service-process.ts';
export { startRedis, type RedisOptions, type RedisServer } from './redis/redis-server.ts';
export { testRedis, type TestRedis } from './redis/test-redis.ts';
export { recordSpans, type RecordedSpans } from './spans/recorded-spans.ts';
