import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@mooring/environment-config';
import { readConfig } from './config.ts';

const ENV = { DATABASE_URL: 'postgres://ann:hunter22@db/x' };

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
  it('needs a store and nothing else', () => {
    const { config, secrets } = readConfig(ENV);
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8002 });
    expect(config.store).toMatchObject({ backend: 'auto', database: { poolSize: 3 } });
    expect(config.sweep).toMatchObject({
      namespaces: ['auth', 'queries', 'pool', 'tasks'],
      schedule: '0 * * * *',
      options: { batchSize: 1000, budgetMs: 300_000, leaseTtlMs: 30_000 },
    });
    expect(config.schedule).toMatchObject({ timeZone: 'UTC', jitterMs: 60_000 });
    expect(config.warehouse).toMatchObject({ place: undefined, closeUnknown: false });
    expect(secrets).toContain('hunter22');
  });

  it('reads lists, schedules and the warehouse', () => {
    const { config } = readConfig({
      ...ENV,
      MOORING_SWEEP_NAMESPACES: 'auth, carts,auth',
      MOORING_SWEEP_SCHEDULE: '30 3 * * *',
      MOORING_SCHEDULE_TIME_ZONE: 'Europe/Berlin',
      MOORING_WAREHOUSE_CLUSTER: 'main',
    });
    expect(config.sweep).toMatchObject({ namespaces: ['auth', 'carts', 'tasks'], schedule: '30 3 * * *' });
    expect(config.warehouse.place).toEqual({ clusterIdentifier: 'main' });
  });

  it('says all that is wrong at once', () => {
    expect(faultsOf({ ...ENV, MOORING_PORT: 'x', MOORING_SWEEP_SHEDULE: '@hourly' })).toEqual([
      'MOORING_SWEEP_SHEDULE is not a variable of this service',
      expect.stringContaining('MOORING_PORT must be a whole number'),
    ]);
  });

  it.each([
    ['a schedule that is none', { MOORING_SWEEP_SCHEDULE: 'hourly' }, 'MOORING_SWEEP_SCHEDULE'],
    ['a schedule that never comes', { MOORING_WAREHOUSE_SCHEDULE: '0 0 31 2 *' }, 'MOORING_WAREHOUSE_SCHEDULE'],
    ['a time zone that is none', { MOORING_SCHEDULE_TIME_ZONE: 'Atlantis' }, 'MOORING_SCHEDULE_TIME_ZONE'],
    ['no namespace', { MOORING_SWEEP_NAMESPACES: ',' }, 'MOORING_SWEEP_NAMESPACES'],
    [
      'two warehouses',
      { MOORING_WAREHOUSE_WORKGROUP: 'wg', MOORING_WAREHOUSE_CLUSTER: 'c' },
      'MOORING_WAREHOUSE_CLUSTER',
    ],
    ['memory', { MOORING_SESSION_STORE: 'memory' }, 'DATABASE_URL'],
    ['no store', { DATABASE_URL: '' }, 'DATABASE_URL'],
    ['a store without its place', { DATABASE_URL: '', MOORING_SESSION_STORE: 'redis' }, 'REDIS_URL'],
  ])('refuses %s', (_, change, variable) => {
    expect(faultsOf({ ...ENV, ...change })).toEqual([expect.stringContaining(variable)]);
  });

  it.each([
    { MOORING_SESSION_STORE: 'sqlite', MOORING_SQLITE_FILE: 'sessions.db' },
    { MOORING_SESSION_STORE: 'dynamodb', MOORING_DYNAMODB_TABLE: 'sessions' },
    { REDIS_URL: 'redis://redis:6379' },
  ])('takes %j', (env) => {
    expect(faultsOf(env)).toEqual([]);
  });
});
