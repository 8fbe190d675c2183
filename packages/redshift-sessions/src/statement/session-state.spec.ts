import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { openBench } from '../warehouse-bench.fixture.ts';
import type { Bench, Process } from '../warehouse-bench.fixture.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});

afterAll(() => bench.stop());

const run = async (process: Process, tenantId: string, sql: string): Promise<unknown[][]> => {
  const statement = await process.warehouse.execute({ tenantId, target: bench.target(tenantId), sql });
  const rows: unknown[][] = [];
  for await (const row of statement.rows()) rows.push([...row]);
  return rows;
};

describe('what a statement leaves in a shared session', () => {
  it.each([
    ['a setting', "set application_name to 'left behind'", 'show application_name', 'left behind'],
    ['a temporary table', 'create temp table leftover as select 1', "select to_regclass('leftover')::text", 'leftover'],
  ])('is never seen by the next: %s', async (name, leave, look, left) => {
    const tenantId = name.replaceAll(' ', '');
    const process = bench.process({ maxSessionsPerKey: 1, drainMs: 50 });
    await run(process, tenantId, 'select 1');
    await run(process, tenantId, leave);
    const [[seen]] = (await run(process, tenantId, look)) as [[string | null]];
    expect(seen ?? '').not.toContain(left);
    expect(process.counters.created).toBe(2);
  });

  it('is undone in place where that is asked for and enough', async () => {
    const process = bench.process({ maxSessionsPerKey: 1, dirtySessions: 'reset' });
    const [[pid]] = (await run(process, 'resets', 'select pg_backend_pid()')) as [[number]];
    await run(process, 'resets', "set application_name to 'left behind'");
    await run(process, 'resets', 'begin');
    expect(await run(process, 'resets', 'select pg_backend_pid()')).toEqual([[pid]]);
    expect(String(await run(process, 'resets', 'show application_name'))).not.toContain('left behind');
    expect(process.counters.created).toBe(1);
  });

  it('ends the session where a reset is not enough', async () => {
    const process = bench.process({ maxSessionsPerKey: 1, dirtySessions: 'reset', drainMs: 50 });
    await run(process, 'tough', 'create temp table leftover as select 1');
    expect(await run(process, 'tough', "select to_regclass('leftover')::text")).toEqual([[null]]);
    expect(process.counters.created).toBe(2);
  });
});

describe('init statements', () => {
  it('have run in every session before anything else', async () => {
    const process = bench.process({
      initStatements: ["set application_name to 'prepared'", 'set search_path to public'],
    });
    expect(await run(process, 'init', 'show application_name')).toEqual([['prepared']]);
    expect(await run(process, 'init', 'show application_name')).toEqual([['prepared']]);
    expect(process.counters.created).toBe(1);
  });

  it('that fail are reported, and leave no session', async () => {
    const process = bench.process({ initStatements: ['set no_such_setting_at_all to 1'] });
    await expect(run(process, 'badinit', 'select 1')).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('first statements'),
    });
  });
});

describe('a session that is lost while its init statements run', () => {
  it('is replaced, and its slot is free', async () => {
    const { warehouse, api, counters } = bench.process({
      initStatements: ['select pg_advisory_lock_shared(77)'],
      maxSessionsPerKey: 1,
    });
    const database = new Client({ connectionString: bench.warehouseUrl });
    await database.connect();
    await database.query('select pg_advisory_lock(77)');
    const answered = warehouse.execute({ tenantId: 'early', target: bench.target('early'), sql: 'select 1' });
    const waiting = "select from pg_locks where locktype = 'advisory' and not granted";
    while ((await database.query(waiting)).rowCount === 0);
    for (const { sessionId } of await api.listSessions({ ClusterIdentifier: 'main' }))
      bench.local.loseSession(sessionId);
    await database.query('select pg_advisory_unlock(77)');
    await database.end();
    expect(await (await answered).wait()).toMatchObject({ status: 'finished' });
    expect([counters.created, warehouse.heldSessions]).toEqual([2, 1]);
  });
});

describe('a pinned session', () => {
  const statement = (tenantId: string, sql: string) => ({ tenantId, target: bench.target(tenantId), sql });

  it('keeps temporary tables, settings and a transaction from statement to statement', async () => {
    const { warehouse } = bench.process();
    const session = await warehouse.openSession({ tenantId: 'pin', target: bench.target('pin') });
    const sqls = [
      'create temp table mine (a int)',
      'begin',
      'insert into mine values (1), (2)',
      'select count(*)::int from mine',
    ];
    const statements = await Promise.all(sqls.map((sql) => warehouse.executeIn(session, statement('pin', sql))));
    const states = await Promise.all(statements.map((one) => one.wait()));
    expect(states.map(({ status }) => status)).toEqual(['finished', 'finished', 'finished', 'finished']);
    expect((await statements[3]?.page())?.rows).toEqual([[2]]);
    await session.close();
    await session.close();
    await expect(warehouse.executeIn(session, statement('pin', 'select 1'))).rejects.toMatchObject({ code: 'closed' });
  });

  it('is never shared', async () => {
    const process = bench.process({ maxSessionsPerKey: 2 });
    const session = await process.warehouse.openSession({ tenantId: 'own', target: bench.target('own') });
    const inPinned = await process.warehouse.executeIn(session, statement('own', 'select pg_backend_pid()'));
    await inPinned.wait();
    const [[pinned]] = (await inPinned.page()).rows as [[number]];
    const others = await Promise.all([1, 2, 3].map(() => run(process, 'own', 'select pg_backend_pid()')));
    expect(others.flat(2)).not.toContain(pinned);
    await session.close();
  });

  it('that is lost is reported, not reopened', async () => {
    const { warehouse, counters } = bench.process();
    const session = await warehouse.openSession({ tenantId: 'lost', target: bench.target('lost') });
    bench.local.loseSession(session.sessionId);
    for (const sql of ['select 1', 'select 2']) {
      const refused = warehouse.executeIn(session, statement('lost', sql));
      await expect(refused).rejects.toMatchObject({ code: 'session_lost', retryable: false });
    }
    expect(counters.created).toBe(1);
    await session.close();
  });
});
