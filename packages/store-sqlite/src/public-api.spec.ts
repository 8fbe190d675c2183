import { expect, it } from '@jest/globals';

it('exports these names', async () => {
  expect(Object.keys(await import('./index.ts')).sort()).toEqual(['SqliteStore', 'createSqliteStore']);
  expect(Object.keys(await import('./file.ts')).sort()).toEqual([
    'Connection',
    'UnusableFile',
    'isBusy',
    'preparedFile',
    'primaryCode',
    'query',
    'resultCodeOf',
    'unlocked',
  ]);
});
