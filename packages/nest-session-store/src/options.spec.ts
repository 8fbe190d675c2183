import { describe, expect, it } from '@jest/globals';
import { selectBackend } from './options.ts';
import type { BackendName } from './options.ts';

const database = { url: 'postgres://ann:hunter22@db/x' };
const redis = { url: 'redis://:hunter22@cache/0' };

describe('selectBackend', () => {
  it('takes the database when there is one, with copies in Redis when there is that too', () => {
    expect(selectBackend({ database })).toEqual({ name: 'postgres' });
    expect(selectBackend({ backend: 'auto', database, production: true })).toEqual({ name: 'postgres' });
    expect(selectBackend({ database, redis })).toEqual({ name: 'failover' });
    expect(selectBackend({ redis, production: true })).toEqual({ name: 'redis' });
  });

  it('falls back on memory with a warning', () => {
    expect(selectBackend({})).toEqual({ name: 'memory', warning: expect.stringContaining('lost at a restart') });
  });

  it('does not fall back in production', () => {
    expect(() => selectBackend({ production: true })).toThrow(/give a database URL, or choose the store "memory"/);
  });

  it('gives whoever names a store that one alone, without a warning', () => {
    expect(selectBackend({ backend: 'memory', database, production: true })).toEqual({ name: 'memory' });
    expect(selectBackend({ backend: 'postgres', database, redis })).toEqual({ name: 'postgres' });
    expect(selectBackend({ backend: 'redis', database, redis })).toEqual({ name: 'redis' });
    expect(selectBackend({ backend: 'sqlite', sqlite: { file: 'x' } })).toEqual({ name: 'sqlite' });
    expect(selectBackend({ backend: 'dynamodb', dynamodb: { table: 'x' } })).toEqual({ name: 'dynamodb' });
  });

  it('refuses a name that it does not know and says which there are', () => {
    expect(() => selectBackend({ backend: 'mongo' as BackendName })).toThrow(
      'There is no session store "mongo". There are: auto, postgres, redis, sqlite, dynamodb, memory.',
    );
    expect(() => selectBackend({ backend: 'toString' as BackendName })).toThrow(/There is no session store/);
  });

  it.each([
    ['postgres', 'a database URL'],
    ['redis', 'a Redis URL, cluster or sentinels'],
    ['sqlite', 'a file'],
    ['dynamodb', 'a table'],
  ] as const)('needs a place for %s', (backend, words) => {
    expect(() => selectBackend({ backend })).toThrow(`The session store "${backend}" needs ${words}.`);
  });
});
