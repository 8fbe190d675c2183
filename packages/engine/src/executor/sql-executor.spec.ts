import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import type { StoreErrorDetails } from '@mooring/session-store';
import { ExecutionContext } from '../context/execution-context.ts';
import { EngineError } from '../errors.ts';
import type { EngineRequest } from '../query-engine.ts';
import { World } from '../world.fixture.ts';

const KIBIBYTE = 1024;

describe('a batch', () => {
  it('answers position by position', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const sql = 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2);; SELECT * FROM t; SHOW TABLES; -- end';
    const { results, failure, rolledBack } = await world.run(dba, sql);
    expect({ failure, rolledBack }).toEqual({ failure: undefined, rolledBack: false });
    expect(results.map(({ rows, rowsAffected }) => ({ rows, rowsAffected }))).toEqual([
      { rows: [], rowsAffected: 1 },
      { rows: [], rowsAffected: 2 },
      { rows: [[1], [2]], rowsAffected: null },
      { rows: [['t', 'table', 'private']], rowsAffected: null },
    ]);
    expect(results[2]?.columns).toEqual([{ name: 'a', type: 'INTEGER' }]);
    expect(world.duck.openConnections).toBe(0);
    expect(world.engine.queries.count).toBe(0);
  });

  it('keeps what ran before a failure, says which one failed, and runs none after it', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const sql = 'CREATE TABLE t (a INTEGER);\n  INSERT INTO missing VALUES (1);\nDROP TABLE t';
    const { results, failure } = await world.run(dba, sql);
    expect(results).toHaveLength(1);
    expect(failure).toMatchObject({ index: 1, kind: 'insert', line: 2, column: 3, error: { code: 'not_found' } });
    expect(await world.rows(dba, 'SHOW TABLES')).toHaveLength(1);
    expect(world.duck.openConnections).toBe(0);
  });

  it('runs nothing of a text that can not be read, and says where', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const error = await world.refuses(dba, 'CREATE TABLE t (a INTEGER);\nSELEC 1', 'unsupported_statement');
    expect(error).toMatchObject({ line: 2, column: 1 });
    expect(await world.rows(dba, 'SHOW TABLES')).toEqual([]);
  });

  it.each(['', ' ;; -- nothing', 'SELECT 1; SELECT 2; SELECT 3'])('of %j has too few or too many', async (sql) => {
    const world = await World.withSales({ options: { maxStatements: 2 } });
    await world.refuses(world.as('ann', 'user'), sql, 'invalid_argument');
  });

  it('has metadata of each statement', async () => {
    const world = await World.withSales();
    world.duck.before = () => world.clock.move(5);
    const batch = await world.executor.executeWithMetadata('SELECT 1;\nSELECT 2', [], world.as('ann', 'user'));
    const [first, second] = batch.results;
    expect(batch.durationMs).toBe(10);
    expect(first?.metadata).toMatchObject({ kind: 'select', namespace: 'sales', userId: 'id-ann', durationMs: 5 });
    expect(second?.metadata).toMatchObject({ line: 2, column: 1, asUserId: undefined });
    expect(first?.metadata.queryId).not.toBe(second?.metadata.queryId);
  });

  it('keeps as many rows as it is told, and says that there are more', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (3)');
    const kept = async (maxRows: number): Promise<unknown> => {
      const { results } = await world.run(dba, 'SELECT * FROM t', [], { maxRows });
      return [results[0]?.rows.length, results[0]?.truncated];
    };
    expect(await kept(2)).toEqual([2, true]);
    expect(await kept(3)).toEqual([3, false]);
    expect(world.duck.openConnections).toBe(0);
  });
});

describe('parameters', () => {
  it('reach the engine', async () => {
    const world = await World.withSales();
    const { results } = await world.done(world.as('ann', 'user'), 'SELECT $1', [2n ** 60n]);
    expect(results[0]?.rows).toEqual([[2n ** 60n]]);
  });

  it.each([
    ['SELECT $1', [], 1],
    ['SELECT $1', [1, 2], 1],
    ['SELECT 1', [1], 0],
    ['SHOW TABLES', [1], 0],
    ["EXECUTE AS USER 'ann' (SELECT $2)", [1], 2],
  ])('of %s are counted: %j', async (sql, given, expected) => {
    const world = await World.withSales();
    const error = await world.errorOf(() => world.run(world.as('ann', 'user'), sql, given));
    expect(error).toMatchObject({ code: 'parameter_count', facts: { expected, actual: given.length } });
    expect(world.duck.requests).toEqual([]);
  });

  it('are 50 at most, of 512 KiB at most each', async () => {
    const world = await World.withSales();
    const ann = world.as('ann', 'user');
    const codeOf = async (parameters: Parameters<World['run']>[2]): Promise<string> =>
      (await world.errorOf(() => world.run(ann, 'SELECT 1', parameters))).code;
    expect(await codeOf(Array.from({ length: 51 }, () => 1))).toBe('parameter_too_many');
    expect(await codeOf(Array.from({ length: 50 }, () => 1))).toBe('parameter_count');
    const large = 512 * KIBIBYTE;
    expect(await codeOf(['x'.repeat(large)])).toBe('parameter_count');
    for (const value of ['x'.repeat(large + 1), 'ä'.repeat(large / 2 + 1), new Uint8Array(large + 1)]) {
      expect(await codeOf([value])).toBe('parameter_too_large');
    }
    expect(await codeOf([[{ deep: ['x'.repeat(large)] }]])).toBe('parameter_too_large');
    let deepest: Parameters<World['run']>[2] = [];
    for (let depth = 0; depth < 100_000; depth += 1) deepest = [deepest];
    expect(await codeOf([deepest])).toBe('parameter_count');
  });

  it('come with one statement only', async () => {
    const world = await World.withSales();
    const error = await world.errorOf(() => world.run(world.as('ann', 'user'), 'SELECT $1; SELECT $1', [1]));
    expect(error).toMatchObject({ code: 'invalid_argument', facts: { statements: 2 } });
  });

  it('are needed by the statements of a batch, too, which has none', async () => {
    const world = await World.withSales();
    const error = await world.refuses(world.as('ann', 'user'), 'SELECT 1;\nSELECT $1', 'parameter_count');
    expect(error).toMatchObject({ line: 2, facts: { expected: 1, actual: 0 } });
  });
});

describe('a stream', () => {
  it('counts as running until it is read, and frees everything then', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)');
    const stream = await world.executor.stream('SELECT * FROM t', [], dba);
    expect(stream.columns).toEqual([{ name: 'a', type: 'INTEGER' }]);
    expect(world.engine.queries.list('acme')).toMatchObject([{ id: stream.metadata.queryId, state: 'streaming' }]);
    const rows: unknown[] = [];
    for await (const { values } of stream.batches()) rows.push(values[0]?.[0]);
    expect(rows).toEqual([1, 2]);
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
  });

  it('frees everything when it is closed unread, or left in the middle', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)');
    const unread = await world.executor.stream('SELECT * FROM t', [], dba);
    await Promise.all([unread.close(), unread.close()]);
    const left = await world.executor.stream('SELECT * FROM t', [], dba);
    for await (const batch of left.batches()) {
      expect(batch.rowCount).toBe(1);
      break;
    }
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
  });

  it('never seems complete when it was cancelled', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)');
    const stream = await world.executor.stream('SELECT * FROM t', [], dba);
    const batches = stream.batches()[Symbol.asyncIterator]();
    await batches.next();
    await world.done(dba, `KILL QUERY '${stream.metadata.queryId}'`);
    await expect(batches.next()).rejects.toMatchObject({ code: 'cancelled' });
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
  });

  it('that nobody reads frees everything when it is killed', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const stream = await world.executor.stream('SELECT 1', [], dba);
    await world.done(dba, `KILL QUERY '${stream.metadata.queryId}'`);
    await new Promise((resolve) => void setImmediate(resolve));
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
    await expect(stream.batches()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is of one statement', async () => {
    const world = await World.withSales();
    const streamed = world.executor.stream('SELECT 1; SELECT 2', [], world.as('ann', 'user'));
    await expect(streamed).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('leaves nothing when its statement is refused', async () => {
    const world = await World.withSales();
    const streamed = world.executor.stream('SELECT * FROM missing', [], world.as('ann', 'user'));
    await expect(streamed).rejects.toMatchObject({ code: 'not_found' });
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
  });
});

describe('a statement', () => {
  it('ends when its caller goes away, before it began and while it runs', async () => {
    const world = await World.withSales();
    const { principal } = world.as('ann', 'user');
    const gone = new AbortController();
    const context = ExecutionContext.withAudit(world.engine, principal, { namespace: 'sales', signal: gone.signal });
    const running = world.run(context, 'SELECT wait()');
    await new Promise((resolve) => void setImmediate(resolve));
    gone.abort();
    expect((await running).failure?.error.code).toBe('cancelled');
    const late = await world.run(context, 'SELECT 1');
    expect(late.failure?.error.code).toBe('cancelled');
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
    expect(world.duck.requests).toHaveLength(1);
  });

  it('that came to its end is cancelled by nothing that ends later', async () => {
    const world = await World.withSales();
    const signals: EngineRequest['signal'][] = [];
    const connect = world.duck.connect.bind(world.duck);
    world.duck.connect = async (place) => {
      const connection = await connect(place);
      return {
        run: (request) => {
          signals.push(request.signal);
          return connection.run(request);
        },
        close: () => connection.close(),
      };
    };
    await world.done(world.as('ann', 'user'), 'SELECT 1; SELECT 2');
    expect(signals.map((signal) => signal?.aborted)).toEqual([false, false]);
  });

  it.each(['INSERT INTO t VALUES (1)', 'CREATE VIEW v AS SELECT * FROM t', 'BEGIN; INSERT INTO t VALUES (1); COMMIT'])(
    'that was done is not called cancelled, however late its caller left: %s',
    async (sql) => {
      const ends: unknown[] = [];
      const observer = {
        begin: () => ({ within: <T>(work: () => T) => work(), end: (code: unknown) => void ends.push(code) }),
      };
      const world = await World.withSales({ observer });
      const dba = world.as('dba', 'dba');
      await world.done(dba, 'CREATE TABLE t (a INTEGER)');
      world.events.length = 0;
      ends.length = 0;
      const gone = new AbortController();
      const last = sql.split('; ').at(-1) ?? '';
      world.duck.before = (running) => {
        if (running.startsWith(last)) gone.abort();
      };
      const { principal } = dba;
      const context = ExecutionContext.withAudit(world.engine, principal, { namespace: 'sales', signal: gone.signal });
      const batch = await world.run(context, sql);
      expect(batch).toMatchObject({ failure: undefined, rolledBack: false });
      expect(gone.signal.aborted).toBe(true);
      expect(ends).toEqual(batch.results.map(() => undefined));
      expect(world.events.map(({ outcome }) => outcome)).toEqual(['done']);
      expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
      expect(getEventListeners(gone.signal, 'abort')).toEqual([]);
    },
  );

  it('that has no namespace is told so', async () => {
    const world = await World.withSales();
    const ann = world.as('ann', 'user', { namespace: null });
    for (const sql of ['SELECT 1', 'SELECT * FROM t', 'CREATE TABLE t (a INTEGER)', 'SHOW TABLES', 'DESCRIBE t']) {
      expect((await world.refuses(ann, sql, 'invalid_argument')).message).toMatch(/namespace|which/i);
    }
  });

  it('runs in the namespace that its tables name', async () => {
    const world = await World.withSales();
    await world.done(world.as('dba', 'dba'), 'CREATE TABLE t (a INTEGER)');
    const dba = world.as('dba', 'dba', { namespace: null });
    expect(await world.affected(dba, 'INSERT INTO sales.t VALUES (1)')).toBe(1);
    expect(await world.rows(dba, 'SELECT * FROM sales.t')).toEqual([[1]]);
  });

  it('may not name tables of storages that do not go together', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, "CREATE STORAGE wh TYPE redshift WORKGROUP 'w'; CREATE NAMESPACE far STORAGE wh");
    await world.done(dba, 'CREATE NAMESPACE near; CREATE TABLE near.n (a INTEGER); CREATE TABLE t (a INTEGER)');
    await world.done(world.as('dba', 'dba', { namespace: 'far' }), 'CREATE TABLE f (a INTEGER)');
    await world.done(dba, 'SELECT * FROM t, near.n');
    await world.refuses(dba, 'SELECT * FROM t, far.f', 'unsupported_statement');
    expect(world.warehouse.requests.map(({ sql }) => sql)).toEqual(['CREATE TABLE f (a INTEGER)']);
  });

  it.each(['SELECT evil(1)', "SELECT * FROM read_csv('x')", 'CREATE TABLE u AS SELECT pg_catalog.evil(1)'])(
    'may not call what the engine does not allow: %s',
    async (sql) => {
      const world = await World.withSales();
      await world.refuses(world.as('dba', 'dba'), sql, 'forbidden');
      expect(world.duck.requests).toEqual([]);
      expect(world.events).toMatchObject([{ outcome: 'denied', code: 'forbidden' }]);
    },
  );

  it('fails as the store does, in words of its own, and is thrown on where it is a bug', async () => {
    const world = await World.withSales();
    const ann = world.as('ann', 'user');
    const details = { backend: 'pg', operation: 'get', message: 'secret detail' } as const;
    const failingWith = (failure: Pick<StoreErrorDetails, 'code' | 'outcome'>): Promise<unknown> => {
      world.catalog.get = async () => {
        throw new StoreError({ ...details, ...failure });
      };
      return world.errorOf(() => world.run(ann, 'SELECT 1'));
    };
    const error = await failingWith({ code: 'throttled' });
    expect(error).toMatchObject({ code: 'unavailable', retryable: true, message: 'pg get failed (throttled)' });
    expect(await failingWith({ code: 'conflict' })).toMatchObject({ code: 'too_busy', retryable: true });
    expect(await failingWith({ code: 'conflict', outcome: 'unknown' })).toMatchObject({ code: 'unavailable' });
    world.catalog.get = async () => {
      throw new TypeError('a bug');
    };
    await expect(world.run(ann, 'SELECT 1')).rejects.toThrow(TypeError);
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
    expect(error).toBeInstanceOf(EngineError);
  });
});
