import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openBench } from '../warehouse-bench.fixture.ts';
import type { Bench } from '../warehouse-bench.fixture.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});

afterAll(() => bench.stop());

const request = (tenantId: string, sql: string) => ({ tenantId, target: bench.target(tenantId), sql });

describe('a statement that takes too long', () => {
  it('is cancelled, and its session is free for the next', async () => {
    const { warehouse, counters } = bench.process({ maxSessionsPerKey: 1 });
    await (await warehouse.execute(request('slow', 'select 1'))).wait();
    const late = await warehouse.execute({ ...request('slow', 'select pg_sleep(60)'), timeoutMs: 1_200 });
    expect(await late.wait()).toMatchObject({ status: 'timed_out' });
    const next = await warehouse.execute(request('slow', 'select 1'));
    expect(await next.wait()).toMatchObject({ status: 'finished' });
    expect(counters.created).toBe(1);
    expect(next.sessionReused).toBe(true);
  });

  it('is cancelled also when nobody waits for it', async () => {
    const { warehouse } = bench.process();
    const late = await warehouse.execute({ ...request('forgotten', 'select pg_sleep(60)'), timeoutMs: 1_100 });
    const other = warehouse.statement(late.id);
    await expect(other.wait({ timeoutMs: 10_000 })).resolves.toMatchObject({ status: 'cancelled' });
  });
});

describe('how a statement stands', () => {
  it('is told though an answer is lost on its way', async () => {
    const { warehouse } = bench.process();
    const running = await warehouse.execute(request('stands', 'select pg_sleep(60)'));
    bench.local.faults.dropResponses({ DescribeStatement: 1 });
    expect(await running.wait({ timeoutMs: 0 })).toMatchObject({ status: 'running' });
    await running.cancel();
    await running.wait();
    const ended = await warehouse.execute(request('stands', 'select 1'));
    await ended.wait();
    bench.local.faults.dropResponses({ DescribeStatement: 1 });
    expect(await ended.describe()).toMatchObject({ status: 'finished', resultRows: 1 });
  });
});

describe('a time that is none', () => {
  it.each([{ timeoutMs: Number.NaN }, { timeoutMs: -1 }, { waitTimeoutMs: Number.NaN }])(
    'is refused: %j',
    async (times) => {
      const { warehouse } = bench.process();
      const statement = { ...request('timeless', 'select 1'), ...times };
      await expect(warehouse.execute(statement)).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );
});

describe('a caller that goes away', () => {
  it('takes the statement along, also one that was looked at', async () => {
    const { warehouse } = bench.process();
    const gone = new AbortController();
    const statement = await warehouse.execute({ ...request('gone', 'select pg_sleep(60)'), signal: gone.signal });
    expect(await statement.describe()).toMatchObject({ status: 'running' });
    gone.abort();
    expect(await statement.wait()).toMatchObject({ status: 'cancelled' });
  });

  it('leaves the line without a trace', async () => {
    const { warehouse } = bench.process({ maxSessionsPerKey: 1 });
    const first = await warehouse.execute(request('line', 'select pg_sleep(1.5)'));
    const gone = new AbortController();
    const second = warehouse.execute({ ...request('line', 'select 1'), signal: gone.signal });
    gone.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    await first.wait();
    expect((await (await warehouse.execute(request('line', 'select 1'))).wait()).status).toBe('finished');
  });

  it('may stop waiting and leave the statement running', async () => {
    const { warehouse } = bench.process();
    const statement = await warehouse.execute(request('patient', 'select pg_sleep(1.5)'));
    expect(await statement.wait({ timeoutMs: 1 })).toMatchObject({ status: 'running' });
    expect(await statement.wait()).toMatchObject({ status: 'finished' });
  });
});

describe('any process', () => {
  it('waits for a statement, reads it and cancels it by its id', async () => {
    const one = bench.process();
    const other = bench.process();
    const statement = await one.warehouse.execute(request('any', "select 7::int as n, 'x' as t"));
    const rows = [];
    for await (const row of other.warehouse.statement(statement.id).rows()) rows.push(row);
    expect(rows).toEqual([[7, 'x']]);
    const long = await one.warehouse.execute(request('any', 'select pg_sleep(60)'));
    await other.warehouse.statement(long.id).cancel();
    expect(await long.wait()).toMatchObject({ status: 'cancelled' });
    await expect(other.warehouse.statement(long.id).cancel()).resolves.toBeUndefined();
  });

  it('is told what it asks for in vain', async () => {
    const { warehouse } = bench.process();
    const unknown = warehouse.statement('00000000-0000-4000-8000-000000000000');
    await expect(unknown.wait()).rejects.toMatchObject({ code: 'statement_not_found' });
    await expect(unknown.page()).rejects.toMatchObject({ code: 'statement_not_found' });
  });
});

describe('a failed statement', () => {
  it('says what the engine said, and leaves its session in use', async () => {
    const { warehouse, counters } = bench.process();
    await (await warehouse.execute(request('fails', 'select 1'))).wait();
    const failed = await warehouse.execute(request('fails', 'select * from nothing_like_it'));
    expect(await failed.wait()).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('relation "nothing_like_it" does not exist'),
    });
    await expect(failed.rows().next()).rejects.toMatchObject({ code: 'statement_failed' });
    const next = await warehouse.execute(request('fails', 'select 1'));
    await next.wait();
    expect(next.sessionReused).toBe(true);
    expect(counters.created).toBe(1);
  });
});

describe('long polls', () => {
  it('give way to intervals when the service has no room for them', async () => {
    const crowded = await openBench({ limits: { maxWaitingRequests: 0 } });
    try {
      const { warehouse } = crowded.process();
      const target = crowded.target('polls');
      const statement = await warehouse.execute({ tenantId: 'polls', target, sql: 'select pg_sleep(1.3)' });
      expect(await statement.wait()).toMatchObject({ status: 'finished' });
    } finally {
      await crowded.stop();
    }
  });
});

describe('a batch', () => {
  it('runs in one call and gives each result by itself', async () => {
    const { warehouse } = bench.process();
    const place = { tenantId: 'batch', target: bench.target('batch') };
    const batch = await warehouse.executeBatch({
      ...place,
      sqls: ['select 1 as a', 'select :x::int as b'],
      parameters: { x: 5 },
    });
    const state = await batch.wait();
    expect(state.subStatements.map(({ status }) => status)).toEqual(['finished', 'finished']);
    const second = await warehouse.statement(state.subStatements[1]?.id ?? '').page();
    expect(second.rows).toEqual([[5]]);
  });

  it('stops at a failure in a transaction and goes on without one', async () => {
    const { warehouse } = bench.process();
    const place = { tenantId: 'batch', target: bench.target('batch'), sqls: ['select 1', 'select 1/0', 'select 3'] };
    const all = await (await warehouse.executeBatch(place)).wait();
    expect(all.subStatements.map(({ status }) => status)).toEqual(['finished', 'failed', 'cancelled']);
    const each = await (await warehouse.executeBatch({ ...place, execution: 'auto_commit' })).wait();
    expect(each.subStatements.map(({ status }) => status)).toEqual(['finished', 'failed', 'finished']);
  });

  it('has 1 to 40 statements', async () => {
    const { warehouse } = bench.process();
    const place = { tenantId: 'batch', target: bench.target('batch') };
    await expect(warehouse.executeBatch({ ...place, sqls: [] })).rejects.toMatchObject({ code: 'invalid_statement' });
  });
});
