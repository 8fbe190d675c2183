import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRedis, testDynamo, testPostgres, testRedis } from '@mooring/services';
import type { RedisServer, TestDynamo, TestPostgres, TestRedis } from '@mooring/services';
import { StoreBackend, newSessionId } from '@mooring/session-store';
import type { FailoverState } from '@mooring/store-failover';
import { createTable } from '@mooring/store-dynamodb';
import { Client } from 'pg';
import type { StoreObserver } from './observed-store.ts';
import { inspectStore } from './inspect-store.ts';
import { openStore } from './open-store.ts';
import type { SessionStoreOptions } from './options.ts';
import { storePlaceFaults } from './store-place-faults.ts';
import { SessionStoreModule } from './session-store-module.ts';
import { SessionStoreHealth } from './store-health.ts';

let postgres: TestPostgres;
let redis: TestRedis;
let dynamo: TestDynamo;
let url: string;
let folder: string;
beforeAll(async () => {
  [postgres, redis, dynamo] = await Promise.all([testPostgres(), testRedis(), testDynamo()]);
  [url, folder] = await Promise.all([postgres.createDatabase(), mkdtemp(join(tmpdir(), 'mooring-'))]);
});
afterAll(async () => {
  await Promise.all([postgres.stop(), redis.stop(), dynamo.stop(), rm(folder, { recursive: true })]);
});

class Lines implements LoggerService {
  readonly said: string[] = [];
  log(message: unknown): void {
    this.said.push(String(message));
  }
  warn(message: unknown): void {
    this.said.push(`warning: ${String(message)}`);
  }
  error(): void {}
}

async function start(options: SessionStoreOptions) {
  const lines = new Lines();
  const app = await Test.createTestingModule({ imports: [SessionStoreModule.forRoot(options)] })
    .setLogger(lines)
    .compile();
  await app.init();
  return {
    app,
    backend: app.get<StoreBackend>(StoreBackend),
    health: app.get(SessionStoreHealth),
    said: lines.said,
    storage: () => lines.said.filter((line) => line.includes('session storage')),
  };
}

async function roundTrip({ sessions }: StoreBackend): Promise<boolean> {
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  const id = newSessionId(owner);
  await sessions.create({ ...owner, id, data: {}, idleTimeoutMs: 60_000, lifetimeMs: 60_000 });
  return (await sessions.get({ tenantId: 'acme', id })).ok;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 150_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come to it in 150 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Of the backends that have migrations; numbers as n. */
const MIGRATED: Readonly<Record<string, unknown>> = {
  postgres: [expect.stringMatching(/^Ran n migrations of the session store: Sessionsn, /)],
  sqlite: ['Ran n migrations of the session store, from version n to n'],
};

describe('each backend', () => {
  const namespace = 'selection';
  const table = 'selection';
  const cases = (): readonly (readonly [SessionStoreOptions, string, string])[] => [
    [{ namespace, database: { url, poolSize: 3 } }, 'postgres', 'Using database for session storage'],
    [{ namespace, redis: { url: redis.url } }, 'redis', '✓ Connected to Redis for session storage'],
    [
      { namespace, backend: 'sqlite', sqlite: { file: join(folder, 'sessions.db') } },
      'sqlite',
      'Using SQLite for session storage',
    ],
    [
      { namespace, backend: 'dynamodb', dynamodb: { table, endpoint: dynamo.url } },
      'dynamodb',
      'Using DynamoDB for session storage',
    ],
    [{ namespace, backend: 'memory' }, 'memory', 'Using memory for session storage'],
  ];

  it('is opened by its name, says so in the log, works, and reports how it stands', async () => {
    await createTable({ table, endpoint: dynamo.url });
    for (const [options, name, line] of cases()) {
      const { app, backend, health, storage, said } = await start(options);
      const migrations = said.filter((text) => text.startsWith('Ran ')).map((text) => text.replaceAll(/\d+/g, 'n'));
      expect(migrations).toEqual(MIGRATED[name] ?? []);
      expect([backend.name, storage()]).toEqual([name, [line]]);
      expect(await roundTrip(backend)).toBe(true);
      const { status, details } = await health.check();
      expect([status, details?.['backend'], details?.['sweepLagSeconds']]).toEqual(['up', name, 0]);
      if (name === 'postgres') expect(details).toMatchObject({ connectionsMost: 3, connectionsWaiting: 0 });
      expect(health.isDegraded).toBe(false);
      await app.close();
    }
  });
});

it('waits as long as is said, whatever the backend: a time that none of them takes is refused by all', async () => {
  const places: readonly Partial<SessionStoreOptions>[] = [
    { database: { url } },
    { redis: { url: redis.url } },
    { database: { url }, redis: { url: redis.url } },
    { backend: 'sqlite', sqlite: { file: join(folder, 'times.db') } },
    { backend: 'dynamodb', dynamodb: { table: 'times', endpoint: dynamo.url } },
  ];
  for (const place of places) {
    const opened = openStore({ ...place, namespace: 'times', timeoutMs: 5 }, new Lines());
    await expect(opened).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringMatching(/TimeoutMs/) });
  }
});

describe('an inspection', () => {
  it('changes nothing, and neither does opening without migrating', async () => {
    const options = { database: { url: await postgres.createDatabase() }, redis: { url: redis.url } };
    const missing = expect.arrayContaining([expect.stringMatching(/^Sessions/)]);
    const empty = { schema: { found: 0, wanted: 9 }, migrations: { applied: [], missing, unknown: [] } };
    const found = { choice: 'failover', database: { readOnly: false, ...empty }, redis: [{ role: 'master' }] };
    const backend = 'postgres';
    const opened = await openStore({ ...options, backend, namespace: 'inspected', migrate: false }, new Lines());
    await opened.backend.close();
    expect(await inspectStore(options)).toMatchObject(found);
    expect(await inspectStore({ ...options, redis: { url: 'redis://127.0.0.1:1' } })).toMatchObject({
      database: { readOnly: false },
      redis: { name: 'StoreError', code: 'unavailable', cause: { systemCode: 'ECONNREFUSED' } },
    });
  });
});

describe('a database with Redis beside it', () => {
  let own: RedisServer;
  beforeAll(async () => {
    own = await startRedis();
  });
  afterAll(() => own.stop());

  it('keeps sessions in the database, with copies in Redis', async () => {
    const states: FailoverState['mode'][] = [];
    const operations: string[] = [];
    const observer: StoreObserver = {
      operation: (operation, run) => {
        operations.push(operation);
        return run();
      },
      failover: { onStateChange: ({ mode }) => void states.push(mode) },
    };
    const { app, backend, health, storage } = await start({
      namespace: 'both',
      database: { url },
      redis: { url: own.url },
      observer,
    });
    expect([backend.name, storage()]).toEqual(['postgres+redis', ['✓ Connected to Redis for session storage']]);
    expect(await roundTrip(backend)).toBe(true);
    expect((await health.check()).details).toMatchObject({ copies: 'accelerated', connectionsMost: 10 });
    expect(states).toEqual(['accelerated']);
    expect(operations).toEqual(expect.arrayContaining(['sessions.create', 'sessions.get', 'ping']));
    await app.close();
  });

  it('starts without Redis, says so, and uses it when it is back', async () => {
    await own.kill();
    const { app, backend, health, storage } = await start({
      namespace: 'both',
      database: { url },
      redis: { url: own.url, password: 'hunter22' },
    });
    expect(storage()).toEqual([expect.stringMatching(/^warning: Using database for session storage/)]);
    expect(storage().join()).not.toContain('hunter22');
    expect(await roundTrip(backend)).toBe(true);
    expect(health.isDegraded).toBe(true);
    const { status, details } = await health.check();
    expect([status, details?.['copies'], details?.['copiesReason']]).toEqual(['up', 'degraded', 'unavailable']);
    await app.close();
    const again = await start({ namespace: 'both', database: { url }, redis: { url: own.url } });
    await own.restart();
    await until(async () => (await roundTrip(again.backend)) && !again.health.isDegraded);
    expect(again.storage().at(-1)).toBe('✓ Connected to Redis for session storage');
    await again.app.close();
  });

  it('does not start without its database, and leaves nothing open', async () => {
    const away = start({ namespace: 'both', database: { url: 'postgres://127.0.0.1:1/x' }, redis: { url: own.url } });
    await expect(away).rejects.toMatchObject({ name: 'StoreError' });
  });
});

describe('storePlaceFaults', () => {
  const faults = async (options: Omit<SessionStoreOptions, 'namespace'>): Promise<(string | undefined)[]> =>
    (await storePlaceFaults({ ...options, namespace: 'places' })).map(
      ({ variable, problem, remedy }) => `${variable}: ${problem}. ${remedy}`,
    );
  const changed = (change: (url: URL) => void): { readonly url: string } => {
    const there = new URL(url);
    change(there);
    return { url: there.href };
  };
  const away = { url: 'postgres://ann:hunter22@127.0.0.1:9/x' };

  it('finds none where all is well', async () => {
    expect(await faults({ database: { url }, redis: { url: redis.url } })).toEqual([]);
    expect(await faults({ backend: 'sqlite', sqlite: { file: join(folder, 'places.db') } })).toEqual([]);
    expect(await faults({})).toEqual([]);
  });

  it('finds all that are away, at once, and shows no password', async () => {
    expect(await faults({ database: away, redis: { url: 'redis://:hunter22@127.0.0.1:9' } })).toEqual([
      expect.stringMatching(/^DATABASE_URL: nothing listens at 127\.0\.0\.1:9\/x\. Start the server/),
      expect.stringMatching(/^REDIS_URL: nothing listens at 127\.0\.0\.1:9\. Start the server/),
    ]);
    const [fault] = await faults({ redis: { cluster: { nodes: [{ host: '127.0.0.1', port: 9 }] } } });
    expect(fault).toMatch(/^MOORING_REDIS_CLUSTER: 127\.0\.0\.1:9: /);
    expect(JSON.stringify(await storePlaceFaults({ database: away, namespace: 'x' }))).not.toContain('hunter22');
  });

  it('tells a user, a database and rights that are wrong apart', async () => {
    const nobody = changed((there) => (there.username = 'nobody_here'));
    expect(await faults({ database: nobody })).toEqual([expect.stringMatching(/refuses the user.*Let the user in/)]);
    const nowhere = changed((there) => (there.pathname = '/not_there'));
    expect(await faults({ database: nowhere })).toEqual([expect.stringMatching(/no such database.*Create it/)]);
  });

  it('finds an unmigrated schema whose user may not migrate it', async () => {
    const database = await postgres.createDatabase();
    const name = `guest_${randomBytes(4).toString('hex')}`;
    const admin = new Client({ connectionString: database });
    await admin.connect();
    await admin.query(`create role ${name} login`);
    const there = new URL(database);
    there.username = name;
    expect(await faults({ database: { url: there.href } })).toEqual([
      expect.stringMatching(/schema of sessions is at version 0, and version 9 is wanted\. Run npx mooring migrate/),
    ]);
    await admin.query(`drop role ${name}`);
    await admin.end();
  });

  it('finds a wrong password of Redis and a file that can not be', async () => {
    const locked = await startRedis({ password: 'right-one' });
    const wrong = new URL(locked.url);
    wrong.password = 'wrong-one';
    const [fault] = await faults({ redis: { url: wrong.href } });
    await locked.stop();
    expect(fault).toMatch(/^REDIS_URL: .*refuses the user or the password/);
    expect(fault).not.toContain('wrong-one');
    const sqlite = { file: '/dev/null/sessions.db' };
    expect(await faults({ backend: 'sqlite', sqlite })).toEqual([
      expect.stringMatching(/^MOORING_SQLITE_FILE: the file \/dev\/null\/sessions\.db: /),
    ]);
  });
});
