import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from '@mooring/nest-session-store';
import { guardRole, startFaultProxy, startPostgres, startRedis, testDynamo } from '@mooring/services';
import type { FaultProxy, PostgresServer, RedisServer } from '@mooring/services';
import { systemClock } from '@mooring/session-store';
import { createSessions } from '@mooring/session-store-testkit';
import { createTable } from '@mooring/store-dynamodb';
import { Client } from 'pg';
import { runLine } from '../run.fixture.ts';
import { doctor, remedied } from './doctor.fixture.ts';
import type { Env } from './doctor.fixture.ts';
import { tableFindings } from './table-findings.ts';
import { startTlsServer } from './tls-server.fixture.ts';

let postgres: PostgresServer;
let redis: RedisServer;
let proxy: FaultProxy;
let folder: string;
/** Migrated. */
let database: string;
/** Not migrated. */
let empty: string;

async function sql(...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const inDatabase = (name: string, change: (url: URL) => void = () => undefined): string => {
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  change(url);
  return url.href;
};

beforeAll(async () => {
  [postgres, redis, folder] = await Promise.all([
    startPostgres(),
    startRedis({ password: 'open sesame' }),
    mkdtemp(join(tmpdir(), 'mooring-doctor-')),
  ]);
  proxy = await startFaultProxy({ target: postgres.url });
  await Promise.all([
    sql('create database healthy', 'create database empty'),
    guardRole(postgres, { name: 'guarded', password: 'right' }),
  ]);
  [database, empty] = [inDatabase('healthy'), inDatabase('empty')];
  await runLine('migrate', { DATABASE_URL: database });
});

afterAll(async () => {
  await proxy?.close();
  await Promise.all([postgres?.stop(), redis?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

describe('a system in order', () => {
  it('is found in order, for people and for programs', async () => {
    const env = { DATABASE_URL: database, REDIS_URL: redis.url, MOORING_DATA_DIR: join(folder, 'data') };
    const { code, json, findings, errors } = await doctor(env);
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([
      { check: 'warehouse', status: 'skipped', found: 'none is configured' },
    ]);
    expect([code, json['healthy'], errors]).toEqual([0, true, 'no failures, no warnings.\n']);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['schema', 'users-schema', 'catalog-schema']),
    );
    const { output } = await runLine('doctor', env);
    expect(output).toMatch(/^ok {6}database {11}PostgreSQL [\d.]+ at 127\.0\.0\.1:\d+\/healthy, [\d.]+ ms away$/m);
    expect(output).toMatch(/^ok {6}copies {13}Redis has copies of sessions$/m);
  });
});

describe('sessions that do not work across pods', () => {
  it('are in memory', async () => {
    expect((await doctor({})).found('store')).toMatchObject(
      remedied('warning', /in memory: unknown to other processes/, /set DATABASE_URL/),
    );
    expect((await doctor({ NODE_ENV: 'production' })).found('store')).toMatchObject(
      remedied('failed', /no database URL/, /set DATABASE_URL/),
    );
  });
});

describe('a database', () => {
  const found = async (url: string, check = 'database') => (await doctor({ DATABASE_URL: url })).found(check);

  it('that does not run, has no such name, or hangs', async () => {
    expect(await found('postgres://a:secret-word@127.0.0.1:1/x')).toMatchObject(
      remedied('failed', /^nothing listens at 127\.0\.0\.1:1\/x$/, /start the server/),
    );
    expect(await found('postgres://db.invalid/x')).toMatchObject(
      remedied('failed', /no host of this name: db\.invalid:5432\/x/, /correct the host in DATABASE_URL/),
    );
    proxy.hang();
    expect(await found(proxy.url(database))).toMatchObject(remedied('failed', /does not answer/, /firewall/));
    proxy.heal();
  });

  it('that refuses the user, the password or the database', async () => {
    const guarded = inDatabase('healthy', (url) => {
      url.username = 'guarded';
      url.password = 'wrong-word';
    });
    const refused = await found(guarded);
    expect(refused).toMatchObject(
      remedied('failed', /refuses the password/, /correct user and password in DATABASE_URL/),
    );
    expect(JSON.stringify(refused)).not.toContain('wrong-word');
    const stranger = inDatabase('healthy', (url) => (url.username = 'stranger'));
    expect(await found(stranger)).toMatchObject(remedied('failed', /refuses the user, this address/, /pg_hba/));
    expect(await found(inDatabase('nowhere'))).toMatchObject(remedied('failed', /no such database/, /createdb/));
  });

  it('whose TLS is not to be trusted, or that has none', async () => {
    const server = await startTlsServer('postgres');
    expect(await found(`postgres://a@127.0.0.1:${server.port}/x?sslmode=verify-full`)).toMatchObject(
      remedied('failed', /its certificate is not trusted/, /NODE_EXTRA_CA_CERTS/),
    );
    await server.close();
    const asked = inDatabase('healthy', (url) => url.searchParams.set('sslmode', 'verify-full'));
    expect(await found(asked)).toMatchObject(remedied('failed', /speaks without TLS/, /correct DATABASE_URL/));
  });

  it('whose schema was not made, is of a later version, or may not be used', async () => {
    const { found: of } = await doctor({ DATABASE_URL: empty, NODE_ENV: 'production' });
    for (const [check, what] of [
      ['schema', /^the schema of sessions is at version 0, and version 9 is wanted$/],
      ['users-schema', /^the schema of users is at version 0, and version 1 is wanted$/],
      ['catalog-schema', /^the schema of the catalog is at version 0, and version 1 is wanted$/],
    ] as const) {
      expect(of(check)).toMatchObject(remedied('failed', what, /^Run npx mooring migrate/));
    }
    const later = "insert into mooring_migrations (timestamp, name) values (9999999999999, 'Later9999999999999')";
    await inHealthy(later);
    expect(await found(database, 'schema')).toMatchObject(
      remedied('warning', /sessions is at version 10, and version 9 is wanted/, /Run the version/),
    );
    await inHealthy("delete from mooring_migrations where name = 'Later9999999999999'");
    await inHealthy('insert into mooring_catalog_migrations (version) values (2)');
    expect((await doctor({ DATABASE_URL: database, NODE_ENV: 'production' })).found('catalog-schema')).toMatchObject(
      remedied('failed', /catalog is at version 2, and version 1 is wanted/, /Run the version/),
    );
    await inHealthy('delete from mooring_catalog_migrations where version = 2');
    await inHealthy('grant select on mooring_migrations to guarded');
    const guarded = inDatabase('healthy', (url) => {
      url.username = 'guarded';
      url.password = 'right';
    });
    expect(await found(guarded, 'sessions')).toMatchObject(remedied('failed', /misconfigured/, /rights of its user/));
  });

  it('whose tables were taken away, although its migrations ran', async () => {
    const lost = inDatabase('lost');
    await sql('create database lost');
    await runLine('migrate', { DATABASE_URL: lost });
    const client = new Client({ connectionString: lost });
    await client.connect();
    await client.query('drop table mooring_sessions cascade');
    await client.end();
    expect(await found(lost, 'sessions')).toMatchObject(remedied('failed', /misconfigured/, /tables of Mooring/));
  });

  it('that takes no writes', async () => {
    await sql('alter database empty set default_transaction_read_only = on');
    expect(await found(empty)).toMatchObject(remedied('failed', /takes no writes/, /primary server in DATABASE_URL/));
  });

  it('where nobody sweeps', async () => {
    const quiet = { log: () => undefined, warn: () => undefined };
    const { backend } = await openStore({ namespace: 'auth', database: { url: database, poolSize: 1 } }, quiet);
    await createSessions(backend, 1, 1);
    await backend.close();
    const back = 9 * 3_600_000;
    await inHealthy(`update mooring_sessions set idle_expires_at = idle_expires_at - ${back}`);
    expect(await found(database, 'sessions')).toMatchObject(
      remedied('warning', /waiting for 9 h/, /npx mooring sweep/),
    );
    await runLine('sweep --namespace auth', { DATABASE_URL: database });
    expect(await found(database, 'sessions')).toMatchObject({ status: 'ok' });
  });
});

async function inHealthy(statement: string): Promise<void> {
  const client = new Client({ connectionString: database });
  await client.connect();
  await client.query(statement);
  await client.end();
}

describe('a file', () => {
  it('that can not be made', async () => {
    const env = { MOORING_SESSION_STORE: 'sqlite', MOORING_SQLITE_FILE: join(folder, 'none', 'store.db') };
    expect((await doctor(env)).found('schema')).toMatchObject(
      remedied('failed', /the folder of the file does not exist/, /MOORING_SQLITE_FILE/),
    );
  });

  it('that is not made, and is not made by looking; migrated, with the catalog beside it', async () => {
    const [file, data] = [join(folder, 'store.db'), join(folder, 'embedded')];
    const env = { MOORING_SESSION_STORE: 'sqlite', MOORING_SQLITE_FILE: file, MOORING_DATA_DIR: data };
    const statuses = async () => {
      const { found } = await doctor(env);
      return ['schema', 'catalog-schema', 'sessions'].map((check) => found(check)?.status);
    };
    expect(await statuses()).toEqual(['failed', 'failed', 'skipped']);
    expect(await readdir(folder)).toEqual([]);
    expect((await runLine('migrate', env)).output).toBe(
      'schema    was at  is at\nsessions       0      1\ncatalog        0      1\n',
    );
    expect(await statuses()).toEqual(['ok', 'ok', 'ok']);
    expect((await runLine('migrate', env)).output).toBe('All schemas are up to date.\n');
  });
});

describe('a table of DynamoDB', () => {
  it('that is not there, is of somebody else, or collects nothing', async () => {
    const dynamo = await testDynamo();
    const table = dynamo.tableName();
    const env = {
      MOORING_SESSION_STORE: 'dynamodb',
      MOORING_DYNAMODB_TABLE: table,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    };
    expect((await doctor(env)).found('table')).toMatchObject(
      remedied('failed', /there is no such table/, /mooring-store-dynamodb create-table/),
    );
    await createTable({ table, endpoint: dynamo.url });
    const { found } = await doctor(env);
    expect(['table', 'sessions'].map((check) => found(check)?.status)).toEqual(['ok', 'ok']);
    expect(found('table-time-to-live')).toMatchObject(remedied('warning', /has no time to live/, /collectAt/));
    await dynamo.stop();
    const server = { place: 'the table t', variable: 'MOORING_DYNAMODB_TABLE' };
    expect(tableFindings({ table: 'foreign' }, server)).toEqual([
      { check: 'table', ...remedied('failed', /other keys or indexes/, /one of its own/) },
    ]);
    expect(tableFindings({ table: 'ready', timeToLive: 'unknown' }, server)[1]).toMatchObject({ status: 'skipped' });
    expect(tableFindings({ table: 'ready', timeToLive: 'elsewhere' }, server)[1]).toMatchObject(
      remedied('warning', /on another attribute/, /collectAt/),
    );
  });
});

describe('Redis', () => {
  const alone = { MOORING_SESSION_STORE: 'redis' };
  const withoutPassword = (): string => redis.url.replace(/\/\/.*@/, '//');
  const found = async (env: Env, check = 'redis') => (await doctor({ ...alone, ...env })).found(check);

  it('that does not run, has no such name, or wants a password', async () => {
    expect(await found({ REDIS_URL: 'redis://127.0.0.1:1' })).toMatchObject(
      remedied(
        'failed',
        /^nothing listens at 127\.0\.0\.1:1$/,
        /start the server, or correct host and port in REDIS_URL/,
      ),
    );
    expect(await found({ REDIS_URL: 'redis://cache.invalid:6379/0' })).toMatchObject(
      remedied('failed', /no host of this name: cache\.invalid:6379\/0/, /REDIS_URL/),
    );
    expect(await found({ REDIS_URL: withoutPassword() })).toMatchObject(
      remedied('failed', /wants a password/, /set REDIS_PASSWORD/),
    );
    expect(await found({ REDIS_URL: withoutPassword(), REDIS_PASSWORD: 'wrong' })).toMatchObject(
      remedied('failed', /refuses the user or the password/, /correct REDIS_PASSWORD/),
    );
  });

  it('that a firewall hides', async () => {
    const silent = await startFaultProxy({ target: redis.url });
    silent.hang();
    const finding = await found({ REDIS_URL: silent.url(redis.url) });
    expect(finding).toMatchObject(remedied('failed', /does not answer/, /firewall, security group, network policy/));
    await silent.close();
  });

  it('that is the only store has nobody to take over from it', async () => {
    expect(await found({ REDIS_URL: redis.url }, 'store')).toMatchObject({
      status: 'ok',
      found: 'sessions are in Redis alone, so that nobody is known while it is away',
    });
  });

  it('whose certificate nobody trusts', async () => {
    const server = await startTlsServer('redis');
    expect(await found({ REDIS_URL: `rediss://127.0.0.1:${server.port}` })).toMatchObject(
      remedied('failed', /its certificate is not trusted/, /NODE_EXTRA_CA_CERTS/),
    );
    await server.close();
  });

  it('that throws sessions away, or keeps nothing on disk', async () => {
    const env = { REDIS_URL: redis.url };
    expect(await found(env, 'redis-persistence')).toMatchObject(
      remedied('warning', /a restart ends every session/, /appendonly/),
    );
    const evicting = await startRedis({
      settings: { 'maxmemory-policy': 'allkeys-lru', maxmemory: '64mb', save: '60 1' },
    });
    const evictingEnv = { REDIS_URL: evicting.url };
    expect(await found(evictingEnv, 'redis-eviction')).toMatchObject(
      remedied('failed', /allkeys-lru: sessions and limits are thrown away/, /noeviction/),
    );
    expect(await found(evictingEnv, 'redis-persistence')).toMatchObject({ status: 'ok' });
    const copies = await doctor({ DATABASE_URL: database, REDIS_URL: evicting.url });
    expect(copies.found('redis-eviction')).toBeUndefined();
    await evicting.stop();
  });

  it('that is away beside a database: the database serves alone, and it is said why', async () => {
    const { code, found: of } = await doctor({ DATABASE_URL: database, REDIS_URL: 'redis://127.0.0.1:1' });
    expect(code).toBe(1);
    expect(of('redis')).toMatchObject(
      remedied('failed', /nothing listens.*the database serves alone/, /start the server/),
    );
    expect(of('copies')).toMatchObject(remedied('warning', /no copies are used \(unavailable\)/, /mend Redis/));
    expect(of('sessions')).toMatchObject({ status: 'ok' });
  });
});

describe('clocks', () => {
  it.each([
    [5000, 'warning', /clock of PostgreSQL is (4\.9|5\.\d) s behind/],
    [-400_000, 'failed', /clock of PostgreSQL is (399|400)\.\d s ahead of/],
  ] as const)('that differ by %i ms', async (aheadMs, status, found) => {
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    const { found: of } = await doctor({ DATABASE_URL: database }, '', { clock });
    expect(of('clocks')).toMatchObject(remedied(status, found, /NTP/));
  });
});
