import { describe, expect, it } from '@jest/globals';
import { World } from './world.fixture.ts';

const TENANTS = Array.from({ length: 8 }, (_, index) => `tenant${index}`);

const soon = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('64 requests of 8 tenants at once', () => {
  it('leave nothing to one another: namespace, settings, temporary tables, transactions, identity', async () => {
    const world = await World.withSales({}, TENANTS);
    for (const tenantId of TENANTS) {
      const dba = world.as('dba', 'dba', { tenantId });
      await world.done(dba, 'CREATE TABLE marks (a INTEGER); GRANT ALL ON marks TO ROLE user; CREATE NAMESPACE second');
      await world.done(dba, 'CREATE TABLE second.marks (a INTEGER)');
    }
    let turn = 0;
    world.duck.before = async () => {
      turn += 1;
      for (let waits = (turn * 7) % 5; waits > 0; waits -= 1) await soon();
    };
    const requests = Array.from({ length: 64 }, (_, index) => {
      const tenantId = TENANTS[index % TENANTS.length] ?? '';
      const namespace = index % 16 < 8 ? 'sales' : null;
      const user = world.as(`user${index}`, 'user', { tenantId, namespace });
      const use = namespace === null ? 'USE sales' : `SET statement_timeout = ${1000 + index}`;
      const name = index % 3 === 0 ? 'same' : `own${index}`;
      const sql = [
        use,
        `CREATE TEMP TABLE ${name} (a INTEGER)`,
        `INSERT INTO ${name} VALUES (${index})`,
        `SELECT * FROM ${name}`,
        'SELECT value FROM system.settings WHERE name = $',
        'SELECT user_id FROM system.queries',
      ].map((one) => one.replace('$', "'statement_timeout'"));
      return { index, tenantId, user, namespace, sql: sql.join('; ') };
    });
    const batches = await Promise.all(requests.map(({ user, sql }) => world.run(user, sql)));
    for (const [at, { failure, results }] of batches.entries()) {
      const { index, namespace } = requests[at] ?? { index: -1, namespace: null };
      expect(failure).toBeUndefined();
      expect(results[3]?.rows).toEqual([[index]]);
      expect(results[4]?.rows).toEqual([[namespace === null ? '60000' : `${1000 + index}`]]);
      expect(results[5]?.rows).toEqual([[`id-user${index}`]]);
    }
    for (const { tenantId, namespace } of world.duck.requests) {
      expect(TENANTS).toContain(tenantId);
      expect(['sales', 'second']).toContain(namespace);
    }
    expect([world.duck.openConnections, world.engine.queries.count, world.engine.sessions.count]).toEqual([0, 0, 0]);
  });

  it('each change their own tenant', async () => {
    const world = await World.withSales({}, TENANTS);
    world.duck.before = soon;
    await Promise.all(
      TENANTS.map((tenantId) => world.done(world.as('dba', 'dba', { tenantId }), 'CREATE TABLE t (a INTEGER)')),
    );
    await Promise.all(
      Array.from({ length: 64 }, (_, index) => {
        const dba = world.as('dba', 'dba', { tenantId: TENANTS[index % 8] ?? '' });
        return world.done(dba, `INSERT INTO t VALUES (${index})`);
      }),
    );
    for (const [index, tenantId] of TENANTS.entries()) {
      const rows = await world.rows(world.as('dba', 'dba', { tenantId }), 'SELECT * FROM t');
      expect(rows.map(([value]) => Number(value) % 8)).toEqual(Array.from({ length: 8 }, () => index));
    }
  });
});

describe('what another tenant has', () => {
  const statements = (table: string): readonly string[] => [
    `SELECT * FROM ${table}`,
    `SELECT * FROM own JOIN ${table} ON true`,
    `WITH own AS (SELECT 1) SELECT * FROM own, ${table}`,
    `SELECT (SELECT a FROM ${table})`,
    `SELECT 1 UNION SELECT a FROM ${table}`,
    `INSERT INTO ${table} VALUES (1)`,
    `INSERT INTO own SELECT a FROM ${table}`,
    `UPDATE ${table} SET a = 1`,
    `DELETE FROM ${table}`,
    `MERGE INTO own USING ${table} AS s ON own.a = s.a WHEN MATCHED THEN DELETE`,
    `CREATE VIEW v AS SELECT * FROM ${table}`,
    `CREATE TABLE copied AS SELECT * FROM ${table}`,
    `ALTER TABLE ${table} ADD COLUMN b INTEGER`,
    `ALTER TABLE ${table} RENAME TO mine`,
    `ALTER TABLE ${table} SET ACCESS public`,
    `DROP TABLE ${table}`,
    `DROP VIEW ${table}`,
    `DESCRIBE ${table}`,
    `EXPLAIN SELECT * FROM ${table}`,
    `GRANT SELECT ON ${table} TO ROLE anonymous`,
    `REVOKE SELECT ON ${table} FROM ROLE anonymous`,
    `EXECUTE AS USER 'mallory' (SELECT * FROM ${table})`,
  ];

  it('is not there, in the same words as what never was', async () => {
    const world = await World.withSales({}, ['acme', 'evil']);
    const victim = world.as('dba', 'dba');
    await world.done(
      victim,
      'CREATE TABLE real (a INTEGER); INSERT INTO real VALUES (1); ALTER TABLE real SET ACCESS public',
    );
    const mallory = world.as('mallory', 'system', { tenantId: 'evil' });
    await world.done(mallory, 'CREATE TABLE own (a INTEGER)');
    world.duck.requests.length = 0;
    world.events.length = 0;
    const fakes = statements('sales.fake');
    for (const [index, sql] of statements('sales.real').entries()) {
      const real = await world.refuses(mallory, sql, 'not_found');
      const fake = await world.refuses(mallory, fakes[index] ?? '', 'not_found');
      expect(real.message.replaceAll('real', 'fake')).toBe(fake.message);
      const quoted = await world.refuses(mallory, sql.replaceAll('sales.real', '"SALES"."Real"'), 'not_found');
      expect(quoted.message).toBe(real.message);
    }
    expect(world.duck.requests).toEqual([]);
    expect(world.events).toHaveLength(fakes.length * 3);
    expect(world.events.every(({ outcome, tenantId }) => outcome === 'denied' && tenantId === 'evil')).toBe(true);
    expect(await world.rows(victim, 'SELECT * FROM real')).toEqual([[1]]);
  });

  it.each([
    ['SHOW TABLES IN secret', 'not_found'],
    ['CREATE TABLE secret.t (a INTEGER)', 'not_found'],
    ['DROP NAMESPACE secret CASCADE', 'not_found'],
    ["ALTER NAMESPACE secret DESCRIPTION 'x'", 'not_found'],
    ['CREATE NAMESPACE mine STORAGE vault', 'not_found'],
    ["ALTER STORAGE vault PATH 'x'", 'not_found'],
    ['DROP STORAGE vault', 'not_found'],
    ['SELECT 1; USE secret', 'not_found'],
    ['DROP USER dba2', 'not_found'],
    ['SELECT * FROM information_schema.tables', 'not_found'],
    ['SELECT * FROM pg_catalog.pg_tables', 'not_found'],
    ['SELECT * FROM duckdb_tables()', 'forbidden'],
    ["SELECT * FROM read_blob('/data/acme.duckdb')", 'forbidden'],
    ["SELECT * FROM query('SELECT 1')", 'forbidden'],
    ["ATTACH '/data/acme.duckdb' AS x", 'unsupported_statement'],
    ["COPY own TO '/tmp/x'", 'unsupported_statement'],
    ['PRAGMA database_list', 'unsupported_statement'],
    ['PREPARE p AS SELECT 1', 'unsupported_statement'],
    ['INSTALL httpfs', 'unsupported_statement'],
  ] as const)('is not reached by %s', async (sql, code) => {
    const world = await World.withSales({}, ['acme', 'evil']);
    const victim = world.as('dba', 'dba');
    world.as('dba2', 'dba');
    await world.done(victim, 'CREATE NAMESPACE secret; CREATE TABLE secret.t (a INTEGER)');
    await world.done(victim, "CREATE STORAGE vault TYPE parquet PATH 'x'");
    const mallory = world.as('mallory', 'system', { tenantId: 'evil' });
    world.events.length = 0;
    world.duck.requests.length = 0;
    await world.refuses(mallory, sql, code);
    expect(world.duck.requests.filter(({ sql: sent }) => sent !== 'SELECT 1')).toEqual([]);
    expect(world.events).toMatchObject([{ tenantId: 'evil', userId: 'id-mallory', outcome: 'denied', code }]);
  });

  it('is in none of the system tables', async () => {
    const source = async () => [
      { tenantId: 'acme', userId: 'id-mallory', values: { session_id: 's', job_id: 'j', query_id: 'q' } },
    ];
    const sources = { sessions: source, warehouseSessions: source, jobs: source, queries: source };
    const world = await World.withSales({ sources }, ['acme']);
    const victim = world.as('dba', 'dba');
    await world.done(victim, 'CREATE TABLE real (a INTEGER); CREATE STORAGE vault TYPE parquet; DROP TABLE real');
    await world.done(victim, 'CREATE TABLE real (a INTEGER)');
    world.executor.openSession(victim);
    const running = world.run(victim, 'SELECT wait()');
    await soon();
    const mallory = world.as('mallory', 'system', { tenantId: 'evil', namespace: null });
    const counts: Record<string, number> = {};
    for (const { name } of world.engine.system.tables) {
      counts[name] = (await world.rows(mallory, `SELECT * FROM system.${name}`)).length;
    }
    expect(counts).toMatchObject({
      users: 1,
      namespaces: 0,
      tables: 0,
      columns: 0,
      sessions: 0,
      warehouse_sessions: 0,
    });
    expect(counts).toMatchObject({ queries: 1, jobs: 0, audit_log: 0, storages: 1 });
    await world.engine.close();
    expect((await running).failure?.error.code).toBe('cancelled');
  });
});
