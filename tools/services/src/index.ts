export { ServiceError, type Refusal, type ServiceErrorCode } from './errors.ts';
export { localMachine, type CommandResult, type Machine } from './machine.ts';
export { startPostgres, type PostgresOptions, type PostgresServer } from './postgres/postgres-server.ts';
export { testPostgres, type TestPostgres } from './postgres/test-postgres.ts';
