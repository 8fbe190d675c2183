import { describe, expect, it, jest } from '@jest/globals';

const loaded: string[] = [];
jest.unstable_mockModule('@mooring/store-postgres', () => {
  loaded.push('postgres');
  return { createPostgresStore: () => Promise.reject(new Error('not here')) };
});
for (const name of ['redis', 'sqlite', 'dynamodb', 'failover']) {
  jest.unstable_mockModule(`@mooring/store-${name}`, () => {
    loaded.push(name);
    const notHere = () => Promise.reject(new Error('not here'));
    return {
      createRedisStore: notHere,
      createRedisCopies: notHere,
      createSqliteStore: notHere,
      createDynamoStore: notHere,
      createFailoverStore: notHere,
    };
  });
}
jest.unstable_mockModule('@mooring/store-memory', () => {
  loaded.push('memory');
  return { createMemoryStore: () => ({ name: 'memory' }) };
});

const quiet = { log: () => undefined, warn: () => undefined };

describe('openStore', () => {
  it('loads the adapter that is used, and no other driver', async () => {
    const { openStore } = await import('./open-store.ts');
    expect(loaded).toEqual([]);
    await openStore({ backend: 'memory', namespace: 'x' }, quiet);
    expect(loaded).toEqual(['memory']);
    await expect(openStore({ database: { url: 'postgres://db/x' }, namespace: 'x' }, quiet)).rejects.toThrow(
      'not here',
    );
    expect(loaded.splice(0)).toEqual(['memory', 'postgres']);
    await expect(openStore({ redis: { url: 'redis://x' }, namespace: 'x' }, quiet)).rejects.toThrow('not here');
    expect(loaded.splice(0)).toEqual(['redis']);
    const sqlite = { backend: 'sqlite', sqlite: { file: 'x' }, namespace: 'x' } as const;
    await expect(openStore(sqlite, quiet)).rejects.toThrow('not here');
    expect(loaded.splice(0)).toEqual(['sqlite']);
    const dynamodb = { backend: 'dynamodb', dynamodb: { table: 'x' }, namespace: 'x' } as const;
    await expect(openStore(dynamodb, quiet)).rejects.toThrow('not here');
    expect(loaded).toEqual(['dynamodb']);
  });
});
