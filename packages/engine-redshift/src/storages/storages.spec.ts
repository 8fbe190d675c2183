import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineError } from '@mooring/engine';
import { answer, failureOf, openWorld, rowsOf } from '../engine.fixture.ts';
import type { World } from '../engine.fixture.ts';
import type { RedshiftEngine, StorageForm } from '../index.ts';

let world: World;
let engine: RedshiftEngine;

beforeAll(async () => {
  world = await openWorld();
  engine = world.engine();
});
afterAll(() => world.close());

const refused = (options: Readonly<Record<string, string>>, changes = {}): Promise<EngineError> =>
  failureOf(engine.checkStorage(world.storageOf('acme', { options, ...changes })));

describe('a storage', () => {
  it('is one of those that may be, with {tenant} or filled in', async () => {
    await engine.checkStorage(world.storageOf('acme'));
    const { database } = world;
    const options = { cluster: 'main', database, db_user: `user_${world.tenant('acme')}` };
    await engine.checkStorage(world.storageOf('acme', { options }));
  });

  it('is not what it may not be', async () => {
    const { database } = world;
    const wrong: readonly Readonly<Record<string, string>>[] = [
      { cluster: 'main', database, db_user: `user_${world.tenant('globex')}` },
      { cluster: 'main', database, db_user: 'postgres' },
      { cluster: 'main', database },
      { cluster: 'main', database: 'postgres', db_user: 'user_{tenant}' },
      { cluster: 'other', database, db_user: 'user_{tenant}' },
      { workgroup: 'main', database },
      { cluster: 'main', workgroup: 'main', database },
      { cluster: 'main', db_user: 'user_{tenant}' },
      { workgroup: 'main', database, db_user: 'user_{tenant}' },
      { cluster: 'main', database, db_user: 'user_{tenant}', secret_arn: 'arn' },
      { cluster: 'main', database, db_user: '' },
      {},
    ];
    for (const options of wrong)
      expect(await refused(options)).toMatchObject({ code: 'invalid_storage', retryable: false });
    expect(await refused({}, { type: 'duckdb' })).toMatchObject({ code: 'invalid_storage' });
    expect(await refused({}, { tenantId: 'Acme"' })).toMatchObject({ code: 'invalid_storage' });
  });

  it('takes references only, says what it takes, and repeats no value', async () => {
    for (const options of [{ password: 'hunter2' }, { db_user: 'hunter2 or so' }, { url: 'postgres://a:hunter2@b' }]) {
      const { code, message } = await refused({ cluster: 'main', database: world.database, ...options });
      expect(code).toBe('invalid_storage');
      expect(message).toContain("CLUSTER 'name' DATABASE 'name' {DB_USER 'name' | SECRET_ARN 'arn'}");
      expect(message).not.toContain('hunter2');
    }
  });

  it('is tried when it is made', async () => {
    const storages: StorageForm[] = [{ cluster: 'main', database: 'no_such_database', db_user: 'user_{tenant}' }];
    const elsewhere = world.engine({ storages });
    const options = { ...storages[0] } as Readonly<Record<string, string>>;
    const error = await failureOf(elsewhere.checkStorage(world.storageOf('acme', { options })));
    expect(error).toMatchObject({ code: 'invalid_storage', message: expect.stringContaining('warehouse') });
  });

  it.each<[string, StorageForm[]]>([
    ['nothing of the tenant', [{ cluster: 'main', database: 'a', db_user: 'shared' }]],
    ['a database alone of the tenant', [{ workgroup: 'main', database: '{tenant}' }]],
    ['no database', [{ workgroup: '{tenant}', database: '' }]],
    [
      'two names that may be the same',
      [
        { cluster: 'main', database: 'a', db_user: 'u_{tenant}' },
        { cluster: 'main', database: 'a', db_user: 'u_x_{tenant}' },
      ],
    ],
  ])('has no form with %s', (_, storages) => {
    expect(() => world.engine({ storages })).toThrow(expect.objectContaining({ code: 'misconfigured' }));
  });
});

describe('a namespace', () => {
  it('is a schema, made once and dropped with all that is in it', async () => {
    const place = world.placeOf('acme', 'made_once');
    await engine.createNamespace(place);
    const connection = await engine.connect(place);
    await answer(connection, 'CREATE TABLE kept AS SELECT 1 AS n');
    await engine.createNamespace(place);
    expect(await rowsOf(connection, 'SELECT n FROM kept')).toEqual([[1]]);
    await engine.dropNamespace(place);
    await engine.dropNamespace(place);
    expect((await failureOf(answer(connection, 'SELECT n FROM kept'))).code).toBe('not_found');
    const { rows } = await world.admin.query("SELECT 1 FROM pg_namespace WHERE nspname = 'made_once'");
    expect(rows).toEqual([]);
  });

  it('is quoted', async () => {
    const name = 'odd"; DROP SCHEMA public; --';
    const place = world.placeOf('acme', name);
    await engine.createNamespace(place);
    const connection = await engine.connect(place);
    await answer(connection, 'CREATE TABLE t AS SELECT 1 AS n');
    const { rows } = await world.admin.query('SELECT schemaname FROM pg_tables WHERE schemaname = $1', [name]);
    expect(rows).toEqual([{ schemaname: name }]);
    await engine.dropNamespace(place);
  });

  it("is never another tenant's schema", async () => {
    const [acme, globex] = [world.placeOf('acme', 'claimed'), world.placeOf('globex', 'claimed')];
    await engine.createNamespace(acme);
    const connection = await engine.connect(acme);
    await answer(connection, 'CREATE TABLE own AS SELECT 1 AS n');
    expect((await failureOf(engine.createNamespace(globex))).code).toBe('already_exists');
    await engine.dropNamespace(globex);
    expect(await rowsOf(connection, 'SELECT n FROM own')).toEqual([[1]]);
    const intruder = await engine.connect(globex);
    expect((await failureOf(answer(intruder, 'SELECT n FROM own'))).code).toMatch(/forbidden|not_found/);
    expect((await failureOf(answer(intruder, 'CREATE TABLE mine (n INTEGER)'))).code).toMatch(/forbidden/);
  });
});
