import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection } from '@mooring/engine';
import { WarehouseError } from '@mooring/redshift-sessions';
import type { DataApi } from '@mooring/redshift-sessions';
import { answer, failureOf, openWorld, rowsOf } from '../engine.fixture.ts';
import type { World } from '../engine.fixture.ts';
import type { RedshiftEngine } from '../index.ts';

let world: World;
let engine: RedshiftEngine;
let connection: EngineConnection;

beforeAll(async () => {
  world = await openWorld();
  engine = world.engine();
  connection = await world.connection(engine);
});
afterAll(() => world.close());

describe('statements', () => {
  it('have run though the warehouse does not say how many rows they changed', async () => {
    const silent = new Proxy(world.api, {
      get: (api, name: keyof DataApi) => {
        if (name !== 'describe') return (api[name] as () => unknown).bind(api);
        return async (id: string, waitSeconds?: number) => {
          if (waitSeconds === undefined) throw new WarehouseError({ code: 'access_denied', message: 'No.' });
          return api.describe(id, waitSeconds);
        };
      },
    });
    const unheard = await world.connection(world.engine({ api: silent }), 'unheard');
    await answer(unheard, 'CREATE TABLE heard (n INTEGER)');
    expect((await answer(unheard, 'INSERT INTO heard VALUES (1)')).rowsAffected).toBeNull();
    expect(await rowsOf(unheard, 'SELECT n FROM heard')).toEqual([[1]]);
    await unheard.close();
  });

  it('make, fill, read, change and drop tables and views of the namespace', async () => {
    const run = (sql: string) => answer(connection, sql);
    expect((await run('CREATE TABLE orders (id INTEGER, total NUMERIC(18,2))')).rowsAffected).toBeNull();
    expect((await run('INSERT INTO orders VALUES (1, 2.50), (2, 3)')).rowsAffected).toBe(2);
    expect((await run('UPDATE orders SET total = total + 1 WHERE id = 1')).rowsAffected).toBe(1);
    expect((await run('CREATE VIEW large AS SELECT * FROM orders WHERE total > 3')).rowsAffected).toBeNull();
    expect((await run('SELECT id, total FROM large ORDER BY id')).rows).toEqual([[1, '3.50']]);
    expect((await run('DELETE FROM orders WHERE false')).rowsAffected).toBe(0);
    await run('ALTER TABLE "orders" RENAME TO "sales"');
    await run('ALTER VIEW "large" RENAME TO "larger"');
    expect(await rowsOf(connection, 'SELECT count(*) FROM larger')).toEqual([[1n]]);
    await run('DROP VIEW IF EXISTS "larger"');
    await run('DROP TABLE IF EXISTS "sales"');
    expect(await failureOf(run('SELECT * FROM sales'))).toMatchObject({ code: 'not_found' });
  });

  it('reach other namespaces by their names', async () => {
    const other = await world.connection(engine, 'acme', 'stock_acme');
    await answer(other, 'CREATE TABLE items AS SELECT 7 AS n');
    await answer(connection, 'CREATE TABLE items AS SELECT 8 AS n');
    const sql = 'SELECT a.n, b.n FROM items a, stock_acme.items b';
    expect(await rowsOf(connection, sql)).toEqual([[8, 7]]);
    expect(await rowsOf(other, 'SELECT n FROM items')).toEqual([[7]]);
  });

  it.each([
    ['syntax_error', 'SELECT FROM WHERE'],
    ['not_found', 'SELECT * FROM nowhere'],
    ['not_found', 'SELECT nothing FROM unique_items'],
    ['already_exists', 'CREATE TABLE unique_items (id INTEGER)'],
    ['conflict', 'INSERT INTO unique_items VALUES (1)'],
    ['in_use', 'DROP TABLE unique_items'],
    ['execution_failed', 'SELECT 1 / (id - id) FROM unique_items'],
    ['forbidden', 'DROP TABLE foreign_items.secret'],
  ])('fail as %s: %s', async (code, sql) => {
    const owner = await world.connection(engine, 'globex', 'foreign_items');
    const secret = await failureOf(answer(owner, 'CREATE TABLE secret (id INTEGER)')).catch(() => undefined);
    expect(secret?.code ?? 'already_exists').toBe('already_exists');
    await answer(connection, 'CREATE TABLE IF NOT EXISTS unique_items (id INTEGER PRIMARY KEY)');
    await answer(connection, 'DELETE FROM unique_items');
    await answer(connection, 'INSERT INTO unique_items VALUES (1)');
    await answer(connection, 'CREATE OR REPLACE VIEW of_items AS SELECT * FROM unique_items');
    expect(await failureOf(answer(connection, sql))).toMatchObject({ code, facts: {}, retryable: false });
  });

  it.each([
    "SELECT 'a_b' LIKE 'a!_b' ESCAPE '!', 'ab' SIMILAR TO '(a|b)+', 'AB' ILIKE 'ab'",
    "SELECT extract(year FROM date '2024-02-29'), timestamp '2024-02-29 12:00:00' AT TIME ZONE 'UTC'",
    "SELECT position('b' IN 'ab'), substring('abc' FROM 2 FOR 1), trim(both 'x' FROM 'xax'), overlay('abc' PLACING 'x' FROM 2)",
    "SELECT CURRENT_DATE, CURRENT_TIMESTAMP, CURRENT_USER, getdate(), dateadd(day, 1, date '2024-02-29')",
    "SELECT (date '2024-01-01', date '2024-02-01') OVERLAPS (date '2024-01-15', date '2024-03-01')",
    'SELECT sum(n) OVER (ORDER BY n), rank() OVER (ORDER BY n), coalesce(n, 0), nvl(n, 0), greatest(n, 1) FROM (SELECT 1 AS n) t',
    "SELECT listagg(n, ',') WITHIN GROUP (ORDER BY n), count(DISTINCT n), median(n) FROM (SELECT 1 AS n) t",
    "SELECT json_extract_path_text('{\"a\": 1}', 'a'), split_part('a-b', '-', 1), md5('a'), CASE WHEN true THEN 1 END",
    'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n::varchar FROM r GROUP BY n HAVING count(*) > 0',
    'EXPLAIN SELECT 1',
    'SELECT n::bigint FROM generate_series(1, 3) AS g(n) WHERE n IN (SELECT 1) OR EXISTS (SELECT 1) LIMIT 2',
  ])('may be any query: %s', async (sql) => {
    expect((await rowsOf(connection, sql)).length).toBeGreaterThan(0);
  });

  it('run one at a time', async () => {
    const result = await connection.run({ sql: 'SELECT 1', parameters: [], timeoutMs: 20_000 });
    expect((await failureOf(answer(connection, 'SELECT 2'))).code).toBe('in_use');
    await result.close();
    expect(await rowsOf(connection, 'SELECT 2')).toEqual([[2]]);
  });

  it.each([
    ['unsupported_statement', 'CREATE NAMESPACE x'],
    ['unsupported_statement', 'SELECT 1; SELECT 2'],
    ['unsupported_statement', "COPY t FROM 's3://bucket/key' IAM_ROLE default"],
    ['unsupported_statement', "UNLOAD ('SELECT 1') TO 's3://bucket/key'"],
    ['unsupported_statement', 'CREATE SCHEMA x'],
    ['unsupported_statement', 'CALL p()'],
    ['syntax_error', 'GRANT SELECT ON t TO PUBLIC'],
    ['unsupported_statement', String.raw`SELECT 'a\' , ' FROM secret --'`],
    ['syntax_error', "SELECT U&'\\0061'"],
    ['syntax_error', "SELECT E'a'\n'\\' FROM secret --'"],
    ['unsupported_statement', 'SET LOCAL timezone TO utc'],
    ['forbidden', 'SET search_path TO other'],
    ['forbidden', "SET SESSION search_path = 'other'"],
    ['forbidden', "SET session_authorization = 'other'"],
    ['forbidden', 'SET role = other'],
    ['forbidden', 'SET enable_case_sensitive_identifier TO true'],
    ['forbidden', 'RESET search_path'],
    ['forbidden', "SELECT set_config('search_path', 'other', false)"],
    ['forbidden', "SELECT pg_catalog.set_config('search_path', 'other', false)"],
    ['forbidden', "SELECT \"set_config\"('search_path', 'other', false)"],
    ['forbidden', 'SELECT pg_sleep(10)'],
    ['forbidden', "SELECT * FROM dblink('dbname=x', 'SELECT 1') AS t(n INTEGER)"],
    ['forbidden', 'SELECT lo_create(1)'],
    ['forbidden', "SELECT pg_read_file('/etc/passwd')"],
    ['forbidden', "SELECT * FROM pg_ls_dir('/')"],
    ['forbidden', 'SELECT pg_terminate_backend(1)'],
    ['forbidden', 'SELECT pg_cancel_backend(1)'],
    ['forbidden', 'SELECT pg_advisory_lock(1)'],
    ['forbidden', "SELECT query_to_xml('SELECT 1', true, true, '')"],
    ['forbidden', "SELECT 'secret'::regclass"],
    ['forbidden', "SELECT current_setting('search_path')"],
    ['forbidden', 'SELECT own_schema.f(1)'],
    ['forbidden', 'SELECT * FROM pg_class'],
    ['forbidden', 'SELECT * FROM "pg_user"'],
    ['forbidden', 'SELECT * FROM pg_catalog.pg_tables'],
    ['forbidden', 'SELECT * FROM information_schema.tables'],
    ['forbidden', 'SELECT * FROM (SELECT 1) x JOIN stl_query ON true'],
    ['forbidden', 'WITH a AS (SELECT * FROM svv_tables) SELECT * FROM a'],
    ['forbidden', 'INSERT INTO pg_class SELECT 1'],
    ['forbidden', 'CREATE TABLE IF NOT EXISTS pg_class (id INTEGER)'],
    ['forbidden', 'CREATE TABLE pg_temp.x (id INTEGER)'],
    ['forbidden', 'CREATE TEMP TABLE pg_class AS SELECT 1'],
    ['forbidden', 'DROP TABLE pg_temp.x'],
  ])('are refused before the warehouse sees them, as %s: %s', async (code, sql) => {
    const before = world.local.stats().operations.ExecuteStatement;
    expect(await failureOf(answer(connection, sql))).toMatchObject({ code, retryable: false });
    expect(world.local.stats().operations.ExecuteStatement).toBe(before);
  });
});
