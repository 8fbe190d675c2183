import { describe, expect, it } from '@jest/globals';
import type { CatalogRecord } from '../catalog/records.ts';
import { World } from '../world.fixture.ts';

/** A process that dies: from the given write on, its catalog takes nothing. */
function dieAt(world: World, isLast: (record: CatalogRecord) => boolean): () => void {
  const replace = world.catalog.replace.bind(world.catalog);
  const remove = world.catalog.remove.bind(world.catalog);
  let isDead = false;
  const dying = new Error('the process died');
  world.catalog.replace = async (key, version, record) => {
    if (isDead || isLast(record)) {
      isDead = true;
      throw dying;
    }
    return replace(key, version, record);
  };
  world.catalog.remove = async (key, version) => {
    if (isDead) throw dying;
    return remove(key, version);
  };
  return () => Object.assign(world.catalog, { replace, remove });
}

const CLAIM_MS = 900_000;

describe('a statement that died half-way', () => {
  it('CREATE NAMESPACE is repeated once it is certainly over, and seen by nobody until then', async () => {
    const world = new World();
    const dba = world.as('dba', 'dba');
    const revive = dieAt(world, ({ state }) => state === 'ready');
    await expect(world.run(dba, 'CREATE NAMESPACE one')).rejects.toThrow('died');
    revive();
    expect(await world.rows(dba, 'SHOW NAMESPACES')).toEqual([]);
    expect(await world.refuses(dba, 'CREATE NAMESPACE one', 'conflict')).toMatchObject({ retryable: true });
    world.clock.move(CLAIM_MS);
    expect(await world.affected(dba, 'CREATE NAMESPACE one')).toBe(1);
  });

  it('CREATE TABLE that made nothing yet is repeated', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const revive = dieAt(world, ({ state }) => state === 'ready');
    world.duck.failure = { of: /CREATE TABLE/, code: 'unavailable', when: 'before' };
    await world.refuses(dba, 'CREATE TABLE t (a INTEGER)', 'unavailable');
    revive();
    await world.refuses(dba, 'SELECT * FROM t', 'not_found');
    expect(await world.affected(dba, 'CREATE TABLE t (a INTEGER)')).toBe(1);
    await world.done(dba, 'SELECT * FROM t');
  });

  it('CREATE TABLE that made its table is found by DROP, then repeated', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const revive = dieAt(world, ({ state }) => state === 'ready');
    await expect(world.run(dba, 'CREATE TABLE t (a INTEGER)')).rejects.toThrow('died');
    revive();
    await world.refuses(dba, 'DROP TABLE t', 'conflict');
    world.clock.move(CLAIM_MS);
    await world.refuses(world.as('loader', 'service'), 'CREATE TABLE IF NOT EXISTS t (a INTEGER)', 'conflict');
    const error = await world.refuses(dba, 'CREATE TABLE t (a INTEGER)', 'already_exists');
    expect(error.message).toMatch(/did not come to its end/);
    await world.done(dba, 'DROP TABLE t; CREATE TABLE t (a INTEGER); SELECT * FROM t');
  });

  it('CREATE TABLE whose answer was lost keeps its name for a DROP', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    world.duck.failure = { of: /CREATE TABLE/, code: 'timeout', when: 'after' };
    await world.refuses(dba, 'CREATE TABLE t (a INTEGER)', 'timeout');
    expect(world.duck.at('acme', 'sales').has('t')).toBe(true);
    await world.refuses(dba, 'SELECT * FROM t', 'not_found');
    await world.done(dba, 'DROP TABLE t');
    expect(world.duck.at('acme', 'sales').has('t')).toBe(false);
  });

  it('DROP TABLE that died with its process is repeated once it is certainly over', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER)');
    const revive = dieAt(world, ({ state }) => state === 'dropping');
    await expect(world.run(dba, 'DROP TABLE t')).rejects.toThrow('died');
    revive();
    await world.done(dba, 'SELECT * FROM t');
    await world.refuses(dba, 'DROP TABLE t', 'conflict');
    await world.refuses(dba, 'CREATE VIEW v AS SELECT * FROM t', 'conflict');
    world.clock.move(CLAIM_MS);
    await world.done(dba, 'CREATE VIEW v AS SELECT * FROM t; DROP TABLE t CASCADE');
  });

  it('DROP TABLE is repeated at once after a failure, wherever that was', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    for (const when of ['before', 'after'] as const) {
      await world.done(dba, 'CREATE TABLE t (a INTEGER)');
      world.duck.failure = { of: /DROP TABLE/, code: 'unavailable', when };
      await world.refuses(dba, 'DROP TABLE t', 'unavailable');
      await world.refuses(dba, 'SELECT * FROM t', 'not_found');
      await world.refuses(dba, 'CREATE TABLE t (a INTEGER)', 'conflict');
      expect(await world.affected(dba, 'DROP TABLE t')).toBe(1);
    }
  });

  it('DROP NAMESPACE is repeated at once after a failure, wherever that was', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    for (const when of ['before', 'after'] as const) {
      await world.done(dba, 'CREATE TABLE t (a INTEGER)');
      world.duck.failure = { of: /DROP NAMESPACE/, code: 'unavailable', when };
      await world.refuses(dba, 'DROP NAMESPACE sales CASCADE', 'unavailable');
      await world.refuses(dba, 'CREATE TABLE u (a INTEGER)', 'not_found');
      await world.refuses(dba, 'CREATE NAMESPACE sales', 'conflict');
      expect(await world.affected(dba, 'DROP NAMESPACE sales CASCADE')).toBe(1);
      await world.done(dba, 'CREATE NAMESPACE sales');
      expect(await world.rows(dba, 'SHOW TABLES')).toEqual([]);
    }
  });

  it('RENAME that failed is finished by the same statement at once, before and after the engine renamed', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    for (const when of ['before', 'after'] as const) {
      await world.done(dba, 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (5)');
      world.duck.failure = { of: /RENAME/, code: 'unavailable', when };
      await world.refuses(dba, 'ALTER TABLE t RENAME TO u', 'unavailable');
      await world.done(dba, 'ALTER TABLE t RENAME TO u');
      expect(await world.rows(dba, 'SELECT * FROM u')).toEqual([[5]]);
      await world.refuses(dba, 'SELECT * FROM t', 'not_found');
      await world.done(dba, 'DROP TABLE u');
    }
  });
});
