import { describe, expect, it } from '@jest/globals';
import type { CatalogKey } from '@mooring/engine';
import type { CatalogRow } from '../catalog-tables.ts';
import { FoundTogether } from './found-together.ts';

const keyOf = (name: string): CatalogKey => ({ tenantId: 'acme', kind: 'table', key: name });
const rowOf = ({ key }: CatalogKey): CatalogRow => ({ id: key, key, version: 1, record: '{}' });

describe('FoundTogether', () => {
  it('asks once for what was asked in one turn, and again for what came later', async () => {
    const sizes: number[] = [];
    const together = new FoundTogether(async (keys) => {
      sizes.push(keys.length);
      return new Map(keys.map((key) => [key, rowOf(key)]));
    });
    const keys = Array.from({ length: 250 }, (_, index) => keyOf(`t${index}`));
    const rows = await Promise.all(keys.map((key) => together.row(key)));
    expect(rows.map((row) => row?.key)).toEqual(keys.map(({ key }) => key));
    await together.row(keyOf('later'));
    expect(sizes).toEqual([100, 100, 50, 1]);
  });

  it('fails all that was asked with it, and nothing later', async () => {
    let fails = true;
    const together = new FoundTogether(async () => {
      if (fails) throw new Error('away');
      return new Map();
    });
    const answers = await Promise.allSettled([together.row(keyOf('a')), together.row(keyOf('b'))]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await together.row(keyOf('a'))).toBeUndefined();
  });
});
