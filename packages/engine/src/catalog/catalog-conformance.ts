import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { CatalogKey, CatalogStore } from './catalog-store.ts';
import type { TableRecord } from './records.ts';

/** What a test runner has: Jest, Vitest, node:test. */
export interface SpecRunner {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
}

/** What every `CatalogStore` must do. `open` gives an empty one, or one whose tenants nobody else uses. */
export function catalogConformance(
  { describe, it }: SpecRunner,
  name: string,
  open: () => Promise<CatalogStore>,
): void {
  const check = (title: string, body: (store: CatalogStore) => Promise<void>): void =>
    it(title, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });

  describe(`the catalog in ${name}`, () => {
    check('gives what was created, and nothing that was not', async (store) => {
      strictEqual(await store.get(keyOf('orders')), undefined);
      deepStrictEqual(await store.create(keyOf('orders'), recordOf('orders')), { ok: true, value: null });
      sameRecords(await store.get(keyOf('orders')), recordOf('orders'));
    });

    check('creates a key once', async (store) => {
      await store.create(keyOf('orders'), recordOf('orders'));
      const again = await store.create(keyOf('orders'), { ...recordOf('orders'), ownerId: 'other' });
      deepStrictEqual(again, { ok: false, reason: 'exists' });
      sameRecords(await store.get(keyOf('orders')), recordOf('orders'));
    });

    check('lets one of many create a key at the same time', async (store) => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.create(keyOf('orders'), { ...recordOf('orders'), ownerId: `u${index}` }),
        ),
      );
      strictEqual(results.filter(({ ok }) => ok).length, 1);
      const winner = results.findIndex(({ ok }) => ok);
      sameRecords(await store.get(keyOf('orders')), { ...recordOf('orders'), ownerId: `u${winner}` });
    });

    check('replaces the version that is named, and no other', async (store) => {
      await store.create(keyOf('orders'), recordOf('orders'));
      const second = { ...recordOf('orders'), version: 2, access: 'public' as const };
      deepStrictEqual(await store.replace(keyOf('orders'), 1, second), { ok: true, value: null });
      const late = { ...recordOf('orders'), version: 2, access: 'restricted' as const };
      deepStrictEqual(await store.replace(keyOf('orders'), 1, late), { ok: false, reason: 'changed' });
      sameRecords(await store.get(keyOf('orders')), second);
      deepStrictEqual(await store.replace(keyOf('none'), 1, second), { ok: false, reason: 'not_found' });
    });

    check('lets one of many replace a version at the same time', async (store) => {
      await store.create(keyOf('orders'), recordOf('orders'));
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.replace(keyOf('orders'), 1, { ...recordOf('orders'), version: 2, ownerId: `u${index}` }),
        ),
      );
      strictEqual(results.filter(({ ok }) => ok).length, 1);
    });

    check('removes the version that is named, or any', async (store) => {
      await store.create(keyOf('orders'), { ...recordOf('orders'), version: 3 });
      deepStrictEqual(await store.remove(keyOf('orders'), 2), { ok: false, reason: 'changed' });
      deepStrictEqual(await store.remove(keyOf('orders'), 3), { ok: true, value: null });
      deepStrictEqual(await store.remove(keyOf('orders')), { ok: false, reason: 'not_found' });
      await store.create(keyOf('orders'), recordOf('orders'));
      deepStrictEqual(await store.remove(keyOf('orders')), { ok: true, value: null });
      strictEqual(await store.get(keyOf('orders')), undefined);
    });

    check('lists a kind of a tenant by key, those that begin with a prefix', async (store) => {
      for (const table of ['b', 'a', 'A_B', 'ä']) await store.create(keyOf(table), recordOf(table));
      await store.create(keyOf('c', 'sales2'), recordOf('c', 'sales2'));
      const names = async (prefix?: string): Promise<string[]> =>
        (await store.list('acme', 'table', prefix)).map(({ name: one }) => one);
      deepStrictEqual(await names(), ['A_B', 'a', 'b', 'ä', 'c']);
      deepStrictEqual(await names('sales\t'), ['A_B', 'a', 'b', 'ä']);
      deepStrictEqual(await names('sales_\t'), []);
      deepStrictEqual(await names('sales\t%'), []);
      deepStrictEqual(await store.list('acme', 'namespace'), []);
    });

    check('keeps tenants and kinds apart', async (store) => {
      await store.create(keyOf('orders'), recordOf('orders'));
      const ofOther: CatalogKey = { ...keyOf('orders'), tenantId: 'other' };
      const ofKind: CatalogKey = { ...keyOf('orders'), kind: 'namespace' };
      for (const key of [ofOther, ofKind]) {
        strictEqual(await store.get(key), undefined);
        deepStrictEqual(await store.list(key.tenantId, key.kind), []);
        deepStrictEqual(await store.replace(key, 1, recordOf('orders')), { ok: false, reason: 'not_found' });
        deepStrictEqual(await store.remove(key), { ok: false, reason: 'not_found' });
      }
    });

    check('keeps a record as it is, whatever happens to the object that came with it', async (store) => {
      const grants = [{ grantee: { userId: "o'neil \t" }, privileges: ['select' as const] }];
      const record = { ...recordOf('orders'), grants, reads: [{ namespace: 'n', name: '"x"' }] };
      await store.create(keyOf('orders'), record);
      const kept = plain(record);
      grants.push({ grantee: { userId: 'late' }, privileges: ['select'] });
      sameRecords(await store.get(keyOf('orders')), kept);
      const given = (await store.get(keyOf('orders'))) as { name: string };
      given.name = 'other';
      sameRecords(await store.get(keyOf('orders')), kept);
    });
  });
}

/** Records are data: what a runner's realms make of prototypes doesn't count. */
function sameRecords(actual: unknown, expected: unknown): void {
  deepStrictEqual(plain(actual), plain(expected));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

function keyOf(table: string, namespace = 'sales'): CatalogKey {
  return { tenantId: 'acme', kind: 'table', key: `${namespace}\t${table}` };
}

function recordOf(name: string, namespace = 'sales'): TableRecord {
  const times = { createdAt: 1_767_225_600_000, updatedAt: 1_767_225_600_000 };
  const what = { isView: false, isExternal: false, ownerId: 'u1', access: 'private', grants: [], reads: [] } as const;
  return { kind: 'table', tenantId: 'acme', namespace, name, ...what, state: 'ready', version: 1, ...times };
}
