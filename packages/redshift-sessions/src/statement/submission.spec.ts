import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startPoolWorker } from '../pool-worker.fixture.ts';
import { openBench } from '../warehouse-bench.fixture.ts';
import type { Bench, Process } from '../warehouse-bench.fixture.ts';

let bench: Bench;
let database: Client;

beforeAll(async () => {
  bench = await openBench();
  database = new Client({ connectionString: bench.warehouseUrl });
  await database.connect();
  await database.query('create table counter (id text primary key, runs int not null default 0)');
  await database.query('grant all on counter to public');
});

afterAll(async () => {
  await database.end();
  await bench.stop();
});

let process: Process;
let nth = 0;
let tenantId: string;

beforeEach(async () => {
  nth += 1;
  tenantId = `once${nth}`;
  process = bench.process();
  await database.query('insert into counter (id) values ($1)', [tenantId]);
});

const request = (sql: string) => ({ tenantId, target: bench.target(tenantId), sql });
const increment = (sleepSeconds = 0) =>
  `update counter set runs = runs + 1 where id = '${tenantId}' and pg_sleep(${sleepSeconds}) is not null`;
const runs = async (): Promise<number> => {
  const { rows } = await database.query<{ runs: number }>('select runs from counter where id = $1', [tenantId]);
  return rows[0]?.runs ?? -1;
};

describe('a statement whose answer is lost', () => {
  it.each([
    ['without a session', 'none'],
    ['as the one that opens a session', 'reuse'],
  ] as const)('runs once %s', async (_, mode) => {
    bench.local.faults.dropResponses({ ExecuteStatement: 1 });
    const statement = await process.warehouse.execute({ ...request(increment()), mode });
    expect(await statement.wait()).toMatchObject({ status: 'finished' });
    expect(await runs()).toBe(1);
    expect(process.warehouse.heldSessions).toBe(mode === 'reuse' ? 1 : 0);
  });

  it('runs once on a session, also while it still runs', async () => {
    await (await process.warehouse.execute(request('select 1'))).wait();
    bench.local.faults.dropResponses({ ExecuteStatement: 1 });
    const statement = await process.warehouse.execute(request(increment(1.5)));
    expect(await statement.wait()).toMatchObject({ status: 'finished' });
    expect(await runs()).toBe(1);
  });

  it('runs once when several answers in a row are lost', async () => {
    await (await process.warehouse.execute(request('select 1'))).wait();
    bench.local.faults.dropResponses({ ExecuteStatement: 3, ListStatements: 2 });
    const statement = await process.warehouse.execute(request(increment()));
    expect(await statement.wait()).toMatchObject({ status: 'finished' });
    expect(await runs()).toBe(1);
  });

  it('is reported as unknown when nothing can be learned of it', async () => {
    const short = bench.process({ resolveUnknownMs: 700 });
    bench.local.faults.dropResponses({ ExecuteStatement: 100, ListStatements: 100 });
    const lost = short.warehouse.execute({ ...request(increment()), statementName: `${tenantId}-lost` });
    await expect(lost).rejects.toMatchObject({
      code: 'outcome_unknown',
      retryable: false,
      details: { statementName: `${tenantId}-lost` },
    });
    bench.local.faults.dropResponses({ ExecuteStatement: 0, ListStatements: 0 });
    expect(await runs()).toBe(1);
    expect(await short.warehouse.findStatement(`${tenantId}-lost`)).toBeDefined();
  });
});

describe('a service that throttles', () => {
  it('is waited for', async () => {
    bench.local.faults.throttle({ ExecuteStatement: 5 });
    const statements = await Promise.all(
      Array.from({ length: 12 }, () => process.warehouse.execute({ ...request(increment()), mode: 'none' })),
    );
    await Promise.all(statements.map((statement) => statement.wait()));
    bench.local.faults.throttle('off');
    expect(await runs()).toBe(12);
  });

  it('is reported busy when it does not get better', async () => {
    const impatient = bench.process({ busyTimeoutMs: 300 });
    bench.local.faults.throttle({ ExecuteStatement: 0 });
    const refused = impatient.warehouse.execute({ ...request(increment()), mode: 'none' });
    await expect(refused).rejects.toMatchObject({ code: 'warehouse_busy', retryable: true, retryAfterMs: 5_000 });
    bench.local.faults.throttle('off');
    expect(await runs()).toBe(0);
  });
});

describe('a session that vanished', () => {
  it('is replaced for a statement that needs no state', async () => {
    const first = await process.warehouse.execute(request('select 1'));
    await first.wait();
    bench.local.loseSession(first.sessionId ?? '');
    const second = await process.warehouse.execute(request(increment()));
    expect(await second.wait()).toMatchObject({ status: 'finished' });
    expect(second.sessionReused).toBe(false);
    expect(await runs()).toBe(1);
    expect(process.counters).toMatchObject({ created: 2, expired: 1 });
  });

  it('is told from one that something else keeps busy', async () => {
    const first = await process.warehouse.execute(request('select 1'));
    await first.wait();
    const intruder = await process.api.execute('select pg_sleep(7)', {
      place: { SessionId: first.sessionId ?? '' },
      statementName: `${tenantId}-intruder`,
      clientToken: `${tenantId}-intruder`,
    });
    const second = await process.warehouse.execute(request(increment()));
    expect(await second.wait()).toMatchObject({ status: 'finished' });
    expect(second.sessionReused).toBe(false);
    expect(await process.warehouse.statement(intruder.id).wait()).toMatchObject({ status: 'finished' });
    expect(await runs()).toBe(1);
    expect(process.counters).toMatchObject({ created: 2, expired: 0 });
  });
});

describe('a warehouse that is down', () => {
  it('answers with a typed error in bounded time, and leaves no slot behind', async () => {
    // In a process of its own: under Jest the SDK does not know the socket's errors for errors.
    const worker = await startPoolWorker(bench, { unreachableTimeoutMs: 200 }, 'http://127.0.0.1:1');
    expect(await worker.run(request(increment()))).toMatchObject({ failed: 'warehouse_unavailable' });
    await worker.kill();
    const { items } = await bench.store.pool.list({ target: 'us-east-1/cluster/main', tenantId }, { limit: 10 });
    expect(items).toEqual([]);
    expect(await runs()).toBe(0);
  });
});
