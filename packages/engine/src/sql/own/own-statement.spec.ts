import { describe, expect, it } from '@jest/globals';
import { bodyOf, refusal } from '../sql.fixture.ts';

describe('statements of the engine itself', () => {
  it.each([
    [
      'CREATE NAMESPACE sales',
      { kind: 'create_namespace', name: 'sales', ifNotExists: false, storage: undefined, description: undefined },
    ],
    [
      `create namespace if not exists "Sales" description 'it''s' storage Files`,
      { kind: 'create_namespace', name: 'sales', ifNotExists: true, storage: 'files', description: "it's" },
    ],
    ["alter namespace sales set description ''", { kind: 'alter_namespace', name: 'sales', description: '' }],
    ["ALTER NAMESPACE sales OWNER TO 'Eve'", { kind: 'alter_namespace', name: 'sales', owner: 'Eve' }],
    [
      'drop namespace if exists sales cascade',
      { kind: 'drop_namespace', name: 'sales', ifExists: true, cascade: true },
    ],
    ['drop namespace sales restrict', { kind: 'drop_namespace', name: 'sales', ifExists: false, cascade: false }],
    ['SHOW NAMESPACES', { kind: 'show_namespaces' }],
    ['SHOW STORAGES', { kind: 'show_storages' }],
    ['show tables', { kind: 'show_tables', namespace: undefined }],
    ['show tables in sales', { kind: 'show_tables', namespace: 'sales' }],
    ['USE sales', { kind: 'use_namespace', name: 'sales' }],
    ['use namespace Sales', { kind: 'use_namespace', name: 'sales' }],
    [
      `CREATE STORAGE wh TYPE redshift WORKGROUP 'w' DATABASE 'd' DESCRIPTION 'the warehouse'`,
      {
        kind: 'create_storage',
        name: 'wh',
        ifNotExists: false,
        type: 'redshift',
        description: 'the warehouse',
        options: { workgroup: 'w', database: 'd' },
      },
    ],
    [
      'create storage if not exists files type parquet',
      {
        kind: 'create_storage',
        name: 'files',
        ifNotExists: true,
        type: 'parquet',
        description: undefined,
        options: {},
      },
    ],
    ["alter storage wh set workgroup 'v'", { kind: 'alter_storage', name: 'wh', options: { workgroup: 'v' } }],
    ['drop storage if exists wh', { kind: 'drop_storage', name: 'wh', ifExists: true }],
    ['describe sales.orders', { kind: 'describe_table', table: { namespace: 'sales', name: 'orders' } }],
    ['DESC TABLE "Orders"', { kind: 'describe_table', table: { namespace: undefined, name: 'orders' } }],
    [
      'alter table sales.orders set access level restricted',
      { kind: 'set_table_access', table: { namespace: 'sales', name: 'orders' }, access: 'restricted' },
    ],
    [
      'alter table orders set access public',
      { kind: 'set_table_access', table: { namespace: undefined, name: 'orders' }, access: 'public' },
    ],
    [
      'GRANT update, select ON TABLE sales.orders TO USER "Eve"',
      {
        kind: 'grant',
        table: { namespace: 'sales', name: 'orders' },
        privileges: ['select', 'update'],
        grantee: { user: 'Eve' },
      },
    ],
    [
      'revoke all privileges on orders from role service',
      {
        kind: 'revoke',
        table: { namespace: undefined, name: 'orders' },
        privileges: ['select', 'insert', 'update', 'delete'],
        grantee: { role: 'service' },
      },
    ],
    ["drop user if exists 'eve@example.com'", { kind: 'drop_user', name: 'eve@example.com', ifExists: true }],
    ['create user eve', { kind: 'create_user', name: 'eve', ifNotExists: false, role: 'user', password: undefined }],
    ['alter user eve role dba disable', { kind: 'alter_user', name: 'eve', role: 'dba', disabled: true }],
    ['alter user eve set enable', { kind: 'alter_user', name: 'eve', disabled: false }],
    ["kill query 'Q-1'", { kind: 'kill_query', id: 'Q-1' }],
    ['KILL JOB Q_1', { kind: 'kill_job', id: 'Q_1' }],
    ['begin', { kind: 'begin' }],
    ['START TRANSACTION', { kind: 'begin' }],
    ['begin work', { kind: 'begin' }],
    ['commit transaction', { kind: 'commit' }],
    ['end', { kind: 'commit' }],
    ['rollback', { kind: 'rollback' }],
    ['abort', { kind: 'rollback' }],
    ["set TimeZone = 'Europe/Vienna'", { kind: 'set', name: 'timezone', value: 'Europe/Vienna' }],
    ["set time zone 'UTC'", { kind: 'set', name: 'timezone', value: 'UTC' }],
    ['set session a.b to On', { kind: 'set', name: 'a.b', value: 'on' }],
    ['set a = -1.5', { kind: 'set', name: 'a', value: '-1.5' }],
    ['set a=-1', { kind: 'set', name: 'a', value: '-1' }],
    ['set a to default', { kind: 'reset', name: 'a' }],
    ['reset a', { kind: 'reset', name: 'a' }],
    ['RESET ALL', { kind: 'reset', name: 'all' }],
  ])('reads %s', (sql, body) => {
    expect(bodyOf(sql)).toEqual(body);
  });

  it.each([
    ['create namespace', 17, 'Expected the name of a namespace, found the end of the statement'],
    ['create namespace if exists a', 21, 'Expected STORAGE, DESCRIPTION, each once, or the end'],
    ['create namespace a storage b storage c', 30, 'each once'],
    ["create namespace 'a'", 18, 'found a text'],
    ['alter namespace a', 18, 'DESCRIPTION or OWNER TO'],
    ['drop namespace a cascade b', 26, 'Expected the end of the statement, found "b"'],
    ['create storage a', 17, 'Expected TYPE'],
    ['create storage a type oracle', 23, 'one of duckdb, parquet, redshift'],
    ["create storage a type redshift workgroup 'a' workgroup 'b'", 46, 'WORKGROUP is given twice'],
    ['create storage a type redshift workgroup', 41, 'the value of WORKGROUP in single quotes'],
    ['alter storage a', 16, 'DESCRIPTION or an option'],
    ['create user', 12, 'the name of a user'],
    ["create user ''", 13, '1 to 63 bytes'],
    ['create user a role root', 20, 'one of anonymous, user, service, dba, system'],
    ["create user a password 'b' password 'c'", 28, 'each once'],
    ['alter user a', 13, 'one of PASSWORD, ROLE, ENABLE, DISABLE'],
    ['grant select on t to eve', 22, 'USER with a name or ROLE with a role'],
    ['grant usage on t to user eve', 7, 'ALL or some of SELECT, INSERT, UPDATE, DELETE'],
    ['grant select on a.b.c to user eve', 17, 'up to two parts'],
    ['alter table t set access level secret', 32, 'one of private, restricted, public'],
    ['show search_path', 6, 'NAMESPACES, STORAGES or TABLES'],
    ['kill 7', 6, 'QUERY or JOB'],
    ['set a', 6, '= or TO'],
    ['set a = b, c', 10, 'Expected the end of the statement, found ","'],
    ['start', 6, 'TRANSACTION'],
    ['create', 7, 'the kind of an object'],
  ])('refuses %j at column %d', (sql, column, message) => {
    expect(refusal(sql)).toMatchObject({ line: 1, column, message: expect.stringContaining(message) });
  });

  it.each(['set local a = 1', 'begin isolation level serializable', 'rollback to a', 'set transaction read only'])(
    'does not take %s',
    (sql) => {
      expect(['unsupported_statement', 'syntax_error']).toContain(refusal(sql).code);
    },
  );

  it('takes words of the grammar for names where a name stands', () => {
    expect(bodyOf('create namespace storage storage namespace')).toMatchObject({
      name: 'storage',
      storage: 'namespace',
    });
    expect(bodyOf('use "namespace"')).toMatchObject({ name: 'namespace' });
  });

  it('has no member that an option could overwrite', () => {
    const { options } = bodyOf("create storage a type duckdb __proto__ 'b'") as { options: object };
    expect(Object.getOwnPropertyNames(options)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(options)).toBe(Object.prototype);
  });
});
