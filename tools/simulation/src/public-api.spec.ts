import { expect, it } from '@jest/globals';

it('offers what specs of other packages stand on', async () => {
  expect(Object.keys(await import('./index.ts')).sort()).toEqual(['CopyMemory', 'MemoryCopies', 'SimulatedWarehouse']);
});
