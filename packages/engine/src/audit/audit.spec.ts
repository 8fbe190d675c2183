import { describe, expect, it } from '@jest/globals';
import { ExecutionContext } from '../context/execution-context.ts';
import { World } from '../world.fixture.ts';
import type { AuditEvent } from './audit-sink.ts';
import { MemoryAuditLog } from './memory-audit-log.ts';

const brief = ({ action, target, outcome }: AuditEvent): string => `${action} ${target} ${outcome}`;

describe('the audit', () => {
  it('has every DDL, DML, change of users and rights, with its target', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    world.as('ann', 'user');
    const sql = [
      'CREATE NAMESPACE n',
      "ALTER NAMESPACE n DESCRIPTION 'x'",
      'CREATE STORAGE s TYPE parquet',
      "ALTER STORAGE s DESCRIPTION 'x'",
      'DROP STORAGE s',
      'CREATE TABLE t (a INTEGER)',
      'INSERT INTO t VALUES (1)',
      'UPDATE sales.t SET a = 2',
      'DELETE FROM t',
      'WITH gone AS (DELETE FROM t RETURNING a) SELECT 1',
      'CREATE VIEW v AS SELECT * FROM t',
      'ALTER TABLE t ADD COLUMN b INTEGER',
      'ALTER TABLE t SET ACCESS public',
      'GRANT SELECT ON t TO USER ann',
      'REVOKE SELECT ON t FROM USER ann',
      "CREATE USER bob PASSWORD 'p'",
      "ALTER USER bob PASSWORD 'q'",
      'DROP USER bob',
      'DROP VIEW v',
      'DROP TABLE t',
      'DROP NAMESPACE n',
    ];
    await world.done(dba, sql.join('; '));
    expect(world.events.map(brief)).toEqual([
      'create_namespace n done',
      'alter_namespace n done',
      'create_storage s done',
      'alter_storage s done',
      'drop_storage s done',
      'create_table t done',
      'insert t done',
      'update sales.t done',
      'delete t done',
      'select t done',
      'create_view v done',
      'alter_table t done',
      'set_table_access t done',
      'grant t done',
      'revoke t done',
      'create_user bob done',
      'alter_user bob done',
      'drop_user bob done',
      'drop_view v done',
      'drop_table t done',
      'drop_namespace n done',
    ]);
    world.events.length = 0;
    await world.done(dba, 'SHOW NAMESPACES; SELECT 1; BEGIN; COMMIT; SET timezone = 1; SELECT * FROM system.tables');
    expect(world.events).toEqual([]);
  });

  it('says who, from where, and how it ended', async () => {
    const world = await World.withSales();
    const { principal } = world.as('dba', 'dba');
    const details = { namespace: 'sales', requestId: 'r1', clientAddress: '192.0.2.1' };
    const context = ExecutionContext.withAudit(world.engine, principal, details);
    await world.done(context, 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)');
    world.duck.failure = { of: /DELETE/, code: 'execution_failed', when: 'before' };
    await world.run(context, 'DELETE FROM t');
    await world.run(context, 'DELETE FROM missing');
    const who = { tenantId: 'acme', userId: 'id-dba', role: 'dba', requestId: 'r1', clientAddress: '192.0.2.1' };
    expect(world.events.slice(1)).toEqual([
      expect.objectContaining({
        ...who,
        action: 'insert',
        outcome: 'done',
        code: null,
        rowsAffected: 2,
        asUserId: null,
      }),
      expect.objectContaining({ ...who, action: 'delete', outcome: 'failed', code: 'execution_failed' }),
      expect.objectContaining({ ...who, action: 'delete', outcome: 'denied', code: 'not_found' }),
    ]);
    expect(new Set(world.events.map(({ queryId }) => queryId)).size).toBe(4);
  });

  it('says as whom a statement ran, whatever it was', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    world.as('ann', 'user');
    await world.done(dba, "EXECUTE AS USER 'ann' (SELECT 1)");
    await world.run(dba, "EXECUTE AS USER 'ann' (DELETE FROM t)");
    await world.run(world.as('bob', 'user'), "EXECUTE AS USER 'ann' (SELECT 1)");
    expect(world.events).toMatchObject([
      { userId: 'id-dba', asUserId: 'id-ann', action: 'select', outcome: 'done' },
      { userId: 'id-dba', asUserId: 'id-ann', action: 'delete', target: 't', outcome: 'denied' },
      { userId: 'id-bob', asUserId: null, action: 'execute_as_user', target: 'ann', outcome: 'denied' },
    ]);
  });

  it('has what could not be read as a statement', async () => {
    const world = await World.withSales();
    await world.refuses(world.as('ann', 'user'), "COPY t TO '/tmp/x'", 'unsupported_statement');
    await world.refuses(world.as('ann', 'user'), 'SELECT FROM WHERE', 'syntax_error');
    expect(world.events).toMatchObject([
      { action: 'parse', outcome: 'denied', code: 'unsupported_statement', queryId: null },
      { action: 'parse', outcome: 'denied', code: 'syntax_error' },
    ]);
  });

  it('never has a value: of a parameter, a literal or a password', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a VARCHAR)');
    await world.done(dba, 'INSERT INTO t VALUES ($1)', ['canary-1']);
    await world.done(dba, "UPDATE t SET a = 'canary-2' WHERE a = 'canary-3'");
    await world.done(dba, "CREATE USER bob PASSWORD 'canary-4'; ALTER USER bob PASSWORD 'canary-5'");
    await world.run(dba, "SELECT 'canary-6' FROM missing");
    await world.run(dba, "SELEC 'canary-7'").catch(() => {});
    await world.run(dba, "EXECUTE AS USER 'bob' (ALTER USER bob PASSWORD 'canary-8')").catch(() => {});
    expect(world.events.length).toBeGreaterThan(6);
    expect(JSON.stringify(world.events)).not.toContain('canary');
  });

  it('of a password is not in the running statements either', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const seen: unknown[] = [];
    const create = world.users.create.bind(world.users);
    world.users.create = async (tenantId, user) => {
      seen.push(...world.engine.queries.list('acme').map(({ start }) => start.statement));
      return create(tenantId, user);
    };
    await world.done(dba, "CREATE USER bob PASSWORD 'canary'");
    await world.done(dba, "EXECUTE AS USER 'dba' (CREATE USER eve PASSWORD 'canary')");
    expect(seen).toHaveLength(2);
    expect(JSON.stringify(seen)).not.toContain('canary');
  });

  it('that can not be written changes no answer, and is told', async () => {
    const failures: unknown[] = [];
    const broken = {
      record: async () => {
        throw new Error('full');
      },
      recent: async () => [],
    };
    const world = await World.withSales({ audit: broken, onAuditFailure: (error) => void failures.push(error) });
    expect(await world.affected(world.as('dba', 'dba'), 'CREATE TABLE t (a INTEGER)')).toBe(1);
    expect(failures).toHaveLength(2);
    expect(world.engine.counts.auditFailures).toBe(2);
  });
});

describe('MemoryAuditLog', () => {
  const event = (at: number, tenantId = 'acme'): AuditEvent => ({
    at,
    tenantId,
    userId: 'u',
    role: 'user',
    asUserId: null,
    action: 'insert',
    target: 't',
    outcome: 'done',
    code: null,
    rowsAffected: 1,
    queryId: null,
    requestId: null,
    clientAddress: null,
  });

  it('keeps the last ones, the newest first, those of a tenant', async () => {
    const log = new MemoryAuditLog({ capacity: 4 });
    for (let at = 1; at <= 6; at += 1) await log.record(event(at, at === 5 ? 'other' : 'acme'));
    expect((await log.recent('acme', 10)).map(({ at }) => at)).toEqual([6, 4, 3]);
    expect((await log.recent('acme', 2)).map(({ at }) => at)).toEqual([6, 4]);
    expect((await log.recent('other', 2)).map(({ at }) => at)).toEqual([5]);
  });

  it.each([0, 1.5, -1])('has no capacity of %p', (capacity) => {
    expect(() => new MemoryAuditLog({ capacity })).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });
});
