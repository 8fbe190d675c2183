import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import type { DurableCatalog } from '../index.ts';
import { eventOf, keyOf, recordOf, times } from '../samples.fixture.ts';
import { RecordingPool, Scratch } from './scratch.fixture.ts';

let scratch: Scratch;
let pool: Pool;
let recording: RecordingPool;
let catalog: DurableCatalog;

beforeAll(async () => {
  scratch = await Scratch.start();
  pool = scratch.pool(1);
  recording = new RecordingPool(pool);
  catalog = await scratch.catalog({ pool: recording });
});

afterAll(() => scratch?.stop());

const OPERATIONS: Readonly<Record<string, () => Promise<unknown>>> = {
  create: () => catalog.create(keyOf('orders'), recordOf('orders')),
  'create again': () => catalog.create(keyOf('orders'), recordOf('orders')),
  get: () => catalog.get(keyOf('orders')),
  'list all': () => catalog.list('acme', 'table'),
  'list some': () => catalog.list('acme', 'table', 'sales\t'),
  replace: () => catalog.replace(keyOf('orders'), 1, recordOf('orders', { version: 2 })),
  'replace in vain': () => catalog.replace(keyOf('orders'), 1, recordOf('orders', { version: 2 })),
  'remove in vain': () => catalog.remove(keyOf('orders'), 1),
  remove: () => catalog.remove(keyOf('orders')),
  record: () => catalog.audit.record(eventOf(1)),
  recent: () => catalog.audit.recent('acme', 100),
  'list of events': () => catalog.audit.list('acme', { limit: 10 }),
  prune: () => catalog.audit.prune({ olderThan: 2, limit: 100 }),
  ping: () => catalog.ping(),
};

describe('wire budget', () => {
  it('is one named query for each operation', async () => {
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      recording.sent.splice(0);
      await operation();
      expect([name, recording.sent.length]).toEqual([name, 1]);
      expect(recording.sent[0]?.name).toMatch(/^mooring_(catalog|audit)_[a-z_]{1,40}_\d+$/);
    }
  });

  it('is one query for all that is asked for at the same time, each with its own answer', async () => {
    await catalog.create(keyOf('orders'), recordOf('orders'));
    recording.sent.splice(0);
    const keys = [keyOf('orders'), keyOf('none'), { ...keyOf('orders'), tenantId: 'other' }, keyOf('orders')];
    const found = await Promise.all(keys.map((key) => catalog.get(key)));
    expect(found).toEqual([recordOf('orders'), undefined, undefined, recordOf('orders')]);
    expect(recording.sent.map(({ name }) => name)).toEqual(['mooring_catalog_find_all_1']);
    const [good, bad] = await Promise.allSettled([
      catalog.get(keyOf('orders')),
      catalog.get({ ...keyOf('orders'), tenantId: 'a\0' }),
    ]);
    expect([good.status, bad.status]).toEqual(['fulfilled', 'rejected']);
    await catalog.remove(keyOf('orders'));
  });

  it('prepares a statement once on a connection and then only runs it', async () => {
    for (const _ of times(20, () => null)) await catalog.get(keyOf('orders'));
    const { rows } = await pool.query<{ name: string; runs: number }>(
      `select name, (generic_plans + custom_plans)::int as runs from pg_prepared_statements
       where name = 'mooring_catalog_find_1'`,
    );
    expect(rows).toEqual([{ name: 'mooring_catalog_find_1', runs: expect.any(Number) }]);
    expect(rows[0]?.runs).toBeGreaterThanOrEqual(20);
  });
});

describe('an index', () => {
  it('serves each look-up, of a prefix and of a page too', async () => {
    const client = await pool.connect();
    try {
      await client.query('set enable_seqscan = off; set plan_cache_mode = force_generic_plan');
      const plans: Record<string, string> = {};
      for (const name of ['find', 'find_all', 'scan_until', 'audit_newest']) {
        const statement = name.startsWith('audit') ? `mooring_${name}_1` : `mooring_catalog_${name}_1`;
        const values = { find: 4, find_all: 4, scan_until: 5, audit_newest: 5 }[name] ?? 0;
        const list = name === 'find_all' ? `'{x}'` : `'x'`;
        const texts = times(values, (index) =>
          index === 0 ? `'x'` : name === 'audit_newest' && index > 1 ? '1' : list,
        );
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain execute ${statement}(${texts.join()})`);
        plans[name] = rows.map((row) => row['QUERY PLAN']).join('\n');
      }
      expect(plans['find']).toMatch(/Index Cond: .*key = \$4/);
      expect(plans['find_all']).toMatch(/Index Cond: .*key = asked\.key/);
      expect(plans['scan_until']).toMatch(/Index Cond: .*key >= \$4.*key < \$5/);
      expect(plans['scan_until']).not.toContain('Sort');
      expect(plans['audit_newest']).toMatch(/Index Cond: .*ROW\(at, id\) < ROW/);
      expect(plans['audit_newest']).not.toContain('Sort');
    } finally {
      client.release(true);
    }
  });
});
