import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { EngineWorld, answer, failureOf, placeOf, rowsOf, storageOf } from '../engine.fixture.ts';
import { OtherProcess } from './other-process.fixture.ts';

const world = new EngineWorld();
const processes: OtherProcess[] = [];

const fileOf = (folder: string): string => join(folder, 'acme', 'main', 'tenant-data.duckdb');

async function holdElsewhere(folder: string, sql = 'SELECT 1'): Promise<OtherProcess> {
  const other = await OtherProcess.start(fileOf(folder), sql);
  processes.push(other);
  return other;
}

afterEach(() => Promise.all(processes.splice(0).map((other) => other.kill())));
afterAll(() => world.close());

describe('a database file', () => {
  it('of another process is refused with the ways out, and taken when it is free', async () => {
    const dataFolder = await world.folder();
    const engine = await world.engine({ dataFolder });
    await engine.checkStorage(storageOf('acme'));
    const other = await holdElsewhere(dataFolder);
    const error = await failureOf(engine.createNamespace(placeOf('acme')));
    expect(error).toMatchObject({ code: 'file_in_use', retryable: true });
    expect(error.message).toMatch(/one process own each tenant/);
    expect(error.message).toMatch(/Parquet/);
    expect(error.message).toMatch(/warehouse/);
    expect(error.message).not.toContain(dataFolder);
    await other.kill();
    expect(await rowsOf(await world.connection(engine), 'SELECT 1')).toEqual([[1]]);
  });

  it('is ours alone while it is open, and free when it was closed', async () => {
    const dataFolder = await world.folder();
    const engine = await world.engine({ dataFolder });
    const connection = await world.connection(engine);
    await expect(holdElsewhere(dataFolder)).rejects.toThrow('Could not set lock');

    // A stream that was given up, a failed one, and an open transaction must not keep it.
    const stream = await connection.run({ sql: 'FROM range(10000000)', parameters: [], timeoutMs: 20_000 });
    for await (const _ of stream.batches()) break;
    const failing = "SELECT CASE WHEN range = 900000 THEN 'x' ELSE '1' END::INTEGER FROM range(1000000)";
    await failureOf(answer(connection, failing));
    await failureOf(answer(connection, 'SELECT count(*) FROM range(100000000000)', [], { timeoutMs: 50 }));
    await answer(connection, 'BEGIN');
    await connection.run({ sql: 'FROM range(10000000)', parameters: [], timeoutMs: 20_000 });
    await engine.close();
    await holdElsewhere(dataFolder);
  });

  it('goes with its storage, with all beside it, unless somebody has it', async () => {
    const dataFolder = await world.folder();
    const engine = await world.engine({ dataFolder });
    const storage = storageOf('acme');
    const connection = await world.connection(engine);
    await answer(connection, 'CREATE TABLE t AS SELECT 1 AS kept');
    expect(await failureOf(engine.dropStorage(storage))).toMatchObject({ code: 'in_use' });
    expect(await rowsOf(connection, 'FROM t')).toEqual([[1]]);
    await connection.close();
    await engine.dropStorage(storage);
    await engine.dropStorage(storage);
    expect(await readdir(join(dataFolder, 'acme'))).toEqual([]);
    expect(engine.stats().open).toBe(0);

    const again = await world.connection(engine);
    expect(await failureOf(answer(again, 'FROM t'))).toMatchObject({ code: 'not_found' });
    await again.close();
    await engine.closeIdle();
    await engine.dropStorage(storageOf('globex'));
    await engine.dropStorage(storage);

    await engine.checkStorage(storage);
    const other = await holdElsewhere(dataFolder);
    expect(await failureOf(engine.dropStorage(storage))).toMatchObject({ code: 'file_in_use' });
    await other.kill();
    await writeFile(fileOf(dataFolder), 'no database');
    await engine.dropStorage(storage);
    expect(await readdir(join(dataFolder, 'acme'))).toEqual([]);
  });

  it('keeps what was committed when its process is killed', async () => {
    const dataFolder = await world.folder();
    const first = await world.engine({ dataFolder });
    await first.createNamespace(placeOf('acme'));
    await first.close();
    const other = await holdElsewhere(
      dataFolder,
      `CREATE TABLE sales.t AS FROM range(1000); INSERT INTO sales.t VALUES (1000);
       BEGIN; INSERT INTO sales.t FROM range(5000)`,
    );
    await other.kill();
    const second = await world.engine({ dataFolder });
    const connection = await second.connect(placeOf('acme'));
    expect(await rowsOf(connection, 'SELECT count(*), max(range) FROM t')).toEqual([[1001n, 1000n]]);
  });

  it('keeps what was committed when it is opened again', async () => {
    const dataFolder = await world.folder();
    for (let round = 0; round < 3; round++) {
      const engine = await world.engine({ dataFolder });
      const connection = await world.connection(engine);
      await answer(connection, 'CREATE TABLE IF NOT EXISTS t (i INTEGER)');
      await answer(connection, 'INSERT INTO t VALUES ($1)', [round]);
      expect(await rowsOf(connection, 'SELECT count(*) FROM t')).toEqual([[BigInt(round + 1)]]);
      await engine.close();
    }
  });

  it('can be used by two engines of one process, which share its instance', async () => {
    const dataFolder = await world.folder();
    const [one, other] = [await world.engine({ dataFolder }), await world.engine({ dataFolder })];
    const first = await world.connection(one);
    const second = await world.connection(other);
    await answer(first, 'CREATE TABLE t AS SELECT 1 AS i');
    await one.close();
    expect(await rowsOf(second, 'FROM t')).toEqual([[1]]);
  });

  it('that is no database is refused without its path', async () => {
    const dataFolder = await world.folder();
    const engine = await world.engine({ dataFolder });
    await engine.checkStorage(storageOf('acme'));
    await writeFile(fileOf(dataFolder), 'not a database, but long enough to look at: '.repeat(200));
    const error = await failureOf(engine.createNamespace(placeOf('acme')));
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(error.message).not.toContain(dataFolder);
  });

  it('needs a folder that can be made', async () => {
    const folder = await world.folder();
    await writeFile(join(folder, 'taken'), '');
    const engine = await world.engine({ dataFolder: join(folder, 'taken') });
    const error = await failureOf(engine.checkStorage(storageOf('acme')));
    expect(error).toMatchObject({ code: 'misconfigured' });
    expect(error.message).not.toContain(folder);
  });
});
