import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requireRunnable } from './guard.ts';
import { tokensOf } from './tokens.ts';

function refusal(sql: string, readOnly = false): string | undefined {
  try {
    requireRunnable(sql, readOnly);
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
}

describe('the guard', () => {
  it.each([
    'SELECT 1',
    '  (SELECT 1) UNION (SELECT 2)',
    '/* a /* nested */ comment */ -- and another\nWITH x AS (SELECT 1) FROM x',
    'FROM t',
    'VALUES (1)',
    'TABLE t',
    'DESCRIBE t',
    'SELECT glob, query FROM checkpoint WHERE "getenv" = 1',
    "SELECT 'read_csv(x)', E'\\'read_csv(x)', $$read_csv(x)$$, $t$read_csv('$$')$t$, \"read_csv\"",
    'SELECT 1 -- read_csv(x)',
    'SELECT 1 /* read_csv(x) */',
    'CREATE OR REPLACE TEMP TABLE t (i INTEGER)',
    'CREATE UNIQUE INDEX i ON t (a)',
    'ALTER TABLE t ADD COLUMN c INTEGER',
    'DROP VIEW IF EXISTS v',
    'COMMENT ON TABLE t IS $$x$$',
    'BEGIN TRANSACTION',
    'COMMIT',
    'EXPLAIN SELECT 1',
    'EXPLAIN ANALYZE SELECT 1',
    'EXPLAIN (ANALYZE, FORMAT json) SELECT 1',
    'EXPLAIN (SELECT 1)',
    'SET VARIABLE x = 1',
    "SET TimeZone = 'UTC'",
    "SET SESSION timezone TO 'UTC'",
    "SET TIME ZONE 'UTC'",
    'RESET TimeZone',
  ])('lets %s pass', (sql) => {
    expect(refusal(sql)).toBeUndefined();
  });

  it.each([
    "COPY t TO 'x'",
    "ATTACH 'x'",
    'DETACH x',
    "EXPORT DATABASE 'x'",
    "IMPORT DATABASE 'x'",
    'INSTALL x',
    'LOAD x',
    'PRAGMA database_list',
    'CALL range(3)',
    'CHECKPOINT',
    'VACUUM',
    'PREPARE p AS SELECT 1',
    'EXECUTE p',
    'DEALLOCATE p',
    'USE main',
    "SET search_path = 'main'",
    "SET schema = 'main'",
    'SET memory_limit = 1',
    "SET GLOBAL TimeZone = 'UTC'",
    'RESET GLOBAL TimeZone',
    'RESET ALL',
    'SET "timezone" = 1',
    'CREATE MACRO f(x) AS x',
    'CREATE OR REPLACE FUNCTION f(x) AS x',
    'CREATE PERSISTENT SECRET s (TYPE http)',
    'CREATE TEMP SECRET s (TYPE http)',
    'DROP SECRET s',
    `SELECT 1${' UNION ALL SELECT 1'.repeat(1001)}`,
    'EXPLAIN COPY t TO $$x$$',
    'EXPLAIN ANALYZE COPY t TO $$x$$',
    'EXPLAIN (ANALYZE) ATTACH $$x$$',
    'EXPLAIN ANALYZE PRAGMA version',
    '',
    ';',
    '-- SELECT',
  ])('refuses %s as a statement', (sql) => {
    expect(refusal(sql)).toBe('unsupported_statement');
  });

  it.each([
    'SELECT * FROM read_csv($$x$$)',
    'SELECT * FROM READ_CSV /* x */ -- y\n ($$x$$)',
    'SELECT * FROM "Read_Csv"($$x$$)',
    'SELECT * FROM main.read_csv($$x$$)',
    'SELECT * FROM "system"."main"."read_csv" ($$x$$)',
    "SELECT 'HOME'.getenv()",
    "WITH a AS (SELECT * FROM query('SELECT 1')) FROM a",
    'CREATE VIEW v AS SELECT * FROM duckdb_tables()',
    'CREATE TABLE t (i INTEGER DEFAULT (getenv($$x$$)))',
    'EXPLAIN ANALYZE SELECT * FROM enable_logging()',
    'INSERT INTO t SELECT * FROM arrow_scan(1, 2, 3)',
    "SELECT e'\\'', getenv($$x$$) --'",
    "SELECT x'00', getenv('')",
    "SELECT 1e'', getenv('')",
    'SELECT $a$ $b$ $a$, getenv($$$$)',
    'SELECT a$$, getenv(1), b$$',
    "SELECT 'a''', getenv('')",
    'SELECT "a""", getenv(1), """"',
    "SELECT /* /* */ ' */ 1, getenv(1)",
    'SELECT 1\u00a0, getenv\u00a0(1)',
    'SELECT \u2003getenv\u3000(1)',
    'SELECT getenv\u200b(1)',
  ])('refuses the call in %s', (sql) => {
    expect(refusal(sql)).toBe('forbidden');
  });

  it.each([
    "SELECT ée'\\', getenv('')--'",
    'SELECT é$$, getenv(1), é$$',
    'SELECT $é$ x $é$',
    'SELECT 1\0',
    "SELECT e'a'\n'\\'', getenv(1), 'b'",
    "SELECT e'a' -- '\n'\\'', getenv(1), 'b'",
  ])('refuses %j, which it can not read as DuckDB does', (sql) => {
    expect(refusal(sql)).toBe('syntax_error');
  });

  it.each([
    ['CREATE TABLE t (i INTEGER)', 'unsupported_statement'],
    ['CREATE VIEW v AS SELECT 1', 'unsupported_statement'],
    ['CREATE TEMP SCHEMA s', 'unsupported_statement'],
    ['DROP VIEW v', 'unsupported_statement'],
    ['DROP SCHEMA s', 'unsupported_statement'],
    ['ALTER VIEW v RENAME TO w', 'unsupported_statement'],
    ['COMMENT ON VIEW v IS $$x$$', 'unsupported_statement'],
    ['CREATE TEMP TABLE t (i INTEGER)', undefined],
    ['CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1', undefined],
    ['DROP TABLE t', undefined],
    ['INSERT INTO t VALUES (1)', undefined],
    ['SELECT 1', undefined],
  ])('of a storage that is only read: %s', (sql, code) => {
    expect(refusal(sql, true)).toBe(code);
  });
});

describe('tokens', () => {
  let connection: DuckDBConnection;
  let instance: DuckDBInstance;

  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:');
    connection = await instance.connect();
  });
  afterAll(() => {
    connection.closeSync();
    instance.closeSync();
  });

  /** Each ends a text or comment in another way; where DuckDB sees the column, so must we. */
  it.each([
    "'a' AS MARK",
    "'a''b' AS MARK",
    "'a\\' AS MARK",
    "e'a\\'' AS MARK",
    "E'a\\\\' AS MARK",
    "e'a''' AS MARK",
    "e'a' || 'b' AS MARK",
    "x'00' AS MARK",
    "'a'\n'b' AS MARK",
    "$$a'b$$ AS MARK",
    '$t$a$$b$t$ AS MARK',
    '1 /* a */ AS MARK',
    '1 /* a /* b */ c */ AS MARK',
    "1 /* ' */ AS MARK",
    "1 -- '\n AS MARK",
    "1 -- '\r AS MARK",
    '1 AS/**/MARK',
    '1 AS"MARK"',
    '1\u00a0AS\u2003MARK',
    '5--/*\n AS MARK',
    '5*/* x */2 AS MARK',
    'a$$ AS MARK FROM (SELECT 1 AS a$$)',
    '1e5 AS MARK',
    '1_000 AS MARK',
    '[1][1] AS MARK',
    "{'a': 1}.a AS MARK",
  ])('of %j are those of DuckDB', async (expression) => {
    const sql = `SELECT ${expression}`;
    const reader = await connection.runAndReadAll(sql);
    expect(reader.columnNames().map((name) => name.toLowerCase())).toEqual(['mark']);
    expect(tokensOf(sql)?.map(({ text }) => text)).toContain('mark');
  });

  it.each(["'a AS MARK", "e'\\' AS MARK", '$$ AS MARK', '/* AS MARK', '/* /* */ AS MARK', '"AS MARK'])(
    'that are not there for DuckDB are not there: %j',
    async (expression) => {
      await expect(connection.prepare(`SELECT ${expression}`)).rejects.toThrow('Parser Error');
      expect(tokensOf(`SELECT ${expression}`)?.map(({ text }) => text)).not.toContain('mark');
    },
  );

  it('of a long statement take time in proportion', () => {
    const text = `SELECT '${"x''".repeat(500_000)}', "${'y""'.repeat(500_000)}", e'${"\\'".repeat(500_000)}' /* ${'/* */'.repeat(100_000)} */`;
    expect(tokensOf(text)).toHaveLength(4);
  });
});
