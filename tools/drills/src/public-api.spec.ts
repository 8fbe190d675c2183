import { expect, it } from '@jest/globals';

it('exports these names', async () => {
  expect(Object.keys(await import('./index.ts')).sort()).toEqual(['BACKENDS']);
});
