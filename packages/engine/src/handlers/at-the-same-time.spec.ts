import { describe, expect, it } from '@jest/globals';
import { World } from '../world.fixture.ts';

/** Runs something to its end the next time that the catalog was asked for a list, before the answer is given. */
function afterNextList(world: World, run: () => Promise<unknown>): void {
  const list = world.catalog.list.bind(world.catalog);
  world.catalog.list = async (...asked) => {
    const found = await list(...asked);
    world.catalog.list = list;
    await run();
    return found;
  };
}

describe('statements at the same time', () => {
  it('make a name once', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    const batches = await Promise.all(Array.from({ length: 16 }, () => world.run(dba, 'CREATE TABLE t (a INTEGER)')));
    expect(batches.filter(({ failure }) => failure === undefined)).toHaveLength(1);
    for (const { failure } of batches) {
      expect(['already_exists', 'conflict', undefined]).toContain(failure?.error.code);
    }
    await world.done(dba, 'INSERT INTO t VALUES (1)');
  });

  it('never make a table in a namespace that is dropped', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const world = await World.withSales();
      const dba = world.as('dba', 'dba');
      const create = world.run(dba, 'CREATE TABLE t (a INTEGER)');
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const [created, dropped] = await Promise.all([create, world.run(dba, 'DROP NAMESPACE sales')]);
      const both = created.failure === undefined && dropped.failure === undefined;
      expect({ turns, both }).toEqual({ turns, both: false });
      if (dropped.failure === undefined) expect(world.duck.at('acme', 'sales').size).toBe(0);
      else await world.done(dba, 'SHOW TABLES');
    }
  });

  it('never make a view of a table that is dropped', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const world = await World.withSales();
      const dba = world.as('dba', 'dba');
      await world.done(dba, 'CREATE TABLE t (a INTEGER)');
      const create = world.run(dba, 'CREATE VIEW v AS SELECT * FROM t');
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const [created, dropped] = await Promise.all([create, world.run(dba, 'DROP TABLE t')]);
      const both = created.failure === undefined && dropped.failure === undefined;
      expect({ turns, both }).toEqual({ turns, both: false });
    }
  });

  it('never put a namespace into a storage that is dropped', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const world = new World();
      const dba = world.as('dba', 'dba');
      await world.done(dba, 'CREATE STORAGE lake TYPE parquet');
      const create = world.run(dba, 'CREATE NAMESPACE one STORAGE lake');
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const [created, dropped] = await Promise.all([create, world.run(dba, 'DROP STORAGE lake')]);
      const both = created.failure === undefined && dropped.failure === undefined;
      expect({ turns, both }).toEqual({ turns, both: false });
    }
  });

  it('read what a DROP that is refused looks at', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT * FROM t');
    for (const sql of ['DROP TABLE t', 'DROP NAMESPACE sales']) {
      afterNextList(world, () => world.done(dba, 'SELECT * FROM v; INSERT INTO t VALUES (1)'));
      await world.refuses(dba, sql, 'in_use');
    }
  });

  it('never leave anything in what a DROP found empty', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE t (a INTEGER); CREATE STORAGE lake TYPE parquet; CREATE NAMESPACE empty');
    afterNextList(world, () => world.refuses(dba, 'CREATE VIEW v AS SELECT * FROM t', 'conflict'));
    await world.done(dba, 'DROP TABLE t');
    await world.done(dba, 'CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER); CREATE VIEW v AS SELECT * FROM a');
    const replace = 'CREATE OR REPLACE VIEW v AS SELECT * FROM b';
    afterNextList(world, () => world.refuses(dba, replace, 'conflict'));
    await world.done(dba, 'DROP TABLE b; SELECT * FROM v');
    afterNextList(world, () => world.refuses(dba, 'CREATE TABLE empty.u (a INTEGER)', 'conflict'));
    await world.done(dba, 'DROP NAMESPACE empty');
    afterNextList(world, () => world.refuses(dba, 'CREATE NAMESPACE one STORAGE lake', 'conflict'));
    await world.done(dba, 'DROP STORAGE lake');
  });

  it('replace a view one after the other: the engine gets no text whose tables are not recorded', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER); CREATE VIEW v AS SELECT * FROM a');
    world.duck.requests.length = 0;
    const batches = await Promise.all(
      ['a', 'b', 'a', 'b'].map((name) => world.run(dba, `CREATE OR REPLACE VIEW v AS SELECT * FROM ${name}`)),
    );
    const done = batches.filter(({ failure }) => failure === undefined);
    const sent = world.duck.requests.filter(({ sql }) => sql.includes('REPLACE'));
    expect(done.length).toBeGreaterThan(0);
    expect(sent).toHaveLength(done.length);
    for (const { failure } of batches) expect(['conflict', undefined]).toContain(failure?.error.code);
  });

  it('that took too long do not end what another has taken over', async () => {
    const world = await World.withSales();
    const dba = world.as('dba', 'dba');
    await world.done(dba, 'CREATE TABLE a (x INTEGER); CREATE VIEW v AS SELECT * FROM a');
    const sql = 'CREATE OR REPLACE VIEW v AS SELECT * FROM a';
    let isFirst = true;
    world.duck.before = async (sent) => {
      if (!isFirst || sent !== sql) return;
      isFirst = false;
      world.clock.move(900_000);
      await world.done(dba, sql);
    };
    await world.refuses(dba, sql, 'conflict');
    await world.done(dba, 'SELECT * FROM v');
  });
});
