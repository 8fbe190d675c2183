import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection } from '@mooring/engine';
import { EngineError } from '@mooring/engine';
import { EngineWorld, answer, rowsOf } from './engine.fixture.ts';
import type { DuckdbEngine } from './index.ts';

/** Names and values that only the victim knows. */
const SECRETS = /victim|vault|jewels|s3cr3t|mooring-duckdb-/i;

const world = new EngineWorld();
let folder: string;
let file: string;
let engine: DuckdbEngine;
let attacker: EngineConnection;
let colleague: EngineConnection;
let victim: EngineConnection;

beforeAll(async () => {
  folder = await world.folder();
  engine = await world.engine({ dataFolder: folder });
  victim = await world.connection(engine, 'victim', 'vault');
  await answer(victim, "CREATE TABLE jewels AS SELECT 's3cr3t' AS place");
  await answer(victim, "SET VARIABLE own = 's3cr3t'");
  await answer(victim, 'CREATE TEMP TABLE victim_temp AS SELECT 1 AS i');
  attacker = await world.connection(engine, 'attacker', 'den');
  colleague = await world.connection(engine, 'attacker', 'den');
  await answer(attacker, 'CREATE TABLE mine AS SELECT 1 AS i');
  file = join(folder, 'victim', 'main', 'tenant-data.duckdb');
  await writeFile(join(folder, 'victim', 'main', 'plain.csv'), 's3cr3t\n1\n');
});
afterAll(() => world.close());

/** Rows and messages, as the attacker sees them. What he wrote himself is taken out. */
async function seen(sql: string): Promise<{ readonly ok: boolean; readonly text: string }> {
  const show = (value: unknown): string =>
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
  try {
    const { columns, rows } = await answer(attacker, sql, [], { timeoutMs: 120_000 });
    return { ok: true, text: show([columns, rows]) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { code, message, facts, cause } = error;
    return { ok: false, text: show([code, message, facts, String(cause)]) };
  }
}

describe('a tenant, on the bare adapter,', () => {
  const refused: readonly (readonly [string, (path: string) => string])[] = [
    ['names a table of another', () => 'SELECT * FROM vault.jewels'],
    ['names it with the catalog', () => 'SELECT * FROM "tenant-data".vault.jewels'],
    ['names it quoted and folded', () => 'SELECT * FROM "VAULT"."JEWELS"'],
    ['joins it', () => 'SELECT * FROM mine JOIN vault.jewels ON true'],
    ['reads it in a CTE', () => 'WITH x AS (SELECT * FROM vault.jewels), mine AS (FROM x) SELECT * FROM mine'],
    ['reads it in a subquery', () => 'SELECT (SELECT max(place) FROM vault.jewels)'],
    ['makes a view of it', () => 'CREATE VIEW v AS SELECT * FROM vault.jewels'],
    ['writes to it', () => "INSERT INTO vault.jewels VALUES ('mine')"],
    ['deletes from it', () => 'DELETE FROM vault.jewels'],
    ['updates it', () => "UPDATE vault.jewels SET place = 'x'"],
    ['drops it', () => 'DROP TABLE vault.jewels'],
    ['alters it', () => 'ALTER TABLE vault.jewels ADD COLUMN x INTEGER'],
    ['drops its namespace', () => 'DROP SCHEMA vault CASCADE'],
    ['merges into it', () => 'MERGE INTO vault.jewels USING mine ON true WHEN MATCHED THEN DELETE'],
    ['names its temporary table', () => 'SELECT * FROM temp.victim_temp'],
    ['attaches its file', (path) => `ATTACH '${path}' AS b`],
    ['attaches it read-only', (path) => `ATTACH '${path}' (READ_ONLY)`],
    ['attaches it within EXPLAIN ANALYZE', (path) => `EXPLAIN ANALYZE ATTACH '${path}' AS b`],
    ['attaches a new file', (path) => `ATTACH '${path}.new' AS b`],
    ['attaches memory', () => "ATTACH ':memory:' AS b"],
    ['detaches its own', () => 'DETACH "tenant-data"'],
    ['reads its file as bytes', (path) => `SELECT * FROM read_blob('${path}')`],
    ['reads a text file', (path) => `SELECT * FROM read_text('${path}')`],
    ['reads a CSV file', (path) => `SELECT * FROM read_csv('${path}')`],
    ['reads it quoted and folded', (path) => `SELECT * FROM "READ_CSV"  ('${path}')`],
    ['reads it by its name alone', (path) => `SELECT * FROM '${join(path, '..', 'plain.csv')}'`],
    ['reads a database by its name alone', (path) => `SELECT * FROM read_duckdb('${path}', table_name = 'jewels')`],
    ['reads Parquet', (path) => `SELECT * FROM parquet_scan('${path}')`],
    ['reads JSON', (path) => `SELECT * FROM read_json_auto('${path}')`],
    ['sniffs a file', (path) => `SELECT * FROM sniff_csv('${path}')`],
    ['lists files', (path) => `SELECT * FROM glob('${path}*')`],
    ['lists files by a view', (path) => `CREATE VIEW files AS SELECT * FROM glob('${path}*')`],
    ['reads files by a query in a text', (path) => `SELECT * FROM query('FROM read_text(''${path}'')')`],
    ['reads a table by its name in a text', () => "SELECT * FROM query_table('vault.jewels')"],
    ['reads by a serialized query', () => `SELECT * FROM json_execute_serialized_sql('{}')`],
    ['reads files by a macro', (path) => `CREATE MACRO m() AS TABLE SELECT * FROM read_text('${path}')`],
    ['reads files by a prepared statement', (path) => `PREPARE p AS SELECT * FROM read_text('${path}')`],
    ['executes a prepared statement', () => 'EXECUTE p'],
    ['copies to a file', (path) => `COPY mine TO '${path}.csv'`],
    ['copies from a file', (path) => `COPY mine FROM '${path}.csv'`],
    ['copies within EXPLAIN ANALYZE', (path) => `EXPLAIN ANALYZE COPY mine TO '${path}.x'`],
    ['copies a database', () => 'COPY FROM DATABASE "tenant-data" TO memory'],
    ['exports', (path) => `EXPORT DATABASE '${path}.d'`],
    ['imports', (path) => `IMPORT DATABASE '${path}.d'`],
    ['imports by PRAGMA', (path) => `PRAGMA import_database('${path}')`],
    ['lists databases by PRAGMA', () => 'PRAGMA database_list'],
    ['shows settings by PRAGMA', () => 'PRAGMA all_profiling_output'],
    ['enables profiling', () => "PRAGMA enable_profiling('json')"],
    ['profiles to a file', (path) => `SET profiling_output = '${path}.json'`],
    ['lists databases by function', () => 'SELECT path FROM duckdb_databases()'],
    ['lists databases by view', () => 'SELECT path FROM duckdb_databases'],
    ['lists databases by quoted view', () => 'SELECT * FROM "PRAGMA_database_list"'],
    ['lists settings by function', () => 'SELECT * FROM duckdb_settings()'],
    ['lists secrets', () => 'SELECT * FROM duckdb_secrets()'],
    ['lists variables', () => 'SELECT * FROM "duckdb_variables"()'],
    ['lists temporary files', () => 'SELECT * FROM duckdb_temporary_files()'],
    ['reads a setting', () => "SELECT current_setting('temp_directory')"],
    ['reads the environment', () => "SELECT getenv('HOME')"],
    ['reads the log', () => 'SELECT * FROM duckdb_logs()'],
    [
      'writes a log to files',
      (path) => `CALL enable_logging(storage = 'file', storage_config = {'path': '${path}.log'})`,
    ],
    [
      'writes a log by SELECT',
      (path) => `SELECT * FROM enable_logging(storage = 'file', storage_path = '${path}.log')`,
    ],
    ['points into memory', () => 'SELECT * FROM arrow_scan(1, 2, 3)'],
    ['makes a secret', () => "CREATE SECRET s (TYPE http, BEARER_TOKEN 'x')"],
    ['makes a lasting secret', () => "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')"],
    ['adds a Parquet key', () => "PRAGMA add_parquet_key('k', '0123456789112345')"],
    ['installs an extension', () => 'INSTALL httpfs'],
    ['loads an extension', () => "LOAD 'httpfs'"],
    ['forces an extension', () => "FORCE INSTALL httpfs FROM 'http://localhost/'"],
    ['reads from the network', () => "SELECT * FROM 'http://localhost:1/x.csv'"],
    ['opens up again', () => 'SET enable_external_access = true'],
    ['unlocks', () => 'SET lock_configuration = false'],
    ['unlocks by RESET', () => 'RESET lock_configuration'],
    ['allows folders', (path) => `SET allowed_directories = ['${path}']`],
    ['raises its memory', () => "SET memory_limit = '1TB'"],
    ['takes threads', () => 'SET GLOBAL threads = 64'],
    ['sets the time zone of its colleagues', () => "SET GLOBAL TimeZone = 'Asia/Tokyo'"],
    ['takes another search path', () => "SET search_path = 'main'"],
    ['uses another database', () => 'USE memory'],
    ['checkpoints', () => 'FORCE CHECKPOINT'],
    ['checkpoints by function', () => 'SELECT * FROM force_checkpoint()'],
    ['summarizes a file', (path) => `SUMMARIZE '${join(path, '..', 'plain.csv')}'`],
    ['describes a file', (path) => `DESCRIBE '${join(path, '..', 'plain.csv')}'`],
    ['pivots a file', (path) => `PIVOT '${join(path, '..', 'plain.csv')}' ON s3cr3t`],
    ['inserts from a file', (path) => `INSERT INTO mine FROM '${join(path, '..', 'plain.csv')}'`],
    ['makes a table of a file', (path) => `CREATE TABLE taken AS FROM '${join(path, '..', 'plain.csv')}'`],
    ['makes a type of a file', (path) => `CREATE TYPE taken AS ENUM (SELECT content FROM read_text('${path}'))`],
    ['keeps a file in a variable', (path) => `SET VARIABLE taken = (SELECT content FROM read_text('${path}'))`],
    ['reads the file that a variable names', () => "SELECT * FROM read_text(getvariable('path'))"],
    ['runs the query that a variable holds', () => "FROM query(getvariable('sql'))"],
    ['explains a file', (path) => `EXPLAIN (ANALYZE, FORMAT json) SELECT * FROM '${join(path, '..', 'plain.csv')}'`],
    ['copies a query to a file', (path) => `COPY (FROM mine) TO '${path}.parquet'`],
    ['attaches another kind of database', (path) => `ATTACH '${path}' AS b (TYPE sqlite)`],
    ['renames its database', () => 'ALTER DATABASE "tenant-data" RENAME TO tenant2'],
    ['comments on a table of another', () => "COMMENT ON TABLE vault.jewels IS 'mine'"],
    ['comments on a column of another', () => "COMMENT ON COLUMN vault.jewels.place IS 'mine'"],
    ['comments on a database', () => 'COMMENT ON DATABASE "tenant-data" IS \'mine\''],
    ['indexes a table of another', () => 'CREATE INDEX i ON vault.jewels (place)'],
    ['refers to a table of another', () => 'CREATE TABLE child (p VARCHAR REFERENCES vault.jewels (place))'],
    ['makes a table like one of another', () => 'CREATE TABLE alike (LIKE vault.jewels)'],
    ['shows tables of another', () => 'SHOW TABLES FROM vault'],
    ['truncates a table of another', () => 'TRUNCATE vault.jewels'],
    ['reads a former version', () => 'SELECT * FROM mine AT (VERSION => 1)'],
    ['makes a macro of an own name', () => 'CREATE OR REPLACE TEMP MACRO lower(x) AS getenv(x)'],
    ['makes a function', () => 'CREATE FUNCTION lower(x) AS x'],
    ['makes a trigger', () => 'CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW SELECT 1'],
    ['updates extensions', () => 'UPDATE EXTENSIONS'],
    ['vacuums', () => 'VACUUM ANALYZE'],
    ['calls', () => 'CALL duckdb_databases()'],
    ['resets for everybody', () => 'RESET GLOBAL TimeZone'],
    ['raises its memory by a folded name', () => "SET SESSION Max_Memory = '1TB'"],
    ['turns on a log', () => 'SET enable_logging = true'],
    ['takes another schema', () => "SET schema = 'main'"],
    ['sends two statements', () => 'SELECT 1; DROP TABLE mine'],
  ];

  it.each(refused)('%s: refused', async (_, sql) => {
    const { ok, text } = await seen(sql(file));
    expect(text.replaceAll(/vault|jewels|victim_temp/gi, '')).not.toMatch(SECRETS);
    expect(ok).toBe(false);
  });

  it.each([
    ['information_schema', 'SELECT table_catalog, table_schema, table_name FROM information_schema.tables'],
    ['schemata', 'SELECT * FROM information_schema.schemata'],
    ['pg_catalog', 'SELECT * FROM pg_catalog.pg_class'],
    ['pg_database', 'SELECT datname FROM pg_catalog.pg_database'],
    ['sqlite_master', 'SELECT * FROM sqlite_master'],
    ['SHOW ALL TABLES', 'SHOW ALL TABLES'],
    ['SHOW DATABASES', 'SHOW DATABASES'],
    ['SHOW SCHEMAS', 'SHOW SCHEMAS'],
    ['getvariable', "SELECT getvariable('own')"],
    ['pg_settings', 'SELECT * FROM pg_catalog.pg_settings'],
    ['error texts', 'SELECT * FROM jewel'],
  ])('sees nothing of another in %s', async (_, sql) => {
    expect((await seen(sql)).text).not.toMatch(SECRETS);
  });

  it('has changed nothing of others, in its own instance or on the disk', async () => {
    expect(await rowsOf(victim, 'FROM jewels')).toEqual([['s3cr3t']]);
    expect(await rowsOf(victim, "SELECT getvariable('own'), (SELECT count(*) FROM victim_temp)")).toEqual([
      ['s3cr3t', 1n],
    ]);
    expect(await rowsOf(colleague, "SELECT strftime(to_timestamp(0), '%H'), (SELECT i FROM mine)")).toEqual([
      ['00', 1],
    ]);
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'attacker',
      'attacker/main',
      'attacker/main/tenant-data.duckdb',
      'attacker/main/tenant-data.duckdb.wal',
      'victim',
      'victim/main',
      'victim/main/plain.csv',
      'victim/main/tenant-data.duckdb',
      'victim/main/tenant-data.duckdb.wal',
    ]);
  });
});

describe('names of tenants and storages', () => {
  it('can not lead out of their folder, nor to one another', async () => {
    const dataFolder = await world.folder();
    const own = await world.engine({ dataFolder });
    const names = [
      '../up',
      '..',
      '.',
      'a/b',
      'A/B',
      'ACME',
      'acme',
      'Acme',
      'a\\b',
      '%2e%2e',
      '=2e',
      '\u00e9',
      'e\u0301',
      '~',
      'x'.repeat(300),
      'x'.repeat(301),
    ];
    for (const name of names) {
      const connection = await world.connection(own, name);
      await answer(connection, 'CREATE TABLE t AS SELECT $1::VARCHAR AS name', [name]);
      await connection.close();
    }
    for (const name of names) {
      expect(await rowsOf(await world.connection(own, name), 'FROM t')).toEqual([[name]]);
    }
    const folders = await readdir(dataFolder);
    expect(folders).toHaveLength(names.length);
    expect(new Set(folders.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(folders.every((name) => /^[a-z0-9_=~-]+$/.test(name))).toBe(true);
  });
});
