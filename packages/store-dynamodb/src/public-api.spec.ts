import { expect, it } from '@jest/globals';

it('exports what its users rely on', async () => {
  expect(Object.keys(await import('./index.ts')).sort()).toEqual([
    'DynamoStore',
    'createDynamoStore',
    'createTable',
    'inspectTable',
    'tableDefinition',
  ]);
});
