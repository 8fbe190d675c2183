import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import { findFreePort, startFaultProxy } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';
import { closedGate } from '../gate.fixture.ts';
import { startUnready } from '../service-process.fixture.ts';
import { until } from '../sql/sql.fixture.ts';
import { client, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';

let stack: Stack;
const started: ServiceProcess[] = [];
beforeAll(async () => {
  stack = await startStack({ connectDelayMs: 50 });
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()));
});
afterAll(() => stack.stop());

async function start(env: Record<string, string> = {}): Promise<ServiceProcess> {
  const service = await stack.start(env);
  started.push(service);
  return service;
}

/** Waits until the caller's newest query, sent to whichever process, is this one and runs. */
async function untilRunning(service: ServiceProcess, words: string): Promise<void> {
  await until(async () => {
    const { body } = await client(service).ask('GET', '/v1/queries?limit=1');
    const [newest] = body['queries'] as { readonly sql: string; readonly status: string }[];
    return newest?.status === 'running' && newest.sql.includes(words);
  });
}

describe('a warehouse that is down', () => {
  it('is a 503 that says when to come back, while the service stays alive', async () => {
    const service = await start({ AWS_ENDPOINT_URL_REDSHIFT_DATA: 'http://127.0.0.1:9' });
    const answer = await client(service).run({ sql: 'select 1' }, 'again');
    expect(answer.body).toMatchObject({ status: 503, code: 'warehouse_unavailable' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    const other = await start();
    expect((await client(other).run({ sql: 'select 1::int' }, 'again')).body['rows']).toEqual([[1]]);
  });
});

describe('an answer of the warehouse that is lost', () => {
  it('does not run the statement twice', async () => {
    const service = await start();
    await client(service).run({ sql: 'create table once (n int)' });
    stack.warehouse.faults.dropResponses({ ExecuteStatement: 1 });
    const ran = await client(service).run({ sql: 'insert into once values (1)' }, 'lost-answer');
    expect(ran.body).toMatchObject({ status: 'finished', resultRows: 1 });
    const again = await client(service).run({ sql: 'insert into once values (1)' }, 'lost-answer');
    expect(again.body['id']).toBe(ran.body['id']);
    expect((await client(service).run({ sql: 'select count(*)::int from once' })).body['rows']).toEqual([[1]]);
  });

  it('is read again', async () => {
    const service = await start();
    stack.warehouse.faults.dropResponses({ GetStatementResult: 1, DescribeStatement: 1 });
    expect((await client(service).run({ sql: 'select 6::int' })).body['rows']).toEqual([[6]]);
  });
});

describe('a store that goes away while a statement runs', () => {
  it('does not make a finished query look unfinished', async () => {
    const proxy = await startFaultProxy({ target: stack.env['DATABASE_URL'] ?? '' });
    const service = await start({ DATABASE_URL: proxy.url(stack.env['DATABASE_URL'] ?? '') });
    const { run } = client(service);
    await run({ sql: 'select 1' });
    const gate = await closedGate(stack.warehouseUrl);
    const answer = run({ sql: `select 8::int as n, ${gate.passage} as s` });
    await untilRunning(service, 'select 8');
    proxy.cut();
    await gate.open();
    const { status, body: ended } = await answer;
    expect([status, ended]).toEqual([200, expect.objectContaining({ status: 'finished', rows: [[8, '']] })]);
    proxy.heal();
    await service.stop();
    await proxy.close();
  });
});

describe('a pool that is exhausted', () => {
  it('is a 503 that says when to come back', async () => {
    const service = await start({ MOORING_POOL_MAX_PER_TENANT: '1', MOORING_POOL_OVERFLOW: 'reject' });
    const busy = await client(service).begin({ sql: 'select pg_sleep(600)' });
    const refused = await client(service).run({ sql: 'select 1' });
    expect(refused.body).toMatchObject({ status: 503, code: 'pool_exhausted' });
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect((await client(service).run({ sql: 'select 1::int', overflow: 'ephemeral' })).body['rows']).toEqual([[1]]);
    await client(service).cancel(String(busy['id']));
  });

  it('lets a statement wait in line, answered 202 meanwhile', async () => {
    const service = await start({ MOORING_POOL_MAX_PER_TENANT: '1', MOORING_POOL_WAIT_SECONDS: '300' });
    const gate = await closedGate(stack.warehouseUrl);
    await client(service).begin({ sql: `select ${gate.passage}` });
    const second = await client(service).run({ sql: 'select 5::int as five', waitSeconds: 0.1 });
    expect([second.status, second.body['status']]).toEqual([202, 'queued']);
    await gate.open();
    const shown = await client(service).ended(String(second.body['id']));
    expect(shown.body).toMatchObject({ status: 'finished', timings: { queuedMs: expect.any(Number) } });
    expect((await client(service).get(`${String(second.body['id'])}/rows`)).body['rows']).toEqual([[5]]);
  });

  it('can be cancelled while it waits, and tells who waits for it', async () => {
    const service = await start({ MOORING_POOL_MAX_PER_TENANT: '1', MOORING_POOL_WAIT_SECONDS: '300' });
    const other = await start();
    const first = await client(service).begin({ sql: 'select pg_sleep(600)' });
    const second = client(service).run({ sql: 'select 5 as line' });
    let line: { id: string }[] = [];
    while (line.length === 0) {
      const { body } = await client(other).ask('GET', '/v1/queries');
      line = (body['queries'] as { id: string; sql: string; status: string }[]).filter(
        ({ sql, status }) => sql.includes('line') && status === 'queued',
      );
    }
    expect((await client(service).stopped(line[0]?.id ?? '')).body).toMatchObject({ status: 'cancelled' });
    expect((await second).body).toMatchObject({ status: 409, code: 'statement_cancelled' });
    await client(service).cancel(String(first['id']));
  });
});

describe('a store that is down', () => {
  it('is a 503, shows in readiness alone, and comes back', async () => {
    const database = stack.env['DATABASE_URL'] ?? '';
    const proxy = await startFaultProxy({ target: database });
    try {
      const service = await start({ DATABASE_URL: proxy.url(database) });
      const { body } = await client(service).run({ sql: 'select 1' });
      proxy.cut();
      const shown = await client(service).get(String(body['id']));
      expect(shown.body).toMatchObject({ status: 503, code: 'store_unavailable' });
      expect(shown.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect((await client(service).run({ sql: 'select 2' })).body).toMatchObject({
        status: 503,
        code: 'store_unavailable',
      });
      const ready = await fetch(`${service.url}/health/ready`);
      expect([ready.status, await ready.json()]).toMatchObject([
        503,
        { checks: { 'session-store': { status: 'down' } } },
      ]);
      expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
      proxy.heal();
      expect((await client(service).get(String(body['id']))).body).toMatchObject({ status: 'finished' });
      await until(async () => (await fetch(`${service.url}/health/ready`)).status === 200);
    } finally {
      await proxy.close();
    }
  });
});

describe('a process that ends', () => {
  it('answers who waits, leaves its queries to others and exits with 0 on SIGTERM', async () => {
    const [leaving, staying] = [await start(), await start()];
    const gate = await closedGate(stack.warehouseUrl);
    const waiting = client(leaving).run({ sql: `select ${gate.passage}, 8 as eight` });
    await untilRunning(staying, 'eight');
    leaving.signal('SIGTERM');
    const answer = await waiting;
    expect([answer.status, answer.headers.get('connection')]).toEqual([202, 'close']);
    expect(await leaving.exited).toBe(0);
    const id = String(answer.body['id']);
    await gate.open();
    expect((await client(staying).ended(id)).body).toMatchObject({ status: 'finished' });
    expect((await client(staying).get(`${id}/rows`)).body['rows']).toEqual([['', 8]]);
  });

  it('loses nothing that the warehouse has when it is killed', async () => {
    const [dying, staying] = [await start(), await start()];
    const running = await client(dying).begin({ sql: 'select pg_sleep(3)::text, 9 as nine' }, 'killed');
    dying.signal('SIGKILL');
    await dying.exited;
    const again = await client(staying).run({ sql: 'select pg_sleep(3)::text, 9 as nine' }, 'killed');
    expect(again.body).toMatchObject({ status: 'finished', id: running['id'], rows: [['', 9]] });
    expect(again.body['statementId']).toBe(running['statementId']);
  });
});

describe('a warehouse that forgot a statement which nobody waits for', () => {
  it('leaves a query whose outcome is not known, in the list and by its id', async () => {
    const { warehouseUrl: postgresUrl } = stack;
    const first = await startRedshiftDataLocal({ postgresUrl, port: await findFreePort() });
    const env = { AWS_ENDPOINT_URL_REDSHIFT_DATA: first.url };
    const dying = await start(env);
    const running = await client(dying).begin({ sql: 'select pg_sleep(600)' });
    dying.signal('SIGKILL');
    await dying.exited;
    await first.close();
    const later = await startRedshiftDataLocal({ postgresUrl, port: first.port });
    const { ask, cancel, get } = client(await start(env));
    const id = String(running['id']);
    const lost = { id, status: 'failed', error: { code: 'outcome_unknown' } };
    expect((await cancel(id)).body).toMatchObject(lost);
    expect((await get(id)).body).toMatchObject(lost);
    expect((await ask('GET', '/v1/queries?limit=1')).body['queries']).toMatchObject([lost]);
    expect((await get(`${id}/rows`)).body).toMatchObject({ status: 502, code: 'outcome_unknown' });
    await later.close();
  });
});

describe('a start that can not be', () => {
  it('lists every fault of the configuration and no secret', async () => {
    const service = startUnready({ MOORING_PORT: 'x', MOORING_API_TOKENS: 'hunter2', MOORING_POTR: '1' });
    expect(await service.exited).toBe(1);
    const output = service.output();
    for (const name of ['MOORING_PORT', 'MOORING_API_TOKENS', 'MOORING_POTR']) expect(output).toContain(name);
    expect(output).not.toMatch(/hunter2|\n\s+at /);
  });

  it('says that the database is away', async () => {
    const service = startUnready({
      ...stack.env,
      MOORING_PORT: '0',
      DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:9/x',
    });
    expect(await service.exited).toBe(1);
    expect(service.output()).toContain('query-api did not start');
    expect(service.output()).not.toContain('hunter2');
  });

  it('refuses to keep sessions in memory in production unless asked', async () => {
    const { DATABASE_URL: _, ...env } = stack.env;
    const service = startUnready({ ...env, MOORING_PORT: '0', NODE_ENV: 'production' });
    expect(await service.exited).toBe(1);
    expect(service.output()).toContain('give a database URL');
  });
});
