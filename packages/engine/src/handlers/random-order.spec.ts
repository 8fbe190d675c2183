import { describe, expect, it } from '@jest/globals';
import type { CatalogRecord } from '../catalog/records.ts';
import { World } from '../world.fixture.ts';

/** Mulberry32: a run can be repeated by its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Each step of the catalog and the engine takes a while, so that statements pass one another anywhere. */
function slow(world: World, random: (below: number) => number): void {
  const wait = async (): Promise<void> => {
    for (let turns = random(4); turns > 0; turns -= 1) await new Promise((resolve) => void setImmediate(resolve));
  };
  const { catalog } = world;
  for (const name of ['get', 'list', 'create', 'replace', 'remove'] as const) {
    const step = catalog[name].bind(catalog) as (...given: unknown[]) => Promise<unknown>;
    Object.assign(catalog, {
      [name]: async (...given: unknown[]) => {
        await wait();
        const found = await step(...given);
        await wait();
        return found;
      },
    });
  }
  world.duck.before = wait;
}

const STATEMENTS = [
  'CREATE TABLE one.t (a INTEGER)',
  'CREATE TABLE IF NOT EXISTS one.t (a INTEGER)',
  'CREATE TABLE one.u AS SELECT * FROM one.t',
  'DROP TABLE one.t',
  'DROP TABLE one.t CASCADE',
  'DROP TABLE IF EXISTS one.u, one.t',
  'ALTER TABLE one.t RENAME TO u',
  'ALTER TABLE one.u RENAME TO t',
  'CREATE VIEW one.v AS SELECT * FROM one.t',
  'CREATE OR REPLACE VIEW one.v AS SELECT * FROM one.u',
  'DROP VIEW one.v',
  'CREATE NAMESPACE IF NOT EXISTS one',
  'DROP NAMESPACE one',
  'DROP NAMESPACE one CASCADE',
  'GRANT SELECT ON one.t TO ROLE user',
  'ALTER TABLE one.t SET ACCESS public',
];

const nameOf = (record: CatalogRecord): string =>
  record.kind === 'table' ? `${record.namespace}.${record.name}` : record.name;

describe('statements in any order', () => {
  it.each(Array.from({ length: 60 }, (_, index) => index + 1))(
    'leave catalog and engine as one, seed %i',
    async (seed) => {
      const world = await World.withSales();
      const dba = world.as('dba', 'dba');
      await world.done(dba, 'CREATE NAMESPACE one; CREATE TABLE one.t (a INTEGER)');
      const random = randomFrom(seed);
      slow(world, random);
      const batches = await Promise.all(
        Array.from({ length: 24 }, () => world.run(dba, STATEMENTS[random(STATEMENTS.length)] ?? '')),
      );
      const codes = batches.map(({ failure }) => failure?.error.code);
      for (const code of codes) {
        expect([undefined, 'already_exists', 'not_found', 'in_use', 'conflict', 'invalid_argument']).toContain(code);
      }
      const [tables, namespaces] = await Promise.all([
        world.catalog.list('acme', 'table'),
        world.catalog.list('acme', 'namespace'),
      ]);
      expect([...tables, ...namespaces].filter(({ state }) => state !== 'ready')).toEqual([]);
      const inEngine = [...world.duck.at('acme', 'one').keys()].map((name) => `one.${name}`);
      expect(inEngine.sort()).toEqual(tables.map(nameOf).sort());
      for (const table of tables) {
        if (table.kind !== 'table') continue;
        expect(namespaces.map(nameOf)).toContain(table.namespace);
        for (const read of table.reads) expect(tables.map(nameOf)).toContain(`${read.namespace}.${read.name}`);
      }
      expect([world.duck.openConnections, world.engine.queries.count]).toEqual([0, 0]);
    },
  );
});
