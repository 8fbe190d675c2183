import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventOf, failureOf, keyOf, recordOf, times } from '../samples.fixture.ts';
import { Scratch, eventually } from './scratch.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

/** What a replacement becomes that waits for a transaction which does this to its row. */
async function replacedDuring(application: string, statement: string, end: 'commit' | 'rollback') {
  const namespace = scratch.namespace();
  const catalog = await scratch.catalog({ namespace, applicationName: application });
  await catalog.create(keyOf('orders'), recordOf('orders'));
  const other = await scratch.holding(`${statement} where namespace = $1`, [namespace]);
  const replaced = catalog.replace(keyOf('orders'), 1, recordOf('orders', { version: 2 }));
  await scratch.untilWaiting(application);
  await other[end]();
  return replaced;
}

const NEXT = `update mooring_catalog set version = 2,
  record = jsonb_set(record::jsonb, '{version}', '2')::json`;

describe('a change that waits for another one', () => {
  it('is of nothing when the row was removed', async () => {
    const result = await replacedDuring('removed', 'delete from mooring_catalog', 'commit');
    expect(result).toEqual({ ok: false, reason: 'not_found' });
  });

  it('is too late when the row was changed', async () => {
    const result = await replacedDuring('changed', NEXT, 'commit');
    expect(result).toEqual({ ok: false, reason: 'changed' });
  });

  it('is made when the other one was rolled back', async () => {
    expect(await replacedDuring('restored', NEXT, 'rollback')).toEqual({ ok: true, value: null });
  });
});

describe('a creation that waits for another one', () => {
  it.each([
    ['commit', { ok: false, reason: 'exists' }],
    ['rollback', { ok: true, value: null }],
  ] as const)('which ends with %s', async (end, expected) => {
    const namespace = scratch.namespace();
    const catalog = await scratch.catalog({ namespace, applicationName: `creating ${end}` });
    const record = recordOf('orders');
    const other = await scratch.holding(
      `insert into mooring_catalog (namespace, tenant_id, kind, key, version, record) values ($1, $2, $3, $4, 1, $5)`,
      [namespace, 'acme', 'table', keyOf('orders').key, record],
    );
    const created = catalog.create(keyOf('orders'), record);
    await scratch.untilWaiting(`creating ${end}`);
    await other[end]();
    expect(await created).toEqual(expected);
  });
});

describe('pruning', () => {
  it('leaves alone what another one prunes, and does not wait for it', async () => {
    const namespace = scratch.namespace();
    const { audit } = await scratch.catalog({ namespace });
    for (const at of times(6, (index) => index)) await audit.record(eventOf(at));
    const other = await scratch.holding('delete from mooring_audit_log where namespace = $1 and at < 3', [namespace]);
    expect(await audit.prune({ olderThan: 5, limit: 10 })).toEqual({ deleted: 2, more: false });
    await other.rollback();
    expect((await audit.recent('acme', 10)).map(({ at }) => at)).toEqual([5, 2, 1, 0]);
  });
});

describe('catalogs that share a database', () => {
  it('know nothing of each other, whatever they do', async () => {
    const [one, other] = [await scratch.catalog(), await scratch.catalog()];
    await one.create(keyOf('orders'), recordOf('orders'));
    await one.audit.record(eventOf(1));
    expect(await other.get(keyOf('orders'))).toBeUndefined();
    expect(await other.list('acme', 'table')).toEqual([]);
    expect(await other.remove(keyOf('orders'))).toMatchObject({ reason: 'not_found' });
    expect(await other.audit.recent('acme', 10)).toEqual([]);
    expect(await other.audit.prune({ olderThan: 10, limit: 10 })).toEqual({ deleted: 0, more: false });
    expect(await other.create(keyOf('orders'), recordOf('orders'))).toMatchObject({ ok: true });
    expect(await one.audit.recent('acme', 10)).toHaveLength(1);
  });
});

describe('deadlocked statements', () => {
  it('run again, and nobody hears of it', async () => {
    const namespace = scratch.namespace();
    const catalog = await scratch.catalog({ namespace, applicationName: 'deadlock' });
    await catalog.create(keyOf('a'), recordOf('a'));
    await catalog.create(keyOf('b'), recordOf('b'));
    await scratch.sql(`create or replace function spec_lock_b() returns trigger language plpgsql as $$ begin
        perform from mooring_catalog where namespace = old.namespace and key = E'sales\\tb' for update; return new;
      end $$`);
    await scratch.sql(`create trigger spec_lock_b before update on mooring_catalog for each row
      when (old.key = E'sales\\ta' and old.namespace = '${namespace}') execute function spec_lock_b()`);
    const lock = `select from mooring_catalog where namespace = $1 and key = $2 for update`;
    const other = await scratch.pool(1).connect();
    await other.query(`set deadlock_timeout = '1h'`);
    await other.query('begin');
    await other.query(lock, [namespace, keyOf('b').key]);
    const replaced = catalog.replace(keyOf('a'), 1, recordOf('a', { version: 2 }));
    await scratch.untilWaiting('deadlock');
    const locked = other.query(lock, [namespace, keyOf('a').key]);
    await eventually(
      () => scratch.sql(`select deadlocks::int as count from pg_stat_database where datname = current_database()`),
      ([row]) => Number(row?.['count']) > 0,
    );
    await locked;
    await other.query('commit');
    other.release(true);
    expect(await replaced).toEqual({ ok: true, value: null });
    await scratch.sql('drop trigger spec_lock_b on mooring_catalog');
  });
});

describe('rows that the server refuses', () => {
  it('are those that are no record of their key, and changes of the audit log', async () => {
    const namespace = scratch.namespace();
    const catalog = await scratch.catalog({ namespace });
    const ofOther = recordOf('orders', { tenantId: 'other' });
    const refused = { code: 'invalid_argument', retryable: false };
    expect(await failureOf(catalog.create(keyOf('orders'), ofOther))).toMatchObject(refused);
    expect(await catalog.list('acme', 'table')).toEqual([]);
    await catalog.audit.record(eventOf(1));
    await expect(scratch.sql('update mooring_audit_log set at = 0 where namespace = $1', [namespace])).rejects.toThrow(
      'never changed',
    );
  });
});
