import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventOf, failureOf, keyOf, recordOf, times } from '../samples.fixture.ts';
import { MIGRATIONS } from './migrations.ts';
import { MIGRATIONS_TABLE } from './schema-migrator.ts';
import { Scratch } from './scratch.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

const OBJECTS = `select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and relkind = 'r' order by 1`;

describe('migrations', () => {
  it('run once when many start at once', async () => {
    const pool = scratch.pool(4, await scratch.createDatabase());
    const told: unknown[] = [];
    await Promise.all(times(8, () => scratch.catalog({ pool, onMigrated: (version) => void told.push(version) })));
    expect(told).toEqual([{ found: 0, wanted: MIGRATIONS.length }]);
    expect((await pool.query(`select from ${MIGRATIONS_TABLE}`)).rowCount).toBe(MIGRATIONS.length);
  });

  it('leave nothing behind when one fails', async () => {
    const pool = scratch.pool(4, await scratch.createDatabase());
    await pool.query('create table mooring_audit_log (in_the_way int)');
    const error = await failureOf(scratch.catalog({ pool }));
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('search_path') });
    expect((await pool.query(OBJECTS)).rows).toEqual([{ name: 'mooring_audit_log' }]);
    await pool.query('drop table mooring_audit_log');
    await scratch.catalog({ pool });
  });

  it('of a newer version are left alone', async () => {
    const pool = scratch.pool(4, await scratch.createDatabase());
    await scratch.catalog({ pool });
    await pool.query(`insert into ${MIGRATIONS_TABLE} (version) values (99)`);
    expect(await failureOf(scratch.catalog({ pool }))).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('newer'),
    });
  });

  it('leave tables that a user with rights on their rows alone can use', async () => {
    const role = `reader_${randomUUID().slice(0, 8)}`;
    await scratch.catalog();
    await scratch.sql(`create role ${role} login`);
    await scratch.sql(`grant select, insert, update, delete on mooring_catalog, mooring_audit_log to ${role}`);
    const url = new URL(scratch.url);
    url.username = role;
    await scratch.sql(`grant select on ${MIGRATIONS_TABLE} to ${role}`);
    await (await scratch.catalog({ url: url.href })).close();
    const catalog = await scratch.catalog({ url: url.href, migrate: false });
    const changed = [
      await catalog.create(keyOf('orders'), recordOf('orders')),
      await catalog.replace(keyOf('orders'), 1, recordOf('orders', { version: 2 })),
      await catalog.replace(keyOf('orders'), 1, recordOf('orders', { version: 2 })),
      await catalog.remove(keyOf('orders'), 2),
    ];
    expect(changed.map(({ ok }) => ok)).toEqual([true, true, false, true]);
    await catalog.audit.record(eventOf(1));
    expect(await catalog.audit.prune({ olderThan: 2, limit: 1 })).toEqual({ deleted: 1, more: true });
    await catalog.close();
    await scratch.sql(`drop owned by ${role}`);
    await scratch.sql(`drop role ${role}`);
  });

  it('find a schema of their own', async () => {
    const url = new URL(await scratch.createDatabase());
    const admin = scratch.pool(1, url.href);
    await admin.query('create schema engine');
    url.searchParams.set('options', '-c search_path=engine');
    const catalog = await scratch.catalog({ url: url.href });
    expect(await catalog.create(keyOf('orders'), recordOf('orders'))).toMatchObject({ ok: true });
    expect((await admin.query(OBJECTS)).rows).toEqual([]);
  });
});
