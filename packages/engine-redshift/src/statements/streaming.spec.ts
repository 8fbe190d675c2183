import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection } from '@mooring/engine';
import { answer, failureOf, openWorld, requestOf, rowsOf } from '../engine.fixture.ts';
import type { World } from '../engine.fixture.ts';

const ROWS = 100_000;
const PAGE = 1000;
const SQL = `SELECT n::bigint AS n, 'row ' || n AS name FROM generate_series(1, ${ROWS}) AS g(n)`;

let world: World;
let connection: EngineConnection;

beforeAll(async () => {
  world = await openWorld({ limits: { resultPageRows: PAGE } });
  connection = await world.connection(world.engine());
  await rowsOf(connection, 'SELECT 1');
});
afterAll(() => world.close());

const pages = (): number => world.local.stats().operations.GetStatementResult;

describe('a result of 100,000 rows', () => {
  it('comes page by page, each when it is asked for', async () => {
    const before = pages();
    const result = await connection.run(requestOf(SQL));
    let [batches, rows, sum] = [0, 0, 0n];
    for await (const { rowCount, values } of result.batches()) {
      batches += 1;
      rows += rowCount;
      expect(pages() - before).toBe(batches);
      for (const n of values[0] ?? []) sum += n as bigint;
      expect(values[1]?.at(-1)).toBe(`row ${rows}`);
    }
    expect({ batches, rows, sum }).toEqual({ batches: ROWS / PAGE, rows: ROWS, sum: 5_000_050_000n });
    expect(pages() - before).toBe(ROWS / PAGE);
  });

  it('is left early without reading the rest, and the connection goes on', async () => {
    const before = pages();
    const result = await connection.run(requestOf(SQL));
    for await (const batch of result.batches()) {
      expect(batch.rowCount).toBe(PAGE);
      break;
    }
    expect(pages() - before).toBe(1);
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
  });

  it('is never taken as complete when it is cancelled on its way', async () => {
    const controller = new AbortController();
    const result = await connection.run(requestOf(SQL, [], { signal: controller.signal }));
    const reading = (async () => {
      for await (const batch of result.batches()) if (batch.rowCount > 0) controller.abort();
    })();
    expect((await failureOf(reading)).code).toBe('cancelled');
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
  });

  it('is read once', async () => {
    const result = await connection.run(requestOf('SELECT 1'));
    for await (const batch of result.batches()) expect(batch.rowCount).toBe(1);
    const again = (async () => {
      for await (const batch of result.batches()) void batch;
    })();
    expect((await failureOf(again)).code).toBe('invalid_argument');
  });

  it('takes the time of its reader, not of the statement', async () => {
    const result = await connection.run(requestOf(SQL, [], { timeoutMs: 120_000 }));
    await result.close();
    await result.close();
    expect((await answer(connection, 'SELECT 1 WHERE false')).rows).toEqual([]);
  });
});
