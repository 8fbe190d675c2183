import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EngineContext, ExecutionContext, MemoryAuditLog, MemoryCatalogStore, SqlExecutor } from '@mooring/engine';
import type { Role, RunOptions, StatementResult, Value } from '@mooring/engine';
import { openWorld } from './engine.fixture.ts';
import type { World } from './engine.fixture.ts';

let world: World;
let engine: EngineContext;
const executor = new SqlExecutor();

beforeAll(async () => {
  world = await openWorld();
  const nobody = () => Promise.reject(new Error('no users here'));
  engine = EngineContext.build({
    catalog: new MemoryCatalogStore(),
    engines: [world.engine()],
    users: { find: nobody, list: nobody, create: nobody, update: nobody, remove: nobody },
    audit: new MemoryAuditLog({ onEvent: () => {} }),
    allowSeveral: true,
  });
  for (const tenant of ['acme', 'globex']) {
    const dba = as(tenant, 'dba');
    const { database } = world;
    await done(
      dba,
      `CREATE STORAGE warehouse TYPE redshift CLUSTER 'main' DATABASE '${database}' DB_USER 'user_{tenant}'`,
    );
    await done(dba, `CREATE NAMESPACE sales_${tenant} STORAGE warehouse`);
  }
});
afterAll(async () => {
  await engine.close();
  await world.close();
});

function as(tenant: string, role: Role = 'service'): ExecutionContext {
  const principal = { tenantId: world.tenant(tenant), userId: role, role };
  return ExecutionContext.inNamespace(engine, principal, `sales_${tenant}`);
}

async function done(
  context: ExecutionContext,
  sql: string,
  parameters: readonly Value[] = [],
  options: RunOptions = {},
): Promise<readonly StatementResult[]> {
  const { results, failure } = await executor.execute(sql, parameters, context, options);
  if (failure !== undefined) throw failure.error;
  return results;
}

const failing = (context: ExecutionContext, sql: string) =>
  done(context, sql).then(
    () => 'done',
    (error: unknown) => (error as { readonly code: string }).code,
  );

describe('the executor on a warehouse', () => {
  it('makes, fills, reads, renames, describes and drops tables and views', async () => {
    const acme = as('acme');
    await done(acme, 'CREATE TABLE items (id BIGINT, price NUMERIC(10,2))');
    expect(await failing(acme, 'CREATE TABLE items (id BIGINT)')).toBe('already_exists');
    expect(await done(acme, 'INSERT INTO items VALUES ($1, $2)', [1n, '2.5'])).toMatchObject([{ rowsAffected: 1 }]);
    await done(acme, 'CREATE VIEW cheap AS SELECT * FROM items WHERE price < 3');
    await done(acme, 'ALTER TABLE items ADD COLUMN name VARCHAR(10)');
    expect(await done(acme, 'SELECT id, price FROM sales_acme.cheap')).toMatchObject([{ rows: [[1n, '2.50']] }]);
    const [described] = await done(acme, 'DESCRIBE items');
    expect(described?.rows.map(([name, type]) => [name, type])).toEqual([
      ['id', 'BIGINT'],
      ['price', 'NUMERIC(10,2)'],
      ['name', 'VARCHAR(10)'],
    ]);
    expect(await failing(acme, 'DROP TABLE items')).toBe('in_use');
    await done(acme, 'ALTER TABLE cheap RENAME TO cheaper');
    await done(acme, 'DROP TABLE items CASCADE');
    expect(await failing(acme, 'SELECT * FROM items')).toBe('not_found');
  });

  it('takes up a table that was there before, but none of the warehouse', async () => {
    const acme = as('acme', 'dba');
    await world.admin.query('CREATE TABLE sales_acme.older AS SELECT 1 AS n');
    await world.admin.query(`ALTER TABLE sales_acme.older OWNER TO "user_${world.tenant('acme')}"`);
    await done(acme, 'CREATE TABLE IF NOT EXISTS older (n INTEGER)');
    expect(await done(acme, 'SELECT n FROM older')).toMatchObject([{ rows: [[1]] }]);
    expect(await failing(acme, 'CREATE TABLE IF NOT EXISTS pg_class (n INTEGER)')).toBe('forbidden');
    expect(await failing(acme, 'SELECT * FROM pg_class')).toBe('not_found');
  });

  it('keeps temporary tables, settings and a transaction for a batch or a session, and for nobody else', async () => {
    const acme = as('acme');
    await done(acme, 'CREATE TABLE entries (n INTEGER)');
    const batch =
      'CREATE TEMP TABLE t AS SELECT 1 AS n; BEGIN; INSERT INTO entries SELECT n FROM t; SELECT n FROM entries';
    const open = await executor.execute(batch, [], acme);
    expect(open).toMatchObject({ rolledBack: true, failure: undefined });
    expect(open.results.at(-1)?.rows).toEqual([[1]]);
    expect(await done(acme, 'SELECT n FROM entries')).toMatchObject([{ rows: [] }]);
    const session = executor.openSession(acme);
    await done(acme, "SET timezone TO 'Asia/Tokyo'", [], { session });
    await done(acme, 'BEGIN', [], { session });
    await done(acme, 'INSERT INTO entries VALUES (2)', [], { session });
    await done(acme, 'COMMIT', [], { session });
    expect(await done(acme, 'SELECT n FROM entries')).toMatchObject([{ rows: [[2]] }]);
    await done(acme, 'RESET ALL', [], { session });
    await session.close();
    expect(await failing(acme, 'SELECT n FROM t')).toBe('not_found');
  });

  it('has at most so many sessions of a tenant, whose end leaves nothing of them', async () => {
    const acme = as('acme');
    await done(acme, 'CREATE TABLE drafts (n INTEGER)');
    const left = Array.from({ length: 4 }, () => executor.openSession(acme));
    const begin = 'CREATE TEMP TABLE mine AS SELECT 1 AS n; BEGIN; INSERT INTO drafts SELECT n FROM mine';
    await Promise.all(left.map((session) => done(acme, begin, [], { session })));
    const late = executor.openSession(acme);
    const refused = await executor.execute(begin, [], acme, { session: late, timeoutMs: 3_000 });
    expect(refused.failure).toMatchObject({ index: 0, error: { code: 'too_busy', retryable: true } });
    expect(await done(as('globex'), 'SELECT 1 AS n')).toMatchObject([{ rows: [[1]] }]);
    await Promise.all(left.map((session) => session.close()));
    expect([engine.sessions.count, engine.queries.count]).toEqual([1, 0]);
    await expect(done(acme, 'SELECT 1', [], { session: left[0]! })).rejects.toMatchObject({ code: 'not_found' });
    await done(acme, begin, [], { session: late });
    expect(await done(acme, 'SELECT n FROM drafts', [], { session: late })).toMatchObject([{ rows: [[1]] }]);
    await late.close();
    expect(await done(acme, 'SELECT n FROM drafts')).toMatchObject([{ rows: [] }]);
  });

  it('keeps tenants apart', async () => {
    await done(as('acme'), 'CREATE TABLE secret AS SELECT 1 AS n');
    expect(await failing(as('globex'), 'SELECT * FROM sales_acme.secret')).toBe('not_found');
    expect(await failing(as('globex', 'dba'), 'CREATE NAMESPACE sales_acme STORAGE warehouse')).toBe('already_exists');
    expect(await failing(as('globex'), 'SELECT pg_sleep(1)')).toBe('forbidden');
    const stolen = `CREATE STORAGE stolen TYPE redshift CLUSTER 'main' DATABASE '${world.database}' DB_USER 'user_${world.tenant('acme')}'`;
    expect(await failing(as('globex', 'dba'), stolen)).toBe('invalid_storage');
  });
});
