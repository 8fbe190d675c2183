import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { createPostgresStore, entities, migrations } from './index.ts';
import { PATIENT, newSession, times } from './postgres.fixture.ts';
import { MIGRATIONS_TABLE, migrate, revert } from './schema-migrator.ts';

let server: TestPostgres;

beforeAll(async () => {
  server = await testPostgres();
});

afterAll(() => server?.stop());

async function withPool<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = new Pool({ connectionString: url, max: 3 });
  pool.on('error', () => {});
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

const objects = async (pool: Pool): Promise<string[]> =>
  (
    await pool.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind <> 'i' and c.relname not like $1 || '%'
       union all
       select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'
       order by 1`,
      [MIGRATIONS_TABLE],
    )
  ).rows.map(({ name }) => name);

describe('migrations', () => {
  it('run once when eight processes start at once', async () => {
    const url = await server.createDatabase();
    const hooks = fileURLToPath(new URL('./typescript-hooks.fixture.mjs', import.meta.url));
    const program = fileURLToPath(new URL('./migrating-process.fixture.ts', import.meta.url));
    const started = await Promise.all(
      times(8, () =>
        promisify(execFile)(process.execPath, ['--import', hooks, '--conditions=@mooring/source', program, url]),
      ),
    );
    const printed = started.map(({ stdout }) => stdout).sort();
    expect(printed).toEqual([...times(7, () => 'held'), 'leased']);
    await withPool(url, async (pool) => {
      const { rows } = await pool.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE} order by id`);
      expect(rows.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
    });
  });

  it('run once when many start in one process, over one pool', async () => {
    const url = await server.createDatabase();
    await withPool(url, async (pool) => {
      await Promise.all(times(8, () => migrate(pool)));
      expect((await pool.query(`select from ${MIGRATIONS_TABLE}`)).rowCount).toBe(migrations.length);
    });
  });

  it('go down to nothing and up again', async () => {
    const url = await server.createDatabase();
    await withPool(url, async (pool) => {
      await migrate(pool);
      const all = await objects(pool);
      expect(all).toContain('session_tokens');
      expect(all.length).toBeGreaterThan(20);
      await revert(pool, migrations.length);
      expect(await objects(pool)).toEqual([]);
      await migrate(pool);
      expect(await objects(pool)).toEqual(all);
    });
  });

  it('leave nothing behind when one fails', async () => {
    const url = await server.createDatabase();
    await withPool(url, async (pool) => {
      await pool.query('create table mooring_budgets (in_the_way int)');
      await expect(migrate(pool)).rejects.toMatchObject({ code: 'misconfigured', operation: 'migrate' });
      expect(await objects(pool)).toEqual(['mooring_budgets']);
      await pool.query('drop table mooring_budgets');
      await migrate(pool);
    });
  });

  it('run through a data source of the application too, which the store then uses and leaves open', async () => {
    const url = await server.createDatabase();
    const dataSource = new DataSource({ type: 'postgres', url, entities, migrations });
    await dataSource.initialize();
    try {
      await dataSource.runMigrations();
      const store = await createPostgresStore({ ...PATIENT, dataSource, namespace: 'n', migrate: false });
      expect(await store.sessions.create(newSession())).toMatchObject({ ok: true });
      await store.close();
      expect(await dataSource.query('select count(*)::int as live from session_tokens')).toEqual([{ live: 1 }]);
    } finally {
      await dataSource.destroy();
    }
  });
});

describe('createPostgresStore', () => {
  it('succeeds after a first failure: nothing is remembered', async () => {
    const url = new URL(server.url);
    const name = `mooring_later_${process.pid}`;
    url.pathname = `/${name}`;
    const options = { ...PATIENT, url: url.href, namespace: 'n' };
    await expect(createPostgresStore(options)).rejects.toMatchObject({ code: 'misconfigured' });
    await withPool(server.url, async (pool) => {
      await pool.query(`create database ${name}`);
      const store = await createPostgresStore(options);
      expect(await store.ping()).toMatchObject({ serverTime: expect.any(Number) });
      await store.close();
      await pool.query(`drop database ${name} with (force)`);
    });
  });

  it('succeeds over the same pool after a first failure', async () => {
    const url = await server.createDatabase();
    await withPool(url, async (pool) => {
      await pool.query('create table mooring_leases ()');
      await expect(createPostgresStore({ ...PATIENT, pool, namespace: 'n' })).rejects.toMatchObject({
        code: 'misconfigured',
      });
      await pool.query('drop table mooring_leases');
      const store = await createPostgresStore({ ...PATIENT, pool, namespace: 'n' });
      expect(await store.leases.acquire('l', 'h', 1000)).toMatchObject({ ok: true });
    });
  });

  it('says which option is wrong', async () => {
    const url = 'postgres://localhost/x';
    const message = async (options: object): Promise<string> =>
      createPostgresStore(options as never).then(
        () => 'accepted',
        (error: Error) => error.message,
      );
    expect(await message({ namespace: 'n' })).toContain('exactly one of url, pool and dataSource');
    expect(await message({ url, namespace: '' })).toContain('namespace must be');
    expect(await message({ url, namespace: 'n', poolSize: 0 })).toContain('poolSize must be');
    expect(await message({ url, namespace: 'n', statementTimeoutMs: 1.5 })).toContain('statementTimeoutMs must be');
    expect(await message({ dataSource: new DataSource({ type: 'postgres' }), namespace: 'n' })).toContain(
      'initialized',
    );
  });
});
