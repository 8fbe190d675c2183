import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPoolWorker } from '../pool-worker.fixture.ts';
import type { WorkerAnswer } from '../pool-worker.fixture.ts';
import { openBench } from '../warehouse-bench.fixture.ts';
import type { Bench, Process } from '../warehouse-bench.fixture.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench({ faults: { connectDelayMs: 50 } });
});

afterAll(() => bench.stop());

const rowsOf = async (process: Process, tenantId: string, sql: string, user = tenantId): Promise<string[][]> => {
  const statement = await process.warehouse.execute({ tenantId, target: bench.target(user), sql });
  const rows: string[][] = [];
  for await (const row of statement.rows()) rows.push(row.map(String));
  return rows;
};

describe('a process', () => {
  it('reuses a session without asking the store', async () => {
    const process = bench.process();
    await rowsOf(process, 'solo', 'select 1');
    const before = process.counters.storeCalls;
    for (let n = 0; n < 20; n += 1) {
      const statement = await process.warehouse.execute({
        tenantId: 'solo',
        target: bench.target('solo'),
        sql: 'select 1',
      });
      await statement.wait();
      expect(statement.sessionReused).toBe(true);
    }
    expect(process.counters).toMatchObject({ storeCalls: before, hits: 20, misses: 1, created: 1, warnings: [] });
  });

  it('runs 32 at once over 4 sessions, one at a time in each, in the order they came', async () => {
    const process = bench.process({ maxSessionsPerKey: 4 });
    const sql = 'select pg_backend_pid(), extract(epoch from clock_timestamp()), pg_sleep(0.02)';
    const rows = await Promise.all(Array.from({ length: 32 }, () => rowsOf(process, 'crowd', sql)));
    const backends = new Set(rows.map((row) => row[0]?.[0]));
    expect(backends.size).toBeLessThanOrEqual(4);
    expect(process.counters).toMatchObject({ created: backends.size, hits: 32 - backends.size, warnings: [] });
    expect(bench.local.stats().maxConcurrentStatementsPerSession).toBe(1);
    const started = rows.map((row) => Number(row[0]?.[1]));
    const rank = [...started.keys()].sort((a, b) => Number(started[a]) - Number(started[b]));
    // With four side by side, none starts more than four places from where it stood in line.
    expect(Math.max(...rank.map((index, place) => Math.abs(index - place)))).toBeLessThanOrEqual(4);
  });

  it('hands its idle sessions to other processes when it closes', async () => {
    const leaving = bench.process();
    const staying = bench.process();
    const [[pid]] = (await rowsOf(leaving, 'heir', 'select pg_backend_pid()')) as [[string]];
    await leaving.warehouse.close();
    expect(await rowsOf(staying, 'heir', 'select pg_backend_pid()')).toEqual([[pid]]);
    expect(staying.counters).toMatchObject({ hits: 1, created: 0 });
  });

  it('has handed over what was busy, too, when it waited for it, and closed what was changed', async () => {
    const leaving = bench.process();
    const place = { tenantId: 'will', target: bench.target('will') };
    const statements = ['select pg_sleep(0.3)', 'create temp table left_behind (id int)'].map((sql) =>
      leaving.warehouse.execute({ ...place, sql }),
    );
    await Promise.all(statements);
    await leaving.warehouse.close({ waitMs: 60_000 });
    expect(leaving.warehouse.heldSessions).toBe(0);
    const { target } = leaving.warehouse.poolKey('will', place.target);
    const { items } = await bench.store.pool.list({ target, tenantId: 'will' }, { limit: 10 });
    expect(items.map(({ state }) => state).sort()).toEqual(['draining', 'idle']);
  });
});

describe('overflow', () => {
  const busy = { maxSessionsPerKey: 1, waitTimeoutMs: 200 };
  const slow = { sql: 'select pg_sleep(600)' };

  it('runs without a session when asked to', async () => {
    const process = bench.process(busy);
    const place = { tenantId: 'over1', target: bench.target('over1') };
    const first = await process.warehouse.execute({ ...place, ...slow, statementName: 'over1-first' });
    const second = await process.warehouse.execute({ ...place, sql: 'select 1', overflow: 'ephemeral' });
    expect(second.sessionReused).toBe(false);
    expect(second.sessionId).toBeUndefined();
    await first.cancel();
    await first.wait();
  });

  it('refuses at once when asked to, and after the wait otherwise', async () => {
    const process = bench.process(busy);
    const place = { tenantId: 'over2', target: bench.target('over2') };
    const first = await process.warehouse.execute({ ...place, ...slow });
    const rejected = process.warehouse.execute({ ...place, sql: 'select 1', overflow: 'reject' });
    await expect(rejected).rejects.toMatchObject({ code: 'pool_exhausted', retryable: true });
    const timedOut = process.warehouse.execute({ ...place, sql: 'select 1' });
    await expect(timedOut).rejects.toMatchObject({
      code: 'pool_exhausted',
      message: expect.stringContaining('200 ms'),
    });
    await first.cancel();
    await first.wait();
  });
});

describe('two processes', () => {
  it('keep one cap together', async () => {
    const worker = await startPoolWorker(bench, { maxSessionsPerKey: 4, drainMs: 2_000 });
    const process = bench.process({ maxSessionsPerKey: 4 });
    const before = bench.local.stats().sessionsOpened;
    const sql = 'select pg_backend_pid(), pg_sleep(0.05)';
    const request = { tenantId: 'pair', target: bench.target('pair'), sql };
    const here = Array.from({ length: 16 }, () => rowsOf(process, 'pair', sql).then((rows) => rows[0]?.[0]));
    const there = Array.from({ length: 16 }, () => worker.run(request).then((answer) => answer.rows?.[0]?.[0]));
    const pids = await Promise.all([...here, ...there]);
    expect(pids.every((pid) => pid !== undefined)).toBe(true);
    expect(new Set(pids).size).toBeLessThanOrEqual(4);
    expect(bench.local.stats().sessionsOpened - before).toBeLessThanOrEqual(4);
    await worker.kill();
  });

  it('lose nothing when one is killed: the other has its sessions when the leases end', async () => {
    const options = { maxSessionsPerKey: 1, leaseTtlMs: 8_000, renewEveryMs: 1_000, waitTimeoutMs: 120_000 };
    const worker = await startPoolWorker(bench, options);
    const request = { tenantId: 'orphan', target: bench.target('orphan'), sql: 'select pg_backend_pid()' };
    const [[pid]] = (await worker.run(request)).rows as [[string]];
    const long = await worker.run({ ...request, sql: 'select pg_sleep(2)' }, true);
    expect(long.accepted).toBeDefined();
    await worker.kill();
    const survivor = bench.process(options);
    const answers = await Promise.all([1, 2, 3].map(() => rowsOf(survivor, 'orphan', 'select pg_backend_pid()')));
    expect(answers.map((rows) => rows[0]?.[0])).toEqual([pid, pid, pid]);
    expect(survivor.counters).toMatchObject({ created: 0, hits: 3 });
    await expect(survivor.warehouse.statement(long.accepted ?? '').wait()).resolves.toMatchObject({
      status: 'finished',
    });
  });

  it('never run a statement in the session of another tenant or another database user', async () => {
    const options = {
      maxSessionsPerKey: 2,
      idleReturnMs: 30,
      renewEveryMs: 20,
      leaseTtlMs: 30_000,
      waitTimeoutMs: 120_000,
    };
    const worker = await startPoolWorker(bench, options);
    const process = bench.process(options);
    const people = ['t1', 't2', 't3'].flatMap((tenantId) => ['reader', 'writer'].map((role) => ({ tenantId, role })));
    const attempts = Array.from({ length: 120 }, async (_, n) => {
      const { tenantId, role } = people[n % people.length] ?? { tenantId: '', role: '' };
      // One database user for all tenants, so that the tenant alone tells these sessions apart.
      const user = role === 'writer' ? 'every_writer' : `${tenantId}_reader`;
      const sql = `select current_user, session_user, pg_backend_pid(), pg_sleep(${(n % 7) / 1000})`;
      const answer: WorkerAnswer =
        Math.floor(n / people.length) % 2 === 0
          ? await worker.run({ tenantId, target: bench.target(user), sql })
          : { id: n, rows: await rowsOf(process, tenantId, sql, user) };
      return {
        tenantId,
        user,
        current: answer.rows?.[0]?.[0],
        session: answer.rows?.[0]?.[1],
        pid: answer.rows?.[0]?.[2],
      };
    });
    const seen = await Promise.all(attempts);
    expect(seen.filter(({ user, current, session }) => user !== current || user !== session)).toEqual([]);
    const ownersByBackend = new Map<string, Set<string>>();
    for (const { pid, tenantId, user } of seen) {
      ownersByBackend.set(pid ?? '', (ownersByBackend.get(pid ?? '') ?? new Set()).add(`${tenantId}/${user}`));
    }
    expect([...ownersByBackend.values()].filter((owners) => owners.size > 1)).toEqual([]);
    await worker.kill();
  });
});
