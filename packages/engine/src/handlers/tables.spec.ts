import { describe, expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';

describe('CREATE TABLE', () => {
  it('makes one, once, whatever its capitals', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    expect(await world.affected(dba, 'CREATE TABLE Orders (a INTEGER)')).toBe(1);
    for (const name of ['orders', 'ORDERS', '"Orders"', 'sales.orders']) {
      await world.refuses(dba, `CREATE TABLE ${name} (a INTEGER)`, 'already_exists');
      expect(await world.affected(dba, `CREATE TABLE IF NOT EXISTS ${name} (a INTEGER)`)).toBe(0);
    }
    expect(await world.rows(dba, 'SHOW TABLES')).toEqual([['orders', 'table', 'private']]);
  });

  it('is for the owner of the namespace, and the role service and those above it', async () => {
    const world = await World.withSales();
    await world.refuses(world.as('ann', 'user'), 'CREATE TABLE t (a INTEGER)', 'forbidden');
    await world.done(world.as('loader', 'service'), 'CREATE TABLE t (a INTEGER)');
    await world.done(world.as('dba', 'dba'), 'ALTER NAMESPACE sales OWNER TO ann');
    await world.done(world.as('ann', 'user'), 'CREATE TABLE u (a INTEGER)');
  });

  it('reads only what its maker may read', async () => {
    const world = await World.withSales();
    await world.done(world.as('dba', 'dba'), 'CREATE TABLE secret (a INTEGER)');
    const loader = world.as('loader', 'service');
    await world.refuses(loader, 'CREATE TABLE copied AS SELECT * FROM secret', 'forbidden');
    await world.refuses(loader, 'CREATE TABLE copied AS SELECT * FROM missing', 'not_found');
    await world.refuses(loader, 'CREATE TABLE copied AS SELECT * FROM system.users', 'unsupported_statement');
    expect(await world.rows(loader, 'SHOW TABLES')).toEqual([]);
  });

  it.each([
    ['CREATE TABLE missing.t (a INTEGER)', 'not_found'],
    ['CREATE TABLE system.t (a INTEGER)', 'not_found'],
    ['CREATE TABLE information_schema.t (a INTEGER)', 'not_found'],
    [`CREATE TABLE "a\tb" (a INTEGER)`, 'invalid_name'],
  ] as const)('%j is refused', async (sql, code) => {
    const world = await World.withSales();
    const error = await world.errorOf(() => world.run(world.as('dba', 'dba'), sql));
    expect(error.code === code || error.code === 'invalid_name').toBe(true);
    expect(world.duck.requests).toEqual([]);
  });

  it('leaves no name behind when the engine refuses it', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    world.duck.failure = { of: /CREATE TABLE/, code: 'execution_failed', when: 'before' };
    await world.refuses(dba, 'CREATE TABLE t (a INTEGER)', 'execution_failed');
    await world.done(dba, 'CREATE TABLE t (a INTEGER)');
  });

  it('never touches what the engine has and the catalog has not', async () => {
    const world = await World.withSales();
    world.duck.at('acme', 'sales').set('flights', { columns: ['a INTEGER'], rows: [[1]] });
    const loader = world.as('loader', 'service');
    const dba = world.as('dba', 'dba');
    await world.refuses(loader, 'CREATE TABLE flights (a INTEGER)', 'already_exists');
    await world.refuses(loader, 'CREATE TABLE IF NOT EXISTS flights (a INTEGER)', 'already_exists');
    expect(await world.affected(dba, 'DROP TABLE IF EXISTS flights')).toBe(0);
    await world.refuses(dba, 'DROP TABLE flights', 'not_found');
    await world.refuses(dba, 'CREATE OR REPLACE VIEW flights AS SELECT 1', 'already_exists');
    await world.refuses(dba, 'SELECT * FROM flights', 'not_found');
    expect(world.duck.at('acme', 'sales').get('flights')?.rows).toEqual([[1]]);
    expect(await world.affected(dba, 'CREATE TABLE IF NOT EXISTS flights (a INTEGER)')).toBe(1);
    expect(await world.rows(dba, 'SELECT * FROM flights')).toEqual([[1]]);
    await world.refuses(dba, 'DROP NAMESPACE sales CASCADE', 'in_use');
    await world.done(dba, 'DROP TABLE flights');
    expect(world.duck.at('acme', 'sales').get('flights')?.rows).toEqual([[1]]);
    await world.refuses(dba, 'SELECT * FROM flights', 'not_found');
  });
});

describe('ALTER TABLE', () => {
  it('alters and renames, with rights and grants', async () => {
    const world = await World.withSales();
    const loader = world.as('loader', 'service');
    const ann = world.as('ann', 'user');
    await world.done(loader, 'CREATE TABLE t (a INTEGER); GRANT SELECT ON t TO USER ann');
    await world.done(loader, 'ALTER TABLE t ADD COLUMN b VARCHAR');
    expect(await world.rows(loader, 'DESCRIBE t')).toEqual([
      ['a', 'INTEGER'],
      ['b', 'VARCHAR'],
    ]);
    await world.done(loader, 'ALTER TABLE t RENAME TO u');
    await world.refuses(ann, 'SELECT * FROM t', 'not_found');
    await world.done(ann, 'SELECT * FROM u');
    expect(await world.rows(loader, 'SHOW TABLES')).toEqual([['u', 'table', 'private']]);
  });

  it.each([
    ['ALTER TABLE missing ADD COLUMN b INTEGER', 'not_found'],
    ['ALTER TABLE t RENAME TO other', 'already_exists'],
    ['ALTER TABLE t RENAME TO t', 'already_exists'],
    ['ALTER TABLE seen RENAME TO x', 'in_use'],
  ] as const)('%s is refused, and changes nothing', async (sql, code) => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); CREATE TABLE other (a INTEGER); CREATE TABLE seen (a INTEGER)');
    await world.done(dba, 'CREATE VIEW v AS SELECT * FROM seen');
    const before = await world.rows(dba, 'SHOW TABLES');
    await world.refuses(dba, sql, code);
    expect(await world.rows(dba, 'SHOW TABLES')).toEqual(before);
    for (const name of ['t', 'other', 'seen']) await world.done(dba, `ALTER TABLE ${name} ADD COLUMN c INTEGER`);
  });

  it('is for owners, and does nothing where IF EXISTS finds none', async () => {
    const world = await World.withSales();
    await world.done(world.as('dba', 'dba'), 'CREATE TABLE t (a INTEGER); ALTER TABLE t SET ACCESS public');
    const loader = world.as('loader', 'service');
    await world.refuses(loader, 'ALTER TABLE t ADD COLUMN b INTEGER', 'forbidden');
    await world.refuses(loader, 'ALTER TABLE t RENAME TO u', 'forbidden');
    expect(await world.affected(loader, 'ALTER TABLE IF EXISTS missing ADD COLUMN b INTEGER')).toBe(0);
  });

  it('leaves both names as they were when the engine refuses', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER)');
    world.duck.failure = { of: /RENAME/, code: 'execution_failed', when: 'before' };
    await world.refuses(dba, 'ALTER TABLE t RENAME TO u', 'execution_failed');
    await world.refuses(dba, 'SELECT * FROM u', 'not_found');
    await world.done(dba, 'ALTER TABLE t RENAME TO u; SELECT * FROM u');
  });
});

describe('DROP TABLE and DROP VIEW', () => {
  it('drop several, and say how many there were', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER)');
    await world.refuses(dba, 'DROP TABLE a, missing', 'not_found');
    expect(await world.affected(dba, 'DROP TABLE IF EXISTS a, missing, b')).toBe(2);
    expect(await world.affected(dba, 'DROP TABLE IF EXISTS a')).toBe(0);
    await world.refuses(dba, 'DROP TABLE a', 'not_found');
    expect(world.duck.at('acme', 'sales').size).toBe(0);
  });

  it('keep what a view reads, unless CASCADE drops the views, too', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(
      dba,
      'CREATE TABLE t (a INTEGER); CREATE NAMESPACE far; CREATE VIEW far.v AS SELECT * FROM sales.t',
    );
    await world.done(dba, 'CREATE VIEW w AS SELECT * FROM far.v, t');
    const error = await world.refuses(dba, 'DROP TABLE t', 'in_use');
    expect(error.message).toContain('far.v');
    await world.done(dba, 'SELECT * FROM w');
    await world.done(dba, 'DROP TABLE t CASCADE');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT 1; CREATE VIEW w AS SELECT * FROM v');
    await world.done(dba, 'DROP VIEW v, w CASCADE; DROP TABLE t, t');
    expect(await world.rows(dba, 'SELECT count(*) FROM system.tables')).toEqual([[0n]]);
  });

  it('drop nobody else’s views with one’s own table', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const loader = world.as('loader', 'service');
    await world.done(loader, 'CREATE TABLE t (a INTEGER)');
    await world.done(dba, 'CREATE VIEW v AS SELECT * FROM t');
    await world.refuses(loader, 'DROP TABLE t CASCADE', 'forbidden');
    await world.done(loader, 'SELECT * FROM t');
  });

  it('are told apart', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT * FROM t');
    await world.refuses(dba, 'DROP VIEW t', 'invalid_argument');
    await world.refuses(dba, 'DROP TABLE v', 'invalid_argument');
    await world.done(dba, 'DROP VIEW v; DROP TABLE t');
  });

  it('are for owners and dbas', async () => {
    const world = await World.withSales();
    await world.done(world.as('dba', 'dba'), 'CREATE TABLE t (a INTEGER); ALTER TABLE t SET ACCESS public');
    await world.refuses(world.as('loader', 'service'), 'DROP TABLE t', 'forbidden');
    await world.refuses(world.as('loader', 'service'), 'DROP TABLE IF EXISTS t', 'forbidden');
  });

  it('leave no grant to a later table of the same name', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const ann = world.as('ann', 'user');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); GRANT SELECT ON t TO USER ann');
    await world.done(ann, 'SELECT * FROM t');
    await world.done(dba, 'DROP TABLE t; CREATE TABLE t (a INTEGER)');
    await world.refuses(ann, 'SELECT * FROM t', 'forbidden');
  });
});

describe('CREATE VIEW', () => {
  it('gives nobody more than what it reads does', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const ann = world.as('ann', 'user');
    await world.done(
      dba,
      'CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT * FROM t; CREATE VIEW w AS SELECT * FROM v',
    );
    await world.done(dba, 'ALTER TABLE w SET ACCESS public');
    await world.refuses(ann, 'SELECT * FROM w', 'forbidden');
    await world.done(dba, 'GRANT SELECT ON v TO USER ann');
    await world.refuses(ann, 'SELECT * FROM w', 'forbidden');
    await world.done(dba, 'GRANT SELECT ON t TO USER ann');
    await world.done(ann, 'SELECT * FROM w');
    await world.done(dba, 'REVOKE SELECT ON t FROM USER ann');
    const error = await world.refuses(ann, 'SELECT * FROM w', 'forbidden');
    expect(error.message).toContain('sales.v reads sales.t');
  });

  it('in another namespace names what it reads in full: an engine may look for it there', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE NAMESPACE far; CREATE TABLE secret (a INTEGER); CREATE TABLE far.secret (a INTEGER)');
    await world.done(dba, 'ALTER NAMESPACE far OWNER TO dba; ALTER TABLE far.secret SET ACCESS restricted');
    const loader = world.as('loader', 'service', { namespace: 'far' });
    await world.refuses(loader, 'CREATE VIEW sales.v AS SELECT * FROM secret', 'invalid_argument');
    await world.refuses(loader, 'CREATE OR REPLACE VIEW sales.v AS SELECT * FROM secret', 'invalid_argument');
    await world.done(loader, 'CREATE VIEW sales.v AS SELECT * FROM far.secret; CREATE VIEW w AS SELECT * FROM secret');
  });

  it('is replaced by its owner, and reads what it reads now', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER); CREATE VIEW v AS SELECT * FROM a');
    await world.done(dba, 'ALTER TABLE b SET ACCESS public; ALTER TABLE v SET ACCESS public');
    const ann = world.as('ann', 'user');
    await world.refuses(ann, 'SELECT * FROM v', 'forbidden');
    await world.refuses(dba, 'CREATE VIEW v AS SELECT * FROM b', 'already_exists');
    await world.done(dba, 'CREATE OR REPLACE VIEW v AS SELECT * FROM b');
    await world.done(ann, 'SELECT * FROM v');
    await world.refuses(world.as('loader', 'service'), 'CREATE OR REPLACE VIEW v AS SELECT * FROM b', 'forbidden');
    await world.refuses(dba, 'CREATE OR REPLACE VIEW a AS SELECT * FROM b', 'already_exists');
    await world.refuses(dba, 'CREATE OR REPLACE VIEW v AS SELECT * FROM b, sales.v', 'invalid_argument');
    await world.done(ann, 'SELECT * FROM v');
  });

  it('counts as reading both while it is replaced, and what it read after a failure', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const ann = world.as('ann', 'user');
    await world.done(dba, 'CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER); CREATE VIEW v AS SELECT * FROM a');
    await world.done(dba, 'ALTER TABLE a SET ACCESS public; ALTER TABLE v SET ACCESS public');
    let seen: unknown;
    world.duck.before = async (sql) => {
      if (!sql.startsWith('CREATE OR REPLACE')) return;
      seen = await world.errorOf(() => world.run(ann, 'SELECT * FROM v'));
      await world.refuses(dba, 'DROP VIEW v', 'conflict');
    };
    world.duck.failure = { of: /REPLACE/, code: 'execution_failed', when: 'before' };
    await world.refuses(dba, 'CREATE OR REPLACE VIEW v AS SELECT * FROM b', 'execution_failed');
    expect(seen).toMatchObject({ code: 'forbidden' });
    world.duck.before = () => {};
    await world.done(ann, 'SELECT * FROM v');
  });
});
