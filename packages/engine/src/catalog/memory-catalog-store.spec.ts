import { describe, expect, it } from '@jest/globals';
import { catalogConformance } from './catalog-conformance.ts';
import { MemoryCatalogStore } from './memory-catalog-store.ts';

catalogConformance({ describe, it }, 'memory', async () => new MemoryCatalogStore());

describe('MemoryCatalogStore', () => {
  it('takes nothing once it is closed', async () => {
    const store = new MemoryCatalogStore();
    await store.close();
    await expect(store.list('acme', 'table')).rejects.toMatchObject({ code: 'unavailable' });
  });
});
