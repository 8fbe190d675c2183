import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from '@mooring/nest-session-store';
import { startFaultProxy, startPostgres, startRedis } from '@mooring/services';
import type { FaultProxy, PostgresServer, RedisServer } from '@mooring/services';
import { systemClock } from '@mooring/session-store';
import { createSessions } from '@mooring/session-store-testkit';
import { Client } from 'pg';
import { runLine } from '../run.fixture.ts';
import type { RunOptions } from '../run.fixture.ts';
import type { Finding } from './finding.ts';
import { startTlsServer } from './tls-server.fixture.ts';

type Env = Record<string, string>;

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
  await sql('create database healthy', 'create database empty', "create role guarded login password 'right'");
  [database, empty] = [inDatabase('healthy'), inDatabase('empty')];
  await runLine('migrate', { DATABASE_URL: database });
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'none');
  process.env['AWS_CONFIG_FILE'] = join(folder, 'none');
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
});

afterAll(async () => {
  await proxy?.close();
  await Promise.all([postgres?.stop(), redis?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function doctor(env: Env, words = '', options: RunOptions = {}) {
  const ended = await runLine(`doctor --json ${words}`, env, options);
  const findings = ended.json['findings'] as Finding[];
  return {
    ...ended,
    findings,
    found: (check: string): Finding | undefined => findings.find((finding) => finding.check === check),
  };
}

const remedied = (status: 'failed' | 'warning', found: RegExp, remedy: RegExp) => ({
  status,
  found: expect.stringMatching(found),
  remedy: expect.stringMatching(remedy),
});

describe('a system in order', () => {
  it('is found in order, for people and for programs', async () => {
    const env = { DATABASE_URL: database, REDIS_URL: redis.url, MOORING_DATA_DIR: join(folder, 'data') };
    const { code, json, findings, errors } = await doctor(env);
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([
      { check: 'warehouse', status: 'skipped', found: 'none is configured' },
    ]);
    expect([code, json['healthy'], errors]).toEqual([0, true, 'no failures, no warnings.\n']);
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
    const lines = "('host all guarded all scram-sha-256'), ('host all all all trust'), ('local all all trust')";
    await sql(`copy (values ${lines}) to '${await setting('hba_file')}'`, 'select pg_reload_conf()');
    const guarded = inDatabase('healthy', (url) => {
      url.username = 'guarded';
      url.password = 'wrong-word';
    });
    let refused = await found(guarded);
    while (refused?.status !== 'failed') refused = await found(guarded);
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
    expect(await found(empty, 'schema')).toMatchObject(
      remedied('failed', /^missing: Sessions\d+, /, /^npx mooring migrate/),
    );
    const later = "insert into mooring_migrations (timestamp, name) values (9999999999999, 'Later9999999999999')";
    await inHealthy(later);
    expect(await found(database, 'schema')).toMatchObject(
      remedied('warning', /later version: Later\d+/, /run the version/),
    );
    await inHealthy("delete from mooring_migrations where name = 'Later9999999999999'");
    await inHealthy('grant select on mooring_migrations to guarded');
    const guarded = inDatabase('healthy', (url) => {
      url.username = 'guarded';
      url.password = 'right';
    });
    expect(await found(guarded, 'sessions')).toMatchObject(remedied('failed', /misconfigured/, /rights of its user/));
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

async function setting(name: string): Promise<string> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [name]);
  await client.end();
  return rows[0]?.value ?? '';
}

describe('a file', () => {
  it('that can not be made', async () => {
    const env = { MOORING_SESSION_STORE: 'sqlite', MOORING_SQLITE_FILE: join(folder, 'none', 'store.db') };
    expect((await doctor(env)).found('sessions')).toMatchObject(
      remedied('failed', /the folder of the file does not exist/, /MOORING_SQLITE_FILE/),
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

describe('the warehouse', () => {
  const env = { MOORING_WAREHOUSE_CLUSTER: 'main' };

  /** Answers as AWS does when it refuses. */
  async function refusing<T>(exception: string, work: (endpoint: string) => Promise<T>): Promise<T> {
    const server = createServer((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: exception, message: `the words of ${exception}` }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      return await work(`http://127.0.0.1:${port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const warehouse = async (endpoint: string) =>
    (await doctor({ ...env, AWS_ENDPOINT_URL_REDSHIFT_DATA: endpoint })).found('warehouse');

  it('that nobody gave credentials for', async () => {
    delete process.env['AWS_ACCESS_KEY_ID'];
    expect(await warehouse('http://127.0.0.1:1')).toMatchObject(
      remedied('failed', /no AWS credentials/, /AWS_PROFILE/),
    );
    process.env['AWS_ACCESS_KEY_ID'] = 'local';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  });

  it.each([
    ['AccessDeniedException', /denies redshift-data:ListSessions: the words/, /allow it/],
    ['ExpiredTokenException', /have expired/, /renew/],
    ['UnrecognizedClientException', /does not know the access key/, /AWS_ACCESS_KEY_ID/],
    ['InvalidSignatureException', /refuses the signature/, /AWS_SECRET_ACCESS_KEY.*NTP/],
    ['ValidationException', /refuses to answer for main in us-east-1/, /MOORING_WAREHOUSE_CLUSTER/],
  ])('that answers %s', async (exception, found, remedy) => {
    expect(await refusing(exception, warehouse)).toMatchObject(remedied('failed', found, remedy));
  });

  it('that does not answer', async () => {
    expect(await warehouse('http://127.0.0.1:1')).toMatchObject(
      remedied('failed', /127\.0\.0\.1:1 does not answer/, /AWS_ENDPOINT_URL_REDSHIFT_DATA/),
    );
  });
});

describe('this machine', () => {
  it('with an old Node.js', async () => {
    expect((await doctor({}, '', { nodeVersion: '18.20.4' })).found('node')).toMatchObject(
      remedied('failed', /18\.20\.4 is too old/, /20\.19 or later/),
    );
  });

  it('with a folder that can not be written to', async () => {
    await writeFile(join(folder, 'file'), '');
    const { found } = await doctor({ MOORING_DATA_DIR: join(folder, 'file', 'data') });
    expect(found('data-folder')).toMatchObject(remedied('failed', /no folder|can not write/, /MOORING_DATA_DIR/));
  });
});

describe('configuration', () => {
  it.each(['query-api', 'auth-api', 'cleanup-worker'])('is read as %s would, all faults at once', async (service) => {
    const env = { DATABASE_URL: 'mysql://root:secret-word@db/x', MOORING_PORT: 'eighty', MOORING_PROT: '1' };
    const { code, findings, output } = await doctor(env, `--service ${service}`);
    const faults = findings.filter(({ check }) => check === 'configuration');
    expect(faults.map(({ status, found }) => `${status}: ${found.split(' ')[0]}`).sort()).toEqual(
      expect.arrayContaining(['failed: DATABASE_URL', 'failed: MOORING_PORT', 'failed: MOORING_PROT']),
    );
    expect([code, faults.find(({ found }) => found.startsWith('MOORING_PROT'))?.remedy]).toEqual([
      1,
      'Did you mean MOORING_PORT? Else remove it',
    ]);
    expect(output).not.toContain('secret-word');
  });

  it('of an unknown service is wrong usage', async () => {
    expect(await runLine('doctor --service moon --json')).toMatchObject({
      code: 2,
      json: { error: { code: 'wrong_usage', message: expect.stringContaining('query-api') } },
    });
  });
});

describe('services that run', () => {
  it('are asked whether they are ready', async () => {
    const answers = {
      '/up/health/ready': { status: 'up', checks: { 'session-store': { status: 'up', details: {} } } },
      '/slow/health/ready': {
        status: 'up',
        checks: { 'session-store': { status: 'up', details: { copies: 'degraded', copiesReason: 'timeout' } } },
      },
      '/down/health/ready': {
        status: 'down',
        checks: { 'session-store': { status: 'down', reason: 'the store does not answer (unavailable)' } },
      },
    };
    const server = createServer((request, response) => {
      const answer = answers[(request.url ?? '') as keyof typeof answers];
      response.writeHead(answer?.status === 'up' ? 200 : 503);
      response.end(JSON.stringify(answer ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const words = ['up', 'slow', 'down', 'other'].map((path) => `--url ${url}/${path}`).join(' ');
    const { code, findings } = await doctor({}, `${words} --url http://127.0.0.1:1`);
    expect(code).toBe(1);
    expect(findings.filter(({ check }) => check === 'service').map(({ status, found }) => [status, found])).toEqual([
      ['ok', `${url}/up is ready`],
      ['warning', `${url}/slow, session-store: no copies in Redis are used (timeout)`],
      ['failed', `${url}/down, session-store: the store does not answer (unavailable)`],
      ['failed', `${url}/other does not say that it is ready`],
      ['failed', 'http://127.0.0.1:1 does not answer'],
    ]);
    server.closeAllConnections();
    server.close();
  });
});
