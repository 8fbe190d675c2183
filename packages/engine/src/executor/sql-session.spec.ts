import { describe, expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';

async function withTable() {
  const world = await World.withSales();
  const dba = world.as('dba', 'dba');
  await world.done(dba, 'CREATE TABLE t (a INTEGER)');
  world.events.length = 0;
  return { world, dba };
}

describe('transactions', () => {
  it('are kept by COMMIT and undone by ROLLBACK, within a batch', async () => {
    const { world, dba } = await withTable();
    await world.done(dba, 'BEGIN; INSERT INTO t VALUES (1); COMMIT');
    await world.done(dba, 'BEGIN; INSERT INTO t VALUES (2); ROLLBACK');
    expect(await world.rows(dba, 'SELECT * FROM t')).toEqual([[1]]);
  });

  it('that a batch leaves open are undone, and it says so', async () => {
    const { world, dba } = await withTable();
    const batch = await world.run(dba, 'BEGIN; INSERT INTO t VALUES (1)');
    expect(batch).toMatchObject({ failure: undefined, rolledBack: true });
    const failed = await world.run(dba, 'BEGIN; INSERT INTO t VALUES (2); SELECT * FROM missing; COMMIT');
    expect(failed).toMatchObject({ failure: { index: 2 }, rolledBack: true });
    expect(await world.rows(dba, 'SELECT * FROM t')).toEqual([]);
    expect(world.duck.openConnections).toBe(0);
  });

  it('go on over the statements of a session', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    await world.done(dba, 'BEGIN', [], { session });
    await world.done(dba, 'INSERT INTO t VALUES (1)', [], { session });
    expect(session.transaction).toBe('open');
    await world.done(dba, 'COMMIT', [], { session });
    await world.done(dba, 'BEGIN; INSERT INTO t VALUES (2)', [], { session });
    await session.close();
    expect(await world.rows(dba, 'SELECT * FROM t')).toEqual([[1]]);
  });

  it('begin for certain, or not at all', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    world.duck.failure = { of: /BEGIN/, code: 'unavailable', when: 'after' };
    await world.refuses(dba, 'BEGIN', 'unavailable', { session });
    await world.done(dba, 'INSERT INTO t VALUES (1)', [], { session });
    await session.close();
    expect(await world.rows(dba, 'SELECT * FROM t')).toEqual([[1]]);
  });

  it.each([
    ['COMMIT; SELECT 1', 'no_transaction'],
    ['ROLLBACK; SELECT 1', 'no_transaction'],
    ['BEGIN', 'invalid_argument'],
  ] as const)('%s alone is refused', async (sql, code) => {
    const { world, dba } = await withTable();
    await world.refuses(dba, sql, code);
  });

  it('begin once', async () => {
    const { world, dba } = await withTable();
    const { failure } = await world.run(dba, 'BEGIN; BEGIN');
    expect(failure).toMatchObject({ index: 1, error: { code: 'conflict' } });
  });

  it('take nothing but ROLLBACK after a statement of theirs failed', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    world.duck.failure = { of: /INSERT/, code: 'execution_failed', when: 'before' };
    await world.run(dba, 'BEGIN; INSERT INTO t VALUES (1)', [], { session });
    await world.refuses(dba, 'SELECT 1', 'no_transaction', { session });
    const error = await world.refuses(dba, 'COMMIT', 'no_transaction', { session });
    expect(error.message).toMatch(/rolled back/);
    expect(session.transaction).toBe('none');
    await world.done(dba, 'SELECT 1', [], { session });
    await session.close();
  });

  it.each(['reads it', 'does not read it'])(
    'have failed with a result of theirs that was cancelled while somebody %s',
    async (how) => {
      const { world, dba } = await withTable();
      const session = world.executor.openSession(dba);
      await world.done(dba, 'BEGIN; INSERT INTO t VALUES (1), (2)', [], { session });
      const result = await world.executor.stream('SELECT * FROM t', [], dba, { session });
      const batches = result.batches()[Symbol.asyncIterator]();
      if (how === 'reads it') await batches.next();
      world.engine.queries.find('acme', result.metadata.queryId)?.cancel('KILL QUERY');
      if (how === 'reads it') await expect(batches.next()).rejects.toMatchObject({ code: 'cancelled' });
      else await result.close();
      expect([session.transaction, session.isBusy, world.engine.queries.count]).toEqual(['failed', false, 0]);
      await world.refuses(dba, 'COMMIT', 'no_transaction', { session });
      expect(await world.rows(dba, 'SELECT * FROM t', { session })).toEqual([]);
      await session.close();
    },
  );

  it('whose COMMIT fails are undone, and the session goes on with what it had before', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    await world.done(dba, 'CREATE TEMP TABLE kept (a INTEGER); SET timezone = 1', [], { session });
    world.duck.failure = { of: /COMMIT/, code: 'conflict', when: 'before' };
    const sql = 'BEGIN; CREATE TEMP TABLE late (a INTEGER); INSERT INTO t VALUES (1); COMMIT';
    expect((await world.run(dba, sql, [], { session })).failure).toMatchObject({
      index: 3,
      error: { code: 'conflict' },
    });
    expect([session.transaction, session.settingNames]).toEqual(['none', ['timezone']]);
    expect(await world.rows(dba, 'SELECT * FROM t', { session })).toEqual([]);
    await world.done(dba, 'SELECT * FROM kept', [], { session });
    await world.refuses(dba, 'SELECT * FROM late', 'not_found', { session });
    await session.close();
  });

  it('of which nobody knows how they ended end their session, which says so', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    await world.done(dba, 'CREATE TEMP TABLE kept (a INTEGER)', [], { session });
    world.duck.before = (sql) => {
      if (sql === 'COMMIT') world.duck.failure = { of: /COMMIT/, code: 'unavailable', when: 'before' };
      if (sql === 'ROLLBACK') world.duck.failure = { of: /ROLLBACK/, code: 'unavailable', when: 'before' };
    };
    const { failure } = await world.run(dba, 'BEGIN; INSERT INTO t VALUES (1); COMMIT', [], { session });
    expect(failure).toMatchObject({ index: 2, error: { code: 'unavailable' } });
    expect(world.duck.openConnections).toBe(0);
    await world.refuses(dba, 'SELECT * FROM kept', 'unavailable', { session });
    await session.close();
  });

  it.each([
    'CREATE TABLE u (a INTEGER)',
    'DROP TABLE t',
    'ALTER TABLE t ADD COLUMN b INTEGER',
    'CREATE NAMESPACE n',
    'GRANT SELECT ON t TO ROLE user',
    'CREATE USER bob',
    "EXECUTE AS USER 'dba' (SELECT 1)",
    'USE sales',
  ])('have no part in the catalog: %s', async (sql) => {
    const { world, dba } = await withTable();
    const { failure } = await world.run(dba, `BEGIN; ${sql}`);
    expect(failure).toMatchObject({ index: 1, error: { code: 'unsupported_statement' } });
  });
});

describe('temporary tables', () => {
  it('are of their batch or session alone', async () => {
    const { world, dba } = await withTable();
    const sql = 'CREATE TEMP TABLE x (a INTEGER); INSERT INTO x VALUES (7); SELECT * FROM x';
    expect(await world.rows(dba, sql)).toEqual([[7]]);
    await world.refuses(dba, 'SELECT * FROM x', 'not_found');
    const session = world.executor.openSession(dba);
    await world.done(dba, sql, [], { session });
    expect(await world.rows(dba, 'SELECT * FROM x', { session })).toEqual([[7]]);
    await world.refuses(dba, 'SELECT * FROM x', 'not_found');
    await world.done(dba, 'DROP TABLE x', [], { session });
    await world.refuses(dba, 'SELECT * FROM x', 'not_found', { session });
    await session.close();
    expect(world.duck.openConnections).toBe(0);
  });

  it('need something that keeps them, and no namespace', async () => {
    const { world, dba } = await withTable();
    await world.refuses(dba, 'CREATE TEMP TABLE x (a INTEGER)', 'invalid_argument');
  });

  it('that a rollback took away open nothing: the name is of the table again', async () => {
    const { world, dba } = await withTable();
    const ann = world.as('ann', 'user');
    const session = world.executor.openSession(ann);
    await world.done(ann, 'BEGIN; CREATE TEMP TABLE t2 (a INTEGER); ROLLBACK', [], { session });
    const before = world.duck.requests.length;
    await world.refuses(ann, 'SELECT * FROM t2', 'not_found', { session });
    expect(world.duck.requests).toHaveLength(before);
    await world.done(dba, 'CREATE TABLE t2 (a INTEGER)');
    await world.refuses(ann, 'SELECT * FROM t2', 'forbidden', { session });
  });

  it.each(['SELECT * FROM t', 'DROP TABLE t'])('never let %s have what has their name', async (sql) => {
    const { world } = await withTable();
    const { failure } = await world.run(world.as('ann', 'user'), `CREATE TEMP TABLE t (a INTEGER); ${sql}`);
    expect(failure).toMatchObject({ index: 1, error: { code: 'forbidden' } });
  });

  it('that are views are read with the rights of the moment', async () => {
    const { world, dba } = await withTable();
    const ann = world.as('ann', 'user');
    await world.done(dba, 'GRANT SELECT ON t TO USER ann');
    const session = world.executor.openSession(ann);
    await world.done(ann, 'CREATE TEMP VIEW v AS SELECT * FROM t; SELECT * FROM v', [], { session });
    await world.done(dba, 'REVOKE SELECT ON t FROM USER ann');
    await world.refuses(ann, 'SELECT * FROM v', 'forbidden', { session });
  });

  it('that are views are no less checked after a second CREATE of the same name', async () => {
    const { world, dba } = await withTable();
    const ann = world.as('ann', 'user');
    await world.done(dba, 'GRANT SELECT ON t TO USER ann');
    const session = world.executor.openSession(ann);
    await world.done(ann, 'CREATE TEMP VIEW v AS SELECT * FROM t', [], { session });
    await world.done(ann, 'CREATE TEMP TABLE IF NOT EXISTS v (a INTEGER)', [], { session });
    await world.done(dba, 'REVOKE SELECT ON t FROM USER ann');
    await world.refuses(ann, 'SELECT * FROM v', 'forbidden', { session });
  });

  it('carry no view beyond their session', async () => {
    const { world, dba } = await withTable();
    const sql = 'CREATE TEMP TABLE x (a INTEGER); CREATE VIEW v AS SELECT * FROM x';
    const { failure } = await world.run(dba, sql);
    expect(failure).toMatchObject({ index: 1, error: { code: 'invalid_argument' } });
  });
});

describe('SET and USE', () => {
  it('end with their session', async () => {
    const { world, dba } = await withTable();
    const other = world.as('dba', 'dba', { namespace: null });
    await world.done(dba, 'CREATE NAMESPACE second; CREATE TABLE second.s (a INTEGER)');
    expect(await world.rows(other, 'USE NAMESPACE second; SHOW TABLES')).toEqual([['s', 'table', 'private']]);
    await world.refuses(other, 'SHOW TABLES', 'invalid_argument');
    const session = world.executor.openSession(other);
    await world.done(other, "USE second; SET timezone = 'UTC'; SET statement_timeout = 1234", [], { session });
    expect([session.namespace, session.timeoutMs, session.settingNames]).toEqual(['second', 1234, ['timezone']]);
    await world.done(other, 'RESET ALL', [], { session });
    expect([session.timeoutMs, session.settingNames]).toEqual([undefined, []]);
    await session.close();
    expect(other.namespace).toBeUndefined();
  });

  it.each([
    ['SET timezone = 1', 'invalid_argument'],
    ['USE sales', 'invalid_argument'],
    ['SELECT 1; SET search_path = x', 'forbidden'],
    ["SELECT 1; SET threads TO '8'", 'forbidden'],
    ['SELECT 1; RESET threads', 'forbidden'],
    ['SELECT 1; SET statement_timeout = 0', 'invalid_argument'],
    ['SELECT 1; SET statement_timeout = 900001', 'invalid_argument'],
    ["SELECT 1; SET statement_timeout = '1 day'", 'invalid_argument'],
    ['SELECT 1; USE missing', 'not_found'],
  ] as const)('%s is refused', async (sql, code) => {
    const { world, dba } = await withTable();
    await world.refuses(dba, sql, code);
    expect(world.duck.requests.filter(({ sql: sent }) => /^(?:SET|RESET)/.test(sent))).toEqual([]);
  });

  it('give each statement its time', async () => {
    const { world, dba } = await withTable();
    const timeouts: number[] = [];
    const connect = world.duck.connect.bind(world.duck);
    world.duck.connect = async (place) => {
      const connection = await connect(place);
      return {
        run: (request) => {
          timeouts.push(request.timeoutMs);
          return connection.run(request);
        },
        close: () => connection.close(),
      };
    };
    await world.done(dba, 'SELECT 1; SET statement_timeout = 10; SELECT 2; RESET statement_timeout; SELECT 3');
    await world.done(dba, 'SELECT 4', [], { timeoutMs: 10_000_000 });
    expect(timeouts).toEqual([60_000, 10, 60_000, 900_000]);
  });

  it('do not leave behind what a session has elsewhere', async () => {
    const { world, dba } = await withTable();
    await world.done(dba, 'CREATE NAMESPACE second');
    const { failure } = await world.run(dba, 'CREATE TEMP TABLE x (a INTEGER); USE second');
    expect(failure).toMatchObject({ index: 1, error: { code: 'in_use' } });
    await world.done(dba, 'SELECT 1; USE second; SELECT 2');
    expect(world.duck.requests.slice(-2).map(({ namespace }) => namespace)).toEqual(['sales', 'second']);
    expect(world.duck.openConnections).toBe(0);
  });
});

describe('pinned sessions', () => {
  it('are of the user that opened them, with the role they were opened with', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    await world.refuses(world.as('ann', 'user'), 'SELECT 1', 'not_found', { session });
    await world.refuses(world.as('dba', 'dba', { tenantId: 'other' }), 'SELECT 1', 'not_found', { session });
    await world.refuses(world.as('dba', 'user'), 'SELECT 1', 'forbidden', { session });
    expect(world.engine.sessions.find(dba.principal, session.id)).toBe(session);
    expect(world.engine.sessions.find(world.as('ann', 'user').principal, session.id)).toBeUndefined();
    await session.close();
    expect(world.engine.sessions.find(dba.principal, session.id)).toBeUndefined();
    await world.refuses(dba, 'SELECT 1', 'not_found', { session });
  });

  it('run one statement at a time', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    const stream = await world.executor.stream('SELECT 1', [], dba, { session });
    const error = await world.refuses(dba, 'SELECT 1', 'session_busy', { session });
    expect(error.retryable).toBe(true);
    await stream.close();
    await world.done(dba, 'SELECT 1', [], { session });
  });

  it('cancel what runs when they are closed, and wait for its end', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    const running = world.run(dba, 'SELECT wait(); SELECT 2', [], { session });
    await new Promise((resolve) => void setImmediate(resolve));
    await Promise.all([session.close(), session.close()]);
    expect((await running).failure).toMatchObject({ index: 0, error: { code: 'cancelled' } });
    expect(world.duck.openConnections).toBe(0);
    expect(world.engine.sessions.count).toBe(0);
  });

  it('do not wait for a result that nobody reads', async () => {
    const { world, dba } = await withTable();
    const session = world.executor.openSession(dba);
    const stream = await world.executor.stream('SELECT 1', [], dba, { session });
    await session.close();
    await expect(stream.batches()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'cancelled' });
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
  });

  it('that can not give their connection back are given up, and hold up no close of the engine', async () => {
    const { world, dba } = await withTable();
    const connect = world.duck.connect.bind(world.duck);
    world.duck.connect = async (place) => {
      const connection = await connect(place);
      const close = () => connection.close().then(() => Promise.reject(new Error('the line is cut')));
      return { run: (request) => connection.run(request), close };
    };
    const sessions = [world.executor.openSession(dba), world.executor.openSession(dba)];
    for (const session of sessions) await world.done(dba, 'SELECT 1', [], { session });
    await expect(sessions[0]?.close()).rejects.toThrow('the line is cut');
    expect(world.engine.sessions.count).toBe(1);
    await world.engine.close();
    expect([world.engine.sessions.count, world.duck.isClosed]).toEqual([0, true]);
  });

  it('are bounded in number', async () => {
    const world = await World.withSales({ options: { maxSessions: 1 } });
    const ann = world.as('ann', 'user');
    const session = world.executor.openSession(ann);
    expect(() => world.executor.openSession(ann)).toThrow(expect.objectContaining({ code: 'too_busy' }));
    await session.close();
    await world.executor.openSession(ann).close();
  });

  it('are bounded for each tenant, which leaves others room', async () => {
    const world = await World.withSales({ options: { maxSessions: 3, maxSessionsPerTenant: 2 } }, ['acme', 'globex']);
    const sessions = ['ann', 'ben'].map((name) => world.executor.openSession(world.as(name, 'user')));
    expect(() => world.executor.openSession(world.as('cy', 'user'))).toThrow(
      expect.objectContaining({
        code: 'too_busy',
        retryable: true,
        message: expect.stringContaining('the tenant has 2'),
      }),
    );
    sessions.push(world.executor.openSession(world.as('dora', 'user', { tenantId: 'globex' })));
    await Promise.all(sessions.map((session) => session.close()));
    expect(world.engine.sessions.count).toBe(0);
  });
});
