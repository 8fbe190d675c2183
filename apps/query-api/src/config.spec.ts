import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@mooring/environment-config';
import { readConfig } from './config.ts';

const TOKENS = 'k3y-AbCdEfGhIjKlMnOp=acme/ann';
const ENV = { MOORING_API_TOKENS: TOKENS, MOORING_WAREHOUSE_CLUSTER: 'main' };

const DATABASE = 'postgres://db/mooring';

function faultsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ variable, problem }) => `${variable} ${problem}`);
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('needs little', () => {
    const { config } = readConfig(ENV);
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8000 });
    expect(config.store).toEqual({ backend: 'auto' });
    expect(config.pool).toMatchObject({ maxSessionsPerKey: 4, keepAliveSeconds: 600, overflow: 'wait' });
  });

  it('says all that is missing or wrong at once', () => {
    expect(faultsOf({ MOORING_PORT: 'x', MOORING_WAREHOUSE_WORKGRUOP: 'main' })).toEqual([
      'MOORING_WAREHOUSE_WORKGRUOP is not a variable of this service',
      expect.stringContaining('MOORING_PORT must be a whole number'),
    ]);
  });

  it.each([
    [
      'a process with nothing to run SQL on',
      { MOORING_WAREHOUSE_CLUSTER: '', NODE_ENV: 'production', MOORING_SESSION_STORE: 'memory' },
      'MOORING_DATA_DIR must be set in production',
    ],
    [
      "a warehouse's database without a warehouse",
      { MOORING_WAREHOUSE_CLUSTER: '', MOORING_WAREHOUSE_DATABASE: 'dev' },
      'MOORING_WAREHOUSE_DATABASE is of a warehouse',
    ],
    [
      "a warehouse's secret without a warehouse",
      { MOORING_WAREHOUSE_CLUSTER: '', MOORING_WAREHOUSE_SECRET_ARN: 'arn' },
      'MOORING_WAREHOUSE_SECRET_ARN is of a warehouse',
    ],
    [
      "a warehouse's user without a warehouse",
      { MOORING_WAREHOUSE_CLUSTER: '', MOORING_WAREHOUSE_DB_USER: 'u' },
      'MOORING_WAREHOUSE_DB_USER is of a warehouse',
    ],
    [
      'a token with a database user without a warehouse',
      { MOORING_WAREHOUSE_CLUSTER: '', MOORING_API_TOKENS: `${TOKENS}/reader` },
      'MOORING_API_TOKENS names database users',
    ],
    ['two warehouses', { MOORING_WAREHOUSE_WORKGROUP: 'wg' }, 'MOORING_WAREHOUSE_WORKGROUP'],
    [
      'a database user and a secret',
      { MOORING_WAREHOUSE_SECRET_ARN: 'arn', MOORING_WAREHOUSE_DB_USER: 'u' },
      'MOORING_WAREHOUSE_DB_USER',
    ],
    [
      'a token with a database user and a secret',
      { MOORING_WAREHOUSE_SECRET_ARN: 'arn', MOORING_API_TOKENS: `${TOKENS}/reader` },
      'MOORING_API_TOKENS',
    ],
    [
      'a database user of two tenants',
      { MOORING_API_TOKENS: `${TOKENS}/reader,other-token-123456=globex/bob/reader` },
      'MOORING_API_TOKENS',
    ],
    [
      "a token with another tenant's default database user",
      { MOORING_API_TOKENS: `${TOKENS},other-token-123456=globex/bob/tenant_acme` },
      'MOORING_API_TOKENS',
    ],
    [
      'database users that only differ in case',
      { MOORING_API_TOKENS: `${TOKENS},other-token-123456=Acme/bob` },
      'MOORING_API_TOKENS',
    ],
    ['PostgreSQL without its URL', { MOORING_SESSION_STORE: 'postgres' }, 'DATABASE_URL'],
    ['a store that there is not', { MOORING_SESSION_STORE: 'mongo' }, 'MOORING_SESSION_STORE'],
    ['Redis without its URL', { MOORING_SESSION_STORE: 'redis' }, 'REDIS_URL'],
    [
      'a default above the maximum',
      { MOORING_QUERY_TIMEOUT_SECONDS: '9', MOORING_QUERY_MAX_TIMEOUT_SECONDS: '8' },
      'MOORING_QUERY_TIMEOUT_SECONDS',
    ],
    ['data in a folder that moves with the process', { MOORING_DATA_DIR: 'data' }, 'MOORING_DATA_DIR'],
    [
      'Parquet files without an engine',
      { NODE_ENV: 'production', MOORING_PARQUET_DIR: '/parquet' },
      'MOORING_PARQUET_DIR',
    ],
    [
      'a keep-alive that no session has',
      { MOORING_POOL_KEEP_ALIVE_SECONDS: '86401' },
      'MOORING_POOL_KEEP_ALIVE_SECONDS must be a whole number from 1 to 86400',
    ],
    ['too little memory', { MOORING_EMBEDDED_MEMORY_MB: '8' }, 'MOORING_EMBEDDED_MEMORY_MB'],
  ])('refuses %s', (_, change, variable) => {
    expect(faultsOf({ ...ENV, ...change })).toEqual([expect.stringContaining(variable)]);
  });

  it('takes a process without a warehouse that has embedded data', () => {
    const without = { MOORING_API_TOKENS: TOKENS };
    expect(readConfig(without).config).toMatchObject({ warehouse: undefined, embedded: { dataFolder: null } });
    expect(faultsOf({ ...without, NODE_ENV: 'production', MOORING_DATA_DIR: '/data', DATABASE_URL: DATABASE })).toEqual(
      [],
    );
    expect(readConfig(ENV).config.warehouse).toMatchObject({ cluster: 'main', database: 'dev' });
  });

  it('has embedded databases in memory, but in production only where they are kept', () => {
    expect(readConfig(ENV).config.embedded).toMatchObject({ dataFolder: null, memoryMb: 256, threads: 1, maxOpen: 64 });
    const production = { ...ENV, NODE_ENV: 'production' };
    expect(readConfig(production).config.embedded).toBeUndefined();
    const kept = readConfig({ ...production, MOORING_DATA_DIR: '/data' }).config.embedded;
    expect(kept).toMatchObject({ dataFolder: '/data' });
  });

  it('knows what no log may hold', () => {
    const { secrets } = readConfig({ ...ENV, DATABASE_URL: 'postgres://ann:hunter22@db/x' });
    expect(secrets).toEqual(expect.arrayContaining(['k3y-AbCdEfGhIjKlMnOp', 'hunter22']));
  });
});
