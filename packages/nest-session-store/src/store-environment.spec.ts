import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, secretsOf } from '@mooring/environment-config';
import { z } from 'zod';
import { storeFaults, storeOptionsOf, storeVariables } from './store-environment.ts';

const schema = z
  .object(storeVariables)
  .superRefine((values, context) => {
    for (const { variable, message } of storeFaults(values)) {
      context.addIssue({ code: 'custom', path: [variable], message });
    }
  })
  .transform(storeOptionsOf);

const read = (env: Record<string, string>) => loadConfig(schema, env);

function faults(env: Record<string, string>): string[] {
  try {
    read(env);
    return [];
  } catch (error) {
    return (error as ConfigError).faults.map(({ variable, problem }) => `${variable} ${problem}`);
  }
}

describe('storeVariables', () => {
  it('ask for nothing by default', () => {
    expect(read({})).toEqual({ backend: 'auto' });
  });

  it('give a database and Redis', () => {
    expect(read({ DATABASE_URL: 'postgres://db/x', REDIS_URL: 'rediss://:secret12@cache/1' })).toEqual({
      backend: 'auto',
      database: { url: 'postgres://db/x', poolSize: 10 },
      redis: { url: 'rediss://:secret12@cache/1' },
    });
  });

  it('give Redis with a password apart, with TLS, as cluster and behind sentinels', () => {
    const apart = { REDIS_PASSWORD: 'secret12', MOORING_REDIS_USERNAME: 'app', MOORING_REDIS_TLS: 'true' };
    const credentials = { username: 'app', password: 'secret12', tls: true };
    expect(read({ REDIS_URL: 'redis://cache', ...apart }).redis).toEqual({ url: 'redis://cache', ...credentials });
    expect(read({ MOORING_REDIS_CLUSTER: 'redis-1:7000, redis-2', ...apart }).redis).toEqual({
      cluster: { nodes: [{ host: 'redis-1', port: 7000 }, { host: 'redis-2' }] },
      ...credentials,
    });
    const sentinels = { MOORING_REDIS_SENTINELS: 's1:26379', MOORING_REDIS_SENTINEL_NAME: 'main' };
    expect(read(sentinels).redis).toEqual({ sentinel: { name: 'main', nodes: [{ host: 's1', port: 26_379 }] } });
  });

  it('give the longest wait', () => {
    expect(read({ MOORING_STORE_TIMEOUT_SECONDS: '30' })).toEqual({ backend: 'auto', timeoutMs: 30_000 });
  });

  it('give SQLite and DynamoDB', () => {
    expect(read({ MOORING_SESSION_STORE: 'sqlite', MOORING_SQLITE_FILE: 'data/sessions.db' })).toEqual({
      backend: 'sqlite',
      sqlite: { file: 'data/sessions.db' },
    });
    const table = { MOORING_DYNAMODB_TABLE: 'sessions', AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:4567' };
    expect(read({ MOORING_SESSION_STORE: 'dynamodb', ...table })).toEqual({
      backend: 'dynamodb',
      dynamodb: { table: 'sessions', endpoint: 'http://localhost:4567' },
    });
  });

  it.each([
    [{ MOORING_SESSION_STORE: 'postgres' }, 'DATABASE_URL is needed for MOORING_SESSION_STORE=postgres'],
    [{ MOORING_SESSION_STORE: 'redis' }, 'REDIS_URL is needed for MOORING_SESSION_STORE=redis'],
    [{ MOORING_SESSION_STORE: 'sqlite' }, 'MOORING_SQLITE_FILE is needed for MOORING_SESSION_STORE=sqlite'],
    [{ MOORING_SESSION_STORE: 'dynamodb' }, 'MOORING_DYNAMODB_TABLE is needed for MOORING_SESSION_STORE=dynamodb'],
    [
      { MOORING_SESSION_STORE: 'mongo' },
      'MOORING_SESSION_STORE must be one of auto, postgres, redis, sqlite, dynamodb, memory',
    ],
    [{ REDIS_URL: 'redis://a', MOORING_REDIS_CLUSTER: 'b' }, "MOORING_REDIS_CLUSTER can't be set beside REDIS_URL"],
    [{ MOORING_REDIS_SENTINELS: 'a' }, 'MOORING_REDIS_SENTINEL_NAME is needed for MOORING_REDIS_SENTINELS'],
    [
      { MOORING_REDIS_CLUSTER: 'a:b' },
      'MOORING_REDIS_CLUSTER must be hosts with ports, such as `redis-1:6379`, separated by commas',
    ],
    [{ REDIS_URL: 'http://cache' }, 'REDIS_URL must be a URL that starts with redis:// or rediss://'],
    [
      { REDIS_URL: 'redis://hunter22@cache' },
      'REDIS_URL has a user and no password; a password alone is written redis://:password@host',
    ],
  ])('refuse %j', (env, fault) => {
    expect(faults(env)).toEqual([expect.stringContaining(fault)]);
  });

  it('keep passwords out of the log', () => {
    const env = {
      REDIS_URL: 'redis://:canary123@cache',
      REDIS_PASSWORD: 'canary456',
      DATABASE_URL: 'postgres://a:canary789@db/x',
    };
    expect(secretsOf(schema, env)).toEqual(expect.arrayContaining(['canary123', 'canary456', 'canary789']));
  });
});
