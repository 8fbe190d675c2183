import { afterAll, describe, expect, it } from '@jest/globals';
import { EngineWorld, answer, failureOf, placeOf, requestOf, rowsOf, storageOf } from './engine.fixture.ts';

const world = new EngineWorld();
afterAll(() => world.close());

describe('64 callers of 8 tenants', () => {
  it('share a tenant, and nothing else', async () => {
    const engine = await world.engine({ maxOpen: 8, maxCalls: 3, maxCallsPerTenant: 2 });
    const tenants = Array.from({ length: 8 }, (_, index) => `tenant-${index}`);
    await Promise.all(
      tenants.map(async (tenant) => {
        const connection = await world.connection(engine, tenant);
        await answer(connection, 'CREATE TABLE marks (caller INTEGER, tenant VARCHAR)');
        await connection.close();
      }),
    );
    const run = async (caller: number): Promise<void> => {
      const tenant = tenants[caller % 8]!;
      const connection = await engine.connect(placeOf(tenant));
      const zone = caller % 2 === 0 ? 'Asia/Tokyo' : 'UTC';
      await answer(connection, `SET VARIABLE me = ${caller}`);
      await answer(connection, `SET TimeZone = '${zone}'`);
      await answer(connection, 'CREATE TEMPORARY TABLE mine AS SELECT $1::INTEGER AS caller', [caller]);
      await answer(connection, 'BEGIN');
      await answer(connection, 'INSERT INTO marks VALUES ($1, $2)', [caller, tenant]);
      for (let round = 0; round < 5; round++) {
        const sql = "SELECT getvariable('me'), (FROM mine), $1::INTEGER, strftime(to_timestamp(0), '%H')";
        expect(await rowsOf(connection, sql, [caller])).toEqual([
          [caller, caller, caller, zone === 'UTC' ? '00' : '09'],
        ]);
        const others = 'SELECT count(*) FROM marks WHERE tenant <> $1 OR caller % 2 = $2';
        expect(await rowsOf(connection, others, [tenant, caller % 2 === 0 ? 0 : 2])).toEqual([
          [caller % 2 === 0 ? 1n : 0n],
        ]);
      }
      await answer(connection, caller % 2 === 0 ? 'ROLLBACK' : 'COMMIT');
      await connection.close();
    };
    await Promise.all(Array.from({ length: 64 }, (_, caller) => run(caller)));

    for (const [index, tenant] of tenants.entries()) {
      const connection = await engine.connect(placeOf(tenant));
      const callers = Array.from({ length: 64 }, (_, caller) => caller).filter((c) => c % 8 === index && c % 2 === 1);
      expect(await rowsOf(connection, 'FROM marks ORDER BY caller')).toEqual(callers.map((caller) => [caller, tenant]));
      expect(await rowsOf(connection, "SELECT getvariable('me')")).toEqual([[null]]);
      expect(await failureOf(answer(connection, 'FROM mine'))).toMatchObject({ code: 'not_found' });
      expect(await rowsOf(connection, "SELECT strftime(to_timestamp(0), '%H')")).toEqual([['00']]);
      await connection.close();
    }
    expect(engine.stats()).toMatchObject({ connections: 0, inUse: 0, calls: 0 });
  });
});

describe('tenants', () => {
  it('and storages in memory are apart too', async () => {
    const engine = await world.engine({ dataFolder: null });
    const places = [placeOf('acme'), placeOf('other'), placeOf('acme', 'sales', storageOf('acme', { name: 'second' }))];
    const connections = await Promise.all(places.map((place) => engine.connect(place)));
    await answer(connections[0]!, 'CREATE TABLE t AS SELECT 1 AS i');
    for (const connection of connections.slice(1)) {
      expect(await failureOf(answer(connection, 'FROM t'))).toMatchObject({ code: 'not_found' });
    }
    expect(engine.stats().open).toBe(3);
  });
});

describe('a connection', () => {
  it('runs one statement at a time', async () => {
    const connection = await world.connection(await world.engine({ dataFolder: null }));
    const result = await connection.run(requestOf('FROM range(100000)'));
    expect(await failureOf(connection.run(requestOf('SELECT 1')))).toMatchObject({ code: 'in_use' });
    await result.close();
    expect(await rowsOf(connection, 'SELECT 1')).toEqual([[1]]);
  });

  it('goes back to UTC by RESET, not to the zone of the process', async () => {
    const connection = await world.connection(await world.engine({ dataFolder: null }));
    const zone = "SELECT strftime(to_timestamp(0), '%Z')";
    await answer(connection, "SET TIME ZONE 'Asia/Tokyo'");
    expect(await rowsOf(connection, zone)).toEqual([['Asia/Tokyo']]);
    await answer(connection, 'RESET TimeZone');
    expect(await rowsOf(connection, zone)).toEqual([['UTC']]);
  });

  it.each(['', ' SESSION', ' /* set */'])('sets for itself alone: SET%s', async (form) => {
    const engine = await world.engine({ dataFolder: null });
    const [one, other] = [await world.connection(engine), await world.connection(engine)];
    const shown = 'SELECT i, 7 / 2 FROM (VALUES (1), (NULL), (2)) v(i) ORDER BY i';
    const usual = [1, 2, null].map((i) => [i, 3.5]);
    const settings = ["default_order = 'DESC'", "default_null_order = 'nulls_first'", 'integer_division = true'];
    for (const setting of settings) await answer(one, `-- set\n SET${form} ${setting}`);
    expect(await rowsOf(one, shown)).toEqual([null, 2, 1].map((i) => [i, 3]));
    expect(await rowsOf(other, shown)).toEqual(usual);
    for (const setting of settings) await answer(other, `RESET ${setting.split(' ')[0]}`);
    expect(await rowsOf(one, shown)).toEqual([null, 2, 1].map((i) => [i, 3]));
    expect(await rowsOf(await world.connection(engine), shown)).toEqual(usual);
  });
});

describe('namespaces', () => {
  it('are schemas of any name, made once and dropped with all that is in them', async () => {
    const engine = await world.engine({ dataFolder: null });
    for (const name of ['sales', 'Ünïcode "quoted" \'text\'; DROP', 'select', 'a.b']) {
      const place = placeOf('acme', name);
      await engine.createNamespace(place);
      await engine.createNamespace(place);
      const connection = await engine.connect(place);
      await answer(connection, 'CREATE TABLE t AS SELECT $1::VARCHAR AS name', [name]);
      expect(await rowsOf(connection, 'FROM t')).toEqual([[name]]);
      const quoted = `"${name.replaceAll('"', '""')}"`;
      expect(await rowsOf(connection, `SELECT name FROM ${quoted}.t`)).toEqual([[name]]);
      await engine.dropNamespace(place);
      await engine.dropNamespace(place);
      expect(await failureOf(answer(connection, 'FROM t'))).toMatchObject({ code: 'not_found' });
    }
  });

  it.each(['', 'main', 'TEMP', 'tenant-data', 'information_schema', 'a\0b'])(
    'have no such name as %p',
    async (name) => {
      const engine = await world.engine({ dataFolder: null });
      expect(await failureOf(engine.createNamespace(placeOf('acme', name)))).toMatchObject({ code: 'invalid_name' });
    },
  );

  it('that are not there can not be connected to', async () => {
    const engine = await world.engine();
    expect(await failureOf(engine.connect(placeOf('acme', 'nowhere')))).toMatchObject({ code: 'not_found' });
    expect(engine.stats()).toMatchObject({ inUse: 0, connections: 0 });
  });

  it('are not one another s', async () => {
    const engine = await world.engine({ dataFolder: null });
    const [sales, stock] = [
      await world.connection(engine, 'acme', 'sales'),
      await world.connection(engine, 'acme', 'stock'),
    ];
    await answer(sales, 'CREATE TABLE t AS SELECT 1 AS i');
    expect(await failureOf(answer(stock, 'FROM t'))).toMatchObject({ code: 'not_found' });
    expect(await rowsOf(stock, 'SELECT i FROM sales.t')).toEqual([[1]]);
  });
});
