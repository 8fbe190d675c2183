import { expect, it } from '@jest/globals';

it('exports these names', async () => {
  expect(Object.keys(await import('./index.ts')).sort()).toEqual(['SqliteStore', 'createSqliteStore', 'inspectSqlite']);
  expect(Object.keys(await import('./file.ts')).sort()).toEqual([
    'Connection',
    'UnusableFile',
    'inspectFile',
    'isBusy',
    'migrateFile',
    'preparedFile',
    'primaryCode',
    'query',
    'resultCodeOf',
    'unlocked',
  ]);
});
