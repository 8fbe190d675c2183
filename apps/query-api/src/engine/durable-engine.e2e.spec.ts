import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import { Metrics, createLogger } from '@mooring/nest-runtime';
import { createPostgresStore } from '@mooring/store-postgres';
import { readConfig } from '../config.ts';
import { logins, sqlClient, until } from '../sql/sql.fixture.ts';
import { PATIENT, TOKENS, client, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';
import { openEngine } from './open-engine.ts';
import type { EngineSurroundings } from './open-engine.ts';
import { startUnready } from '../service-process.fixture.ts';
import { StreamClient } from '../stream/stream-client.fixture.ts';

const WITHOUT_WAREHOUSE = { MOORING_WAREHOUSE_CLUSTER: '', MOORING_WAREHOUSE_DATABASE: '' };

let stack: Stack;
let folder: string;
let login: ReturnType<typeof logins>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-data-'));
  stack = await startStack();
  login = logins(await stack.tokens());
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

describe('the engine', () => {
  it('finds its data, its catalog and its audit log again', async () => {
    const env = { MOORING_DATA_DIR: join(folder, 'kept') };
    const token = await login('ann', stack.tenants.acme);
    const first = await stack.start(env);
    await sqlClient(first, token).rows('create namespace sales; use namespace sales; create table orders (id int)');
    await sqlClient(first, token).rows({ namespace: 'sales', sql: 'insert into orders values (7)' });
    await first.stop();
    const second = await stack.start(env);
    const ann = sqlClient(second, token);
    expect(await ann.rows({ namespace: 'sales', sql: 'select * from orders' })).toEqual([[7]]);
    const events = "select action from system.audit_log where action = 'create_namespace'";
    expect(await ann.rows(events)).toEqual([['create_namespace']]);
    await second.stop();
  });

  it('keeps its catalog beside its data where there is no database for it', async () => {
    const pod = await stack.start({ MOORING_DATA_DIR: join(folder, 'alone'), DATABASE_URL: '' });
    expect(await sqlClient(pod, TOKENS.ann).rows('show namespaces')).toEqual([]);
    await pod.stop();
    expect(await readdir(join(folder, 'alone'))).toContain('catalog.db');
  });

  it('says which process has a database, and ends what another one runs', async () => {
    const env = { MOORING_DATA_DIR: join(folder, 'shared') };
    const [one, two] = await Promise.all([stack.start(env), stack.start(env)]);
    const token = await login('bea', stack.tenants.globex);
    await sqlClient(one, token).rows('create namespace books; use namespace books; create table t (n int)');
    const answer = await sqlClient(two, token).post({ namespace: 'books', sql: 'select * from t' });
    expect(answer.body).toMatchObject({ status: 503, code: 'storage_elsewhere' });
    expect(answer.headers.get('retry-after')).toBe('5');
    const sql = 'select count(*) from range(100000000) a, range(100000) b where a.range % 7 = b.range % 11';
    const slow = sqlClient(one, token).post({ namespace: 'books', sql });
    const dba = sqlClient(two, await login('dora', stack.tenants.globex));
    let running: unknown[][] = [];
    await until(async () => {
      running = (await dba.rows('select query_id, user_id, statement from system.queries')) as unknown[][];
      running = running.filter(([, user]) => user === 'bea');
      return running.length > 0;
    });
    const [id, ...seen] = running[0] ?? [];
    expect([running.length, seen]).toEqual([1, ['bea', sql]]);
    const stranger = sqlClient(two, await login('ann', stack.tenants.acme));
    expect((await stranger.post(`kill query '${String(id)}'`)).status).toBe(404);
    await dba.rows(`kill query '${String(id)}'`);
    expect((await slow).body).toMatchObject({ status: 409, code: 'statement_cancelled' });
    await Promise.all([one.stop(), two.stop()]);
  });

  it('keeps no data in production that would end with the process', async () => {
    const pod = await stack.start({ NODE_ENV: 'production' });
    const ann = sqlClient(pod, await login('ann', stack.tenants.acme));
    expect((await ann.post('create namespace gone')).status).toBeGreaterThanOrEqual(400);
    await pod.stop();
  });

  it('runs on the warehouse beside its embedded data', async () => {
    const pod = await stack.start();
    const ann = sqlClient(pod, await login('ann', stack.tenants.acme));
    const { MOORING_WAREHOUSE_DATABASE: database } = stack.env;
    await ann.rows(
      `create storage warehouse type redshift cluster 'main' database '${database}' db_user 'tenant_{tenant}'`,
    );
    await ann.rows('create namespace flights_wh storage warehouse; create namespace local');
    const who = 'select current_user::text as who, 9007199254740993::bigint as n';
    expect(await ann.rows({ namespace: 'flights_wh', sql: who })).toEqual([
      [`tenant_${stack.tenants.acme}`, '9007199254740993'],
    ]);
    expect(await ann.rows({ namespace: 'local', sql: 'select 1 as n' })).toEqual([[1]]);
    const typed = {
      namespace: 'flights_wh',
      sql: `select 9007199254740993::int8 as big, 1.50::numeric(18,2) as price, 'a "b"'::varchar as name, true as ok,
        date '2024-02-29' as day, timestamptz '2024-02-29 12:00:00.25+02' as moment, 0.5::float8 as ratio, null::int4 as no`,
    };
    const cells = ['9007199254740993', '1.50', 'a "b"', true, '2024-02-29', '2024-02-29T10:00:00.25Z', 0.5, null];
    const names = ['big', 'price', 'name', 'ok', 'day', 'moment', 'ratio', 'no'];
    expect(await ann.rows(typed)).toEqual([cells]);
    const lines = await (await ann.stream(typed, 'application/x-ndjson')).text();
    expect(JSON.parse(lines)).toEqual(Object.fromEntries(names.map((name, index) => [name, cells[index]])));
    const csv = await ann.stream(typed, 'text/csv');
    expect(await csv.text()).toBe(
      `${names.join(',')}\r\n9007199254740993,1.50,"a ""b""",true,2024-02-29,2024-02-29T10:00:00.25Z,0.5,\r\n`,
    );
    const arrow = await ann.stream(typed, 'application/vnd.apache.arrow.stream');
    const table = tableFromIPC(Buffer.from(await arrow.arrayBuffer()));
    expect(['big', 'name', 'ok', 'ratio', 'no'].map((name) => table.getChild(name)?.get(0) as unknown)).toEqual([
      9007199254740993n,
      'a "b"',
      true,
      0.5,
      null,
    ]);
    const session = await ann.open({ namespace: 'flights_wh' });
    const inSession = async (sql: string): Promise<unknown> => ann.rows({ session, sql });
    await inSession("create temp table mine as select 1 as n; set timezone to 'Asia/Tokyo'");
    await inSession('begin; insert into mine values (2)');
    expect(await inSession('select count(*) from mine')).toEqual([[2]]);
    await inSession('rollback');
    expect(await inSession("select count(*), timestamptz '2024-01-01 00:00:00Z' as t from mine")).toEqual([
      [1, '2024-01-01T09:00:00+09:00'],
    ]);
    const outside = await ann.post({ namespace: 'flights_wh', sql: 'select n from mine' });
    expect(outside.body).toMatchObject({ code: 'object_not_found' });
    expect((await ann.ask('DELETE', `/v1/sql/sessions/${session}`)).status).toBe(204);
    const plan = await ann.rows({ namespace: 'flights_wh', sql: 'explain select 1 as n' });
    expect(JSON.stringify(plan)).toContain('Result');
    const sql = 'select count(*) from generate_series(1, 100000) a(n), generate_series(1, 1000000) b(n)';
    const slow = ann.post({ namespace: 'flights_wh', sql });
    const running = "select query_id from system.queries where namespace = 'flights_wh'";
    let id: unknown;
    await until(async () => {
      id = ((await ann.rows(running)) as unknown[][])[0]?.[0];
      return id !== undefined;
    });
    expect((await ann.post(`kill query '${String(id)}'`)).status).toBe(200);
    expect((await slow).body).toMatchObject({ status: 409, code: 'statement_cancelled' });
    await pod.stop();
  });

  it('runs without a warehouse, says so, and says what takes one', async () => {
    const env = { MOORING_DATA_DIR: join(folder, 'alone') };
    const token = await login('ann', stack.tenants.globex);
    const { MOORING_WAREHOUSE_DATABASE: database } = stack.env;
    const storage = `create storage far type redshift cluster 'main' database '${database}' db_user 'tenant_{tenant}'`;
    const before = await stack.start(env);
    await sqlClient(before, token).rows(`${storage}; create namespace far_away storage far`);
    const sent = await client(before, token).run({ sql: 'select 1 as n' });
    await before.stop();

    const pod = await stack.start({ ...env, ...WITHOUT_WAREHOUSE });
    await until(async () => pod.output().includes('"engines":{"warehouse":"none","embedded":"on disk"}'));
    const ann = sqlClient(pod, token);
    const made = 'create namespace near; use namespace near; create table t as select 7 as n; select * from t';
    expect(await ann.rows(made)).toEqual([[7]]);
    const session = await ann.open({ namespace: 'near' });
    expect(await ann.rows({ session, sql: 'select n from t' })).toEqual([[7]]);

    const problem = expect.objectContaining({
      status: 501,
      code: 'engine_not_configured',
      detail: expect.stringContaining('MOORING_WAREHOUSE_CLUSTER'),
    });
    expect((await ann.post(storage.replace('far', 'farther'))).body).toEqual(problem);
    expect((await ann.post({ namespace: 'far_away', sql: 'select 1 as n' })).body).toEqual(problem);
    const queries = client(pod, token);
    expect((await queries.run({ sql: 'select 1 as n' })).body).toEqual(problem);
    expect((await queries.run({ namespace: 'near', sql: 'select n from t' })).body['rows']).toEqual([[7]]);
    expect((await queries.run({ sql: 'select 1 as n' }, 'key-1')).body).toEqual(problem);
    const stream = new StreamClient(pod, token);
    await stream.send({ type: 'run', ref: 'a', sql: 'select 1 as n' });
    expect((await stream.of('problem', 'a'))['problem']).toEqual(problem);
    stream.close();

    const { body: left } = await queries.ask('GET', '/v1/queries');
    expect((left['queries'] as { status: string }[]).map(({ status }) => status)).toEqual(['finished', 'finished']);
    const id = String(sent.body['id']);
    expect((await queries.get(id)).body).toMatchObject({ status: 'finished' });
    expect((await queries.get(`${id}/rows`)).body).toEqual(problem);
    await pod.stop();
  });

  it('does not start where its folder can not be made, and says that beside all else that is in the way', async () => {
    const away = { DATABASE_URL: 'postgres://ann:hunter22@127.0.0.1:9/x', REDIS_URL: 'redis://127.0.0.1:9' };
    const program = startUnready({ ...stack.env, ...away, MOORING_PORT: '0', MOORING_DATA_DIR: '/dev/null/data' });
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/has 3 faults:\n {2}DATABASE_URL: .*\n {2}REDIS_URL: .*\n {2}MOORING_DATA_DIR: /);
    expect(program.output()).not.toContain('hunter22');
  });

  it('closes what it opened where it can not be built, and says why', async () => {
    const { config } = readConfig({ ...stack.env, DATABASE_URL: '', MOORING_DATA_DIR: join(folder, 'closed') });
    const store = await createPostgresStore({ url: stack.env['DATABASE_URL'] ?? '', namespace: 'pool', ...PATIENT });
    class FullMetrics extends Metrics {
      override gauge(): never {
        throw new Error('no gauge is left');
      }
    }
    const opening = openEngine({
      ...({} as EngineSurroundings),
      config,
      store,
      metrics: new FullMetrics('query-api'),
      logger: createLogger({ name: 'query-api', level: 'silent' }),
    });
    await expect(opening).rejects.toThrow('no gauge is left');
    // Whoever closes it last deletes its log.
    expect(await readdir(join(folder, 'closed'))).toEqual(['catalog.db']);
    await store.close();
  });
});
