import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { EngineConnection } from '@mooring/engine';
import { EngineWorld, answer, failureOf, placeOf, rowsOf, until } from '../engine.fixture.ts';
import { SteppedClock } from '../stepped-clock.fixture.ts';
import { settingsOf } from '../options.ts';
import { InstancePool } from './instance-pool.ts';
import { OtherProcess } from './other-process.fixture.ts';
import { TenantInstance } from './tenant-instance.ts';

const world = new EngineWorld();
afterAll(() => world.close());

describe('open databases', () => {
  it('are at most as many as allowed, with a hundred tenants, and keep what each wrote', async () => {
    const engine = await world.engine({ maxOpen: 10 });
    const tenants = Array.from({ length: 100 }, (_, index) => `tenant-${index}`);
    let most = 0;
    const visit = async (tenant: string, sql: string): Promise<EngineConnection> => {
      await engine.createNamespace(placeOf(tenant));
      const connection = await engine.connect(placeOf(tenant));
      await answer(connection, sql, [tenant]);
      most = Math.max(most, engine.stats().open);
      return connection;
    };
    for (const tenant of tenants) {
      await (await visit(tenant, 'CREATE TABLE t AS SELECT $1::VARCHAR AS owner')).close();
    }
    const shuffled = tenants.map((_, index) => tenants[(index * 37) % 100]!);
    for (let at = 0; at < shuffled.length; at += 20) {
      await Promise.all(
        shuffled.slice(at, at + 20).map(async (tenant) => {
          const connection = await engine.connect(placeOf(tenant));
          expect(await rowsOf(connection, 'FROM t')).toEqual([[tenant]]);
          most = Math.max(most, engine.stats().open);
          await connection.close();
        }),
      );
    }
    expect(most).toBe(10);
  });

  it('opens one instance for all who ask at the same time', async () => {
    const clock = new SteppedClock();
    const engine = await world.engine({ maxOpen: 1, waitMs: 0, idleMs: 1000, clock });
    await engine.createNamespace(placeOf('acme'));
    clock.advance(1000);
    await engine.closeIdle();
    expect(engine.stats().open).toBe(0);
    const connections = await Promise.all(Array.from({ length: 16 }, () => engine.connect(placeOf('acme'))));
    expect(engine.stats()).toMatchObject({ open: 1, inUse: 1, connections: 16 });
    await answer(connections[0]!, 'CREATE TABLE seen (i INTEGER)');
    expect(await rowsOf(connections[15]!, 'SELECT count(*) FROM seen')).toEqual([[0n]]);
  });

  it('lets the least recently used one leave', async () => {
    const dataFolder = await world.folder();
    const engine = await world.engine({ maxOpen: 2, dataFolder });
    for (const tenant of ['a', 'b', 'a', 'c']) await (await world.connection(engine, tenant)).close();
    expect(engine.stats()).toMatchObject({ open: 2, inUse: 0 });
    const elsewhere = (tenant: string): Promise<OtherProcess> =>
      OtherProcess.start(join(dataFolder, tenant, 'main', 'tenant-data.duckdb'), 'SELECT 1');
    await (await elsewhere('b')).kill();
    await expect(elsewhere('a')).rejects.toThrow('Could not set lock');
  });

  it('makes others wait while all are in use, then refuses', async () => {
    const clock = new SteppedClock();
    const engine = await world.engine({ maxOpen: 1, waitMs: 500, clock });
    const held = await world.connection(engine, 'a');
    const waiting = engine.connect(placeOf('b'));
    const refused = failureOf(waiting);
    await until(() => engine.stats().waiting > 0);
    clock.advance(499);
    expect(engine.stats().waiting).toBe(1);
    clock.advance(1);
    expect(await refused).toMatchObject({ code: 'too_busy', retryable: true });

    const next = world.connection(engine, 'b');
    await until(() => engine.stats().waiting > 0);
    await held.close();
    await (await next).close();
  });

  it('are closed when nobody has used them for a while', async () => {
    const clock = new SteppedClock();
    const engine = await world.engine({ idleMs: 1000, clock });
    const used = await world.connection(engine, 'used');
    await (await world.connection(engine, 'idle')).close();
    clock.advance(999);
    expect(engine.stats().open).toBe(2);
    clock.advance(1);
    await engine.closeIdle();
    expect(engine.stats()).toMatchObject({ open: 1, inUse: 1 });
    await used.close();
    clock.advance(1000);
    await engine.closeIdle();
    expect(engine.stats().open).toBe(0);
  });

  it('in memory stay, and are never given up for others', async () => {
    const clock = new SteppedClock();
    const engine = await world.engine({ dataFolder: null, maxOpen: 1, idleMs: 1000, waitMs: 0, clock });
    const first = await world.connection(engine, 'a');
    await answer(first, 'CREATE TABLE t AS SELECT 1 AS i');
    await first.close();
    clock.advance(10_000);
    await engine.closeIdle();
    expect(await failureOf(engine.connect(placeOf('b')))).toMatchObject({ code: 'too_busy' });
    expect(await rowsOf(await engine.connect(placeOf('a')), 'FROM t')).toEqual([[1]]);
  });

  it('that broke are closed and opened anew, for those who come later', async () => {
    const settings = settingsOf({ dataFolder: null });
    const source = { place: 'a test', file: null, spillFolder: null, parquetFolder: null };
    let opened = 0;
    const open = (): Promise<TenantInstance> => {
      opened += 1;
      return TenantInstance.open(source, settings);
    };
    const pool = new InstancePool({ ...settings, maxOpen: 2 });
    const [first, second] = await Promise.all([pool.acquire('a', false, open), pool.acquire('a', false, open)]);
    expect([opened, first.instance === second.instance]).toEqual([1, true]);
    first.discard();
    first.release();
    const later = pool.acquire('a', false, open);
    await until(() => pool.waiting > 0);
    second.release();
    second.release();
    expect((await later).instance).not.toBe(first.instance);
    expect([opened, pool.open, pool.inUse]).toEqual([2, 1, 1]);
    (await later).release();
    await pool.close();
  });

  it('that fail to open take no place', async () => {
    const engine = await world.engine({ maxOpen: 1, waitMs: 0 });
    const broken = placeOf('a');
    const bad = { ...broken, storage: { ...broken.storage, options: { what: 'ever' } } };
    expect(await failureOf(engine.connect(bad))).toMatchObject({ code: 'invalid_storage' });
    await (await world.connection(engine, 'a')).close();
  });
});
