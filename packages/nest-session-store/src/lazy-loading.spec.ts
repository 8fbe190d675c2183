import { describe, expect, it, jest } from '@jest/globals';

const loaded: string[] = [];
jest.unstable_mockModule('@mooring/store-postgres', () => {
  loaded.push('postgres');
  return { createPostgresStore: () => Promise.reject(new Error('not here')) };
});
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
    await expect(openStore({ database: { url: 'postgres://db/x' }, namespace: 'x' }, quiet)).rejects.toThrow('not here');
    expect(loaded).toEqual(['memory', 'postgres']);
  });
});
