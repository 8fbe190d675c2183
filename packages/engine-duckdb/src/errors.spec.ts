import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection } from '@mooring/engine';
import { EngineWorld, answer, failureOf, requestOf } from './engine.fixture.ts';
import { isFatal, translate } from './errors.ts';
import { createDuckdbEngine } from './index.ts';

const world = new EngineWorld();
let connection: EngineConnection;

beforeAll(async () => {
  connection = await world.connection(await world.engine({ dataFolder: null }));
  await answer(connection, 'CREATE TABLE t (i INTEGER PRIMARY KEY, s VARCHAR NOT NULL CHECK (length(s) < 9))');
  await answer(connection, "INSERT INTO t VALUES (1, 'a')");
  await answer(connection, 'CREATE SCHEMA other');
  await answer(connection, 'CREATE TABLE other.t (i INTEGER)');
});
afterAll(() => world.close());

describe('failures', () => {
  it.each([
    ['SELECT\n  1 FROM FROM t', 'syntax_error', { line: 2, column: 10 }],
    ["SELECT 'é', nowhere\nFROM t", 'not_found', { line: 1, column: 13 }],
    ['SELECT * FROM missing', 'not_found', { line: 1, column: 15 }],
    ['SELECT missing(1)', 'not_found', { line: 1 }],
    ['INSERT INTO missing VALUES (1)', 'not_found', {}],
    ['DROP TABLE missing', 'not_found', {}],
    ['CREATE TABLE missing.t (i INTEGER)', 'not_found', {}],
    ['CREATE TABLE t (i INTEGER)', 'already_exists', {}],
    ['DROP SCHEMA other', 'in_use', {}],
    ["INSERT INTO t VALUES (1, 's3cr3t')", 'conflict', { retryable: false }],
    ["INSERT INTO t VALUES (2, 's3cr3t-too-long')", 'conflict', { retryable: false }],
    ['INSERT INTO t VALUES (2, NULL)', 'conflict', { retryable: false }],
    ["SELECT 's3cr3t'::INTEGER", 'execution_failed', {}],
    ['SELECT 300::TINYINT', 'execution_failed', {}],
    ['SELECT 9223372036854775807 + 1', 'execution_failed', {}],
    ["SELECT 1 + {'s3cr3t': 1}", 'execution_failed', {}],
    ["SELECT error('s3cr3t')", 'execution_failed', {}],
    ['SELECT $1 + $1', 'parameter_count', {}],
    ["SELECT * FROM '/etc/passwd.csv'", 'forbidden', {}],
    [`VALUES (${'abs('.repeat(300)}1${')'.repeat(300)})`, 'unsupported_statement', {}],
    ['SELECT 1; SELECT 2', 'unsupported_statement', {}],
    ['COMMIT', 'no_transaction', {}],
  ])('%j is %s', async (sql, code, more) => {
    const error = await failureOf(answer(connection, sql));
    expect(error).toMatchObject({ code, ...more });
    expect(`${error.message} ${JSON.stringify(error.facts)} ${String(error.cause)}`).not.toMatch(
      /s3cr3t|SELECT|passwd/,
    );
    expect(error.cause).toBeUndefined();
  });

  it('names the object that is missing, and none that is not', async () => {
    const error = await failureOf(answer(connection, 'SELECT * FROM tt'));
    expect(error.message).toBe('Table tt does not exist. Look at its spelling and its namespace.');
  });

  it.each(['FATAL', 'INTERNAL'])('of the engine itself, %s, say that it is opened anew', (kind) => {
    const error = translate(new Error(JSON.stringify({ exception_type: kind, exception_message: 's3cr3t' })));
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(error.message).not.toContain('s3cr3t');
    expect(isFatal(error)).toBe(true);
  });

  it('of a closed engine', async () => {
    const engine = await world.engine({ dataFolder: null });
    const own = await world.connection(engine);
    await Promise.all([engine.close(), engine.close()]);
    expect(await failureOf(own.run(requestOf('SELECT 1')))).toMatchObject({ code: 'unavailable' });
    expect(await failureOf(world.connection(engine))).toMatchObject({ code: 'unavailable' });
  });
});

describe('options', () => {
  it.each([
    [{ dataFolder: '' }, 'dataFolder'],
    [{ dataFolder: null, parquetFolder: 'a\0' }, 'parquetFolder'],
    [{ dataFolder: null, maxOpen: 0 }, 'maxOpen'],
    [{ dataFolder: null, threads: 1.5 }, 'threads'],
    [{ dataFolder: null, memoryMb: Number.NaN }, 'memoryMb'],
    [{ dataFolder: null, maxCalls: 2, maxCallsPerTenant: 3 }, 'maxCallsPerTenant'],
  ])('%j is refused by name', (options, name) => {
    expect(() => createDuckdbEngine(options)).toThrow(
      expect.objectContaining({ code: 'misconfigured', message: expect.stringContaining(name) }),
    );
  });
});
