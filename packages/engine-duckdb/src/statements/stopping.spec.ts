import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection } from '@mooring/engine';
import { EngineWorld, answer, failureOf, requestOf, rowsOf, until } from '../engine.fixture.ts';
import type { DuckdbEngine } from '../index.ts';
import { SteppedClock } from '../stepped-clock.fixture.ts';

const ENDLESS = 'SELECT count(*) FROM range(50000000000)';
const LARGE = "SELECT range, repeat('x', 200) FROM range(10000000)";

const world = new EngineWorld();
let engine: DuckdbEngine;
let connection: EngineConnection;

beforeAll(async () => {
  engine = await world.engine({ memoryMb: 64, spillMb: 0, maxCalls: 2, maxCallsPerTenant: 1 });
  connection = await world.connection(engine);
  await answer(connection, 'CREATE TABLE t (i INTEGER PRIMARY KEY)');
});
afterAll(() => world.close());

async function stillWorks(): Promise<void> {
  expect(engine.stats()).toMatchObject({ calls: 0, callsWaiting: 0 });
  expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
}

/** Once DuckDB has got a statement. */
async function begun(): Promise<void> {
  await until(() => engine.stats().calls > 0);
}

describe('a statement', () => {
  it.each([ENDLESS, `${ENDLESS} LIMIT 1`])('ends when its time is over: %s', async (sql) => {
    const error = await failureOf(answer(connection, sql, [], { timeoutMs: 50 }));
    expect(error).toMatchObject({ code: 'timeout' });
    expect(error.message).toContain('50 ms');
    await stillWorks();
  });

  it.each([ENDLESS, `${ENDLESS} LIMIT 1`])('ends when its caller does not want it any more: %s', async (sql) => {
    const controller = new AbortController();
    const running = failureOf(answer(connection, sql, [], { signal: controller.signal }));
    await begun();
    controller.abort();
    expect(await running).toMatchObject({ code: 'cancelled' });
    await stillWorks();
  });

  it('does not begin when its caller has left before', async () => {
    const error = await failureOf(answer(connection, 'INSERT INTO t VALUES (7)', [], { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'cancelled' });
    expect(await rowsOf(connection, 'FROM t WHERE i = 7')).toEqual([]);
  });

  it('that changes rows changes none when it is stopped', async () => {
    const sql = 'INSERT INTO t SELECT range + 100 FROM range(1000000000)';
    await failureOf(answer(connection, sql, [], { timeoutMs: 100 }));
    expect(await rowsOf(connection, 'FROM t')).toEqual([]);
  });

  it.each([
    ['INSERT', ['DELETE FROM t'], 'INSERT INTO t SELECT range FROM range(5000)'],
    ['UPDATE', ['DELETE FROM t', 'INSERT INTO t VALUES (0)'], 'UPDATE t SET i = 1'],
    ['CREATE', ['DELETE FROM t', 'DROP TABLE IF EXISTS c'], 'CREATE TABLE c AS SELECT range AS i FROM range(5000)'],
    ['COMMIT', ['DELETE FROM t', 'BEGIN', 'INSERT INTO t SELECT range FROM range(5000)'], 'COMMIT'],
  ])('is told as it ended, whenever it is cancelled, and harms none after it: %s', async (kind, before, sql) => {
    const other = await world.connection(engine);
    const trace = kind === 'CREATE' ? 'SELECT count(*) FROM c' : 'SELECT count(*) FROM t WHERE i > 0';
    const happened = () =>
      rowsOf(other, trace).then(
        ([row]) => Number(row?.[0]) > 0,
        () => false,
      );
    for (let turns = 0; turns < 24; turns += 1) {
      for (const statement of before) await answer(connection, statement);
      const controller = new AbortController();
      const running = answer(connection, sql, [], { signal: controller.signal }).then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      controller.abort();
      expect([turns, await running]).toEqual([turns, (await happened()) ? 'done' : 'cancelled']);
      await answer(connection, 'ROLLBACK').catch(() => undefined);
      await stillWorks();
    }
    await answer(connection, 'DELETE FROM t');
    await other.close();
  });

  it('ends, with its rows, when nobody takes them', async () => {
    const clock = new SteppedClock();
    const own = await world.connection(await world.engine({ dataFolder: null, clock }));
    const result = await own.run(requestOf(LARGE, [], { timeoutMs: 100 }));
    const batches = result.batches()[Symbol.asyncIterator]();
    await batches.next();
    clock.advance(99);
    expect(await failureOf(own.run(requestOf('SELECT 1')))).toMatchObject({ code: 'in_use' });
    clock.advance(1);
    const isFree = (): Promise<boolean> =>
      answer(own, 'SELECT 1').then(
        () => true,
        () => false,
      );
    await until(isFree);
    expect(await failureOf(batches.next())).toMatchObject({ code: 'timeout' });
  });

  it('fails when it needs more memory than its tenant has', async () => {
    const error = await failureOf(answer(connection, 'SELECT list(range) FROM range(100000000)'));
    expect(error).toMatchObject({ code: 'out_of_memory' });
    await stillWorks();
  });

  it('ends with its connection', async () => {
    const other = await world.connection(engine);
    const running = failureOf(answer(other, ENDLESS));
    await begun();
    await other.close();
    expect(await running).toMatchObject({ code: 'cancelled' });
    expect(await failureOf(other.run(requestOf('SELECT 1')))).toMatchObject({ code: 'unavailable' });
    await stillWorks();
  });

  it('ends with its engine', async () => {
    const own = await world.engine({ dataFolder: null });
    const [one, two] = [await world.connection(own), await world.connection(own, 'other')];
    const running = failureOf(answer(one, ENDLESS));
    const stream = await two.run(requestOf(LARGE));
    const batches = stream.batches()[Symbol.asyncIterator]();
    await batches.next();
    await own.close();
    expect(await running).toMatchObject({ code: 'cancelled' });
    expect(await failureOf(batches.next())).toMatchObject({ code: 'cancelled' });
    expect(own.stats()).toMatchObject({ open: 0, connections: 0, calls: 0 });
  });

  it('that waits for its turn until its time is over has not run', async () => {
    const other = await world.connection(engine);
    const controller = new AbortController();
    let runs = false;
    const onProgress = (): void => void (runs = true);
    const running = failureOf(answer(other, ENDLESS, [], { signal: controller.signal, onProgress }));
    await until(() => runs);
    const error = await failureOf(answer(connection, 'INSERT INTO t VALUES (1)', [], { timeoutMs: 20 }));
    expect(error).toMatchObject({ code: 'too_busy', retryable: true });
    const elsewhere = await world.connection(engine, 'other-tenant');
    expect(await rowsOf(elsewhere, 'SELECT 1')).toEqual([[1]]);
    controller.abort();
    await running;
    expect(await rowsOf(connection, 'FROM t')).toEqual([]);
    await Promise.all([other.close(), elsewhere.close()]);
  });

  it('tells how far it is, and writes nothing to the terminal', async () => {
    const seen: number[] = [];
    const sql = 'SELECT sum(a.range * b.range) FROM range(10000) a, range(10000) b WHERE (a.range + b.range) % 7 = 3';
    await answer(connection, sql, [], { onProgress: (progress) => seen.push(progress) });
    expect(seen.every((progress) => progress >= 0 && progress <= 1)).toBe(true);
    expect(seen.length).toBeGreaterThan(0);
  });
});

describe('a transaction', () => {
  it('is kept when a result of it is closed early', async () => {
    await answer(connection, 'BEGIN');
    await answer(connection, 'INSERT INTO t VALUES (11)');
    const result = await connection.run(requestOf(LARGE));
    for await (const _ of result.batches()) break;
    await answer(connection, 'INSERT INTO t VALUES (12)');
    await answer(connection, 'COMMIT');
    expect(await rowsOf(connection, 'DELETE FROM t RETURNING i')).toEqual([[11], [12]]);
  });

  it('in which a statement failed is not committed, and says so', async () => {
    await answer(connection, 'BEGIN');
    await answer(connection, 'INSERT INTO t VALUES (12)');
    await failureOf(answer(connection, "SELECT 'x'::INTEGER"));
    expect(await failureOf(answer(connection, 'SELECT 1'))).toMatchObject({ code: 'conflict' });
    expect(await failureOf(answer(connection, 'COMMIT'))).toMatchObject({ code: 'conflict' });
    expect(await rowsOf(connection, 'FROM t')).toEqual([]);
    expect(await failureOf(answer(connection, 'COMMIT'))).toMatchObject({ code: 'no_transaction' });
  });

  it('ends with its connection', async () => {
    const other = await world.connection(engine);
    await answer(other, 'BEGIN');
    await answer(other, 'INSERT INTO t VALUES (13)');
    await other.close();
    expect(await rowsOf(connection, 'FROM t')).toEqual([]);
  });

  it('that changes the same row as another one is a conflict that can be tried again', async () => {
    const other = await world.connection(engine);
    await answer(connection, 'INSERT INTO t VALUES (14)');
    await answer(connection, 'BEGIN');
    await answer(connection, 'UPDATE t SET i = 15');
    const error = await failureOf(answer(other, 'UPDATE t SET i = 16'));
    expect(error).toMatchObject({ code: 'conflict', retryable: true });
    await answer(connection, 'ROLLBACK');
    await answer(connection, 'DELETE FROM t');
    await other.close();
  });
});

describe('what does not fit into memory', () => {
  it('goes to the disk, within its limit, although the tenant has no files', async () => {
    const spilling = await world.connection(await world.engine({ memoryMb: 32, spillMb: 512 }));
    const side = '(SELECT range i, md5(range::VARCHAR) m FROM range(500000))';
    const sql = `SELECT max(a.i + b.i) FROM ${side} a JOIN ${side} b USING (m)`;
    expect(await rowsOf(spilling, sql)).toEqual([[999_998n]]);
    const without = await world.connection(await world.engine({ memoryMb: 32, spillMb: 0 }));
    expect(await failureOf(answer(without, sql))).toMatchObject({ code: 'out_of_memory' });
    const little = await world.connection(await world.engine({ memoryMb: 32, spillMb: 1 }));
    expect(await failureOf(answer(little, sql))).toMatchObject({ code: 'out_of_memory' });
  });
});
