import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import { startPostgres } from '@mooring/services';
import { Client } from 'pg';
import { createPostgresStore, inspectPostgres } from './index.ts';
import type { PostgresStore } from './index.ts';
import { PATIENT, Scratch, eventually, newSession, times } from './postgres.fixture.ts';

let scratch: Scratch;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  scratch = await Scratch.start();
});

afterAll(async () => {
  await scratch?.stop();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

const failure = async (call: Promise<unknown>): Promise<StoreError> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('it succeeded');
};

const backends = (applicationName: string, waiting: boolean) => () =>
  scratch.sql<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = $1 and datname = current_database()
       ${waiting ? `and wait_event_type = 'Lock'` : ''}`,
    [applicationName],
  );

/** Holds the row of a session, so that an operation on it waits. */
async function holding(id: string): Promise<() => Promise<unknown>> {
  const holder = await scratch.connection();
  await holder.query('begin');
  await holder.query('select from mooring_sessions where id = $1 for update', [id]);
  return () => holder.query('rollback');
}

async function sessionOf(store: PostgresStore): Promise<ReturnType<typeof newSession>> {
  const session = newSession({ subjectId: null });
  await store.sessions.create(session);
  return session;
}

/** The server ends what waits, as it does when the time of a statement is over. */
async function overdue(applicationName: string): Promise<void> {
  for (const { pid } of await backends(applicationName, true)())
    await scratch.sql('select pg_cancel_backend($1)', [pid]);
}

/** Its limits are so short that a busy machine runs into them. */
async function eventuallyUp(store: PostgresStore): Promise<void> {
  await eventually(
    () => store.ping().catch(() => null),
    (ping) => ping !== null,
  );
}

describe('faults', () => {
  it('a backend that is ended in the middle of an operation: unknown, then business as usual', async () => {
    const store = await scratch.store({ applicationName: 'ended' });
    const session = await sessionOf(store);
    const letGo = await holding(session.id);
    const failing = failure(store.sessions.update(session, 1, { data: {} }));
    const [waiting] = await eventually(backends('ended', true), (rows) => rows.length > 0);
    await scratch.sql('select pg_terminate_backend($1)', [waiting?.pid]);
    const error = await failing;
    expect(error).toMatchObject({
      code: 'unavailable',
      outcome: 'unknown',
      retryable: true,
      operation: 'sessions.update',
    });
    await letGo();
    expect(await store.sessions.update(session, 1, { data: {} })).toMatchObject({ ok: true });
  });

  it('idle backends that are ended: at most an error on each dead connection, then business as usual', async () => {
    const store = await scratch.store({ applicationName: 'idle', poolSize: 5 });
    await Promise.all(times(5, () => store.ping()));
    for (const { pid } of await backends('idle', false)()) await scratch.sql('select pg_terminate_backend($1)', [pid]);
    await eventually(backends('idle', false), (rows) => rows.length === 0);
    const pings = await Promise.allSettled(times(5, () => store.ping()));
    for (const ping of pings) {
      if (ping.status === 'rejected') expect(ping.reason).toMatchObject({ code: 'unavailable', retryable: true });
    }
    expect((await store.ping()).serverTime).toBeGreaterThan(0);
  });

  it('a statement over its time limit: timeout, not applied', async () => {
    const store = await scratch.store();
    const hasty = await scratch.store({ applicationName: 'slow', statementTimeoutMs: 200, migrate: false });
    const session = await sessionOf(store);
    const letGo = await holding(session.id);
    // A server that is slow to say so is not waited for: then the outcome is unknown.
    const error = await eventually(
      () => failure(hasty.sessions.update(session, 1, { data: {} })),
      ({ outcome }) => outcome !== 'unknown',
    );
    expect(error).toMatchObject({ code: 'timeout', outcome: 'not_applied', retryable: true });
    await letGo();
    expect(await store.sessions.update(session, 1, { data: {} })).toMatchObject({ ok: true });
  });

  it('a pool of 2, 200 calls, all connections hung: bounded typed errors, no client lost', async () => {
    const pool = scratch.pool(2, `${scratch.url}?application_name=hung`);
    for (const client of await Promise.all(times(2, () => pool.connect()))) client.release();
    const store = await scratch.store({ pool, connectionTimeoutMs: 1000, migrate: false });
    const session = await sessionOf(await scratch.store());
    const letGo = await holding(session.id);
    let hangs = true;
    const hung = times(2, () => failure(store.sessions.update(session, 1, { data: {} })));
    void Promise.race(hung).then(() => (hangs = false));
    await eventually(backends('hung', true), (rows) => rows.length === 2);
    const waiting = await Promise.all(times(200, () => failure(store.sessions.get(session))));
    expect(hangs).toBe(true);
    expect(new Set(waiting.map(({ code, outcome, retryable }) => `${code} ${outcome} ${retryable}`))).toEqual(
      new Set(['throttled not_applied true']),
    );
    await overdue('hung');
    expect((await Promise.all(hung)).map(({ code }) => code)).toEqual(['timeout', 'timeout']);
    await letGo();
    await Promise.all(times(20, () => eventuallyUp(store)));
    expect(pool.totalCount).toBeLessThanOrEqual(2);
    expect((await backends('hung', false)()).length).toBeLessThanOrEqual(2);
  });

  it('a pool of 2, 200 calls, one connection hung: the other serves them all', async () => {
    const store = await scratch.store({ applicationName: 'half', poolSize: 2 });
    const session = await sessionOf(store);
    const letGo = await holding(session.id);
    let hangs = true;
    const hung = failure(store.sessions.update(session, 1, { data: {} })).finally(() => (hangs = false));
    await eventually(backends('half', true), (rows) => rows.length === 1);
    const served = await Promise.all(times(200, () => store.sessions.get(session)));
    expect([hangs, served.every(({ ok }) => ok)]).toEqual([true, true]);
    await overdue('half');
    expect(await hung).toMatchObject({ code: 'timeout' });
    await letGo();
  });

  it('a line that hangs, then breaks, then heals', async () => {
    const proxy = await scratch.proxy();
    const pool = scratch.pool(2, proxy.url(scratch.url));
    const store = await scratch.store({ pool, statementTimeoutMs: 100, connectionTimeoutMs: 1000, migrate: false });
    await eventuallyUp(store);
    proxy.hang();
    expect(await failure(store.ping())).toMatchObject({ code: 'timeout', outcome: 'unknown' });
    expect(pool.totalCount).toBe(0);
    proxy.cut();
    expect(await failure(store.ping())).toMatchObject({ code: 'unavailable', retryable: true });
    proxy.heal();
    await eventuallyUp(store);
  });

  it('a line that hangs in the middle of an inspection: timeout', async () => {
    const proxy = await scratch.proxy();
    const now = (): number => {
      proxy.hang();
      return Date.now();
    };
    const inspected = inspectPostgres({ url: proxy.url(scratch.url), clock: { now } });
    expect(await failure(inspected)).toMatchObject({ code: 'timeout', operation: 'inspect' });
  });

  it('a line that breaks in the middle of an operation: unknown', async () => {
    const proxy = await scratch.proxy();
    const store = await scratch.store({ url: proxy.url(scratch.url), applicationName: 'broken' });
    const session = await sessionOf(store);
    const letGo = await holding(session.id);
    const failing = failure(store.sessions.update(session, 1, { data: {} }));
    await scratch.untilWaiting('broken');
    proxy.cut();
    expect(await failing).toMatchObject({ code: 'unavailable', outcome: 'unknown', retryable: true });
    await letGo();
    proxy.heal();
    expect((await store.ping()).serverTime).toBeGreaterThan(0);
  });

  it('too many connections of the role: throttled', async () => {
    const role = `crowded_${randomUUID().slice(0, 8)}`;
    await scratch.sql(`create role ${role} login connection limit 1`);
    const url = new URL(scratch.url);
    url.username = role;
    const store = await scratch.store({ url: url.href, migrate: false, poolSize: 3 });
    const results = await Promise.allSettled(times(3, () => store.ping()));
    const codes = results.map((result) => (result.status === 'rejected' ? (result.reason as StoreError).code : 'ok'));
    expect(new Set(codes)).toEqual(new Set(['ok', 'throttled']));
    await store.close();
    await scratch.sql(`drop role ${role}`);
  });

  it('no server, no database, a wrong password, no schema: typed, without the password', async () => {
    const at = (change: (url: URL) => void, migrate = true): Promise<StoreError> => {
      const url = new URL(scratch.url);
      url.password = 'canary';
      change(url);
      return failure(
        createPostgresStore({ ...PATIENT, url: url.href, namespace: 'spec', migrate }).then((store) => store.close()),
      );
    };
    expect(await at((url) => (url.port = '1'))).toMatchObject({ code: 'unavailable', outcome: 'not_applied' });
    expect(await at((url) => (url.pathname = '/nowhere'))).toMatchObject({ code: 'misconfigured', retryable: false });
    expect(await at((url) => (url.username = 'nobody'))).toMatchObject({ code: 'misconfigured' });
    const unreadable = await failure(createPostgresStore({ url: 'postgres://ann:hunter2@[h/x', namespace: 'x' }));
    expect(unreadable).toMatchObject({ code: 'misconfigured', retryable: false });
    expect(JSON.stringify(unreadable) + String(unreadable.stack)).not.toContain('hunter2');
    const empty = await startPostgres();
    try {
      const store = await createPostgresStore({ ...PATIENT, url: empty.url, namespace: 'spec', migrate: false });
      const error = await failure(store.sessions.get(newSession()));
      expect(error).toMatchObject({ code: 'misconfigured', outcome: 'not_applied' });
      expect(error.message).toContain('run the migrations');
      await store.close();
    } finally {
      await empty.stop();
    }
  });

  it('a server that is killed and comes back: typed errors meanwhile, then business as usual', async () => {
    const server = await startPostgres({ durable: true });
    const store = await createPostgresStore({ ...PATIENT, url: server.url, namespace: 'spec' });
    try {
      const session = await sessionOf(store);
      await server.kill();
      const errors = await Promise.all(times(5, () => failure(store.sessions.get(session))));
      expect(errors.every(({ retryable }) => retryable)).toBe(true);
      await server.restart();
      const back = await eventually(
        () => store.sessions.get(session).catch(() => null),
        (result) => result !== null,
      );
      expect(back).not.toBeNull();
    } finally {
      await store.close();
      await server.stop();
    }
  });

  it('keeps statements, keys and data out of errors', async () => {
    const store = await scratch.store({ namespace: 'canary-ns' });
    const session = newSession({ tenantId: 'canary-tenant', subjectId: null, data: { secret: 'canary-data' } });
    await store.sessions.create(session);
    await scratch.sql(
      `alter table mooring_sessions add constraint spec_trap check (not (data::text like '%canary-trap%'))`,
    );
    const error = await failure(store.sessions.update(session, 1, { data: { secret: 'canary-trap' } }));
    await scratch.sql('alter table mooring_sessions drop constraint spec_trap');
    expect(error).toMatchObject({ code: 'conflict', retryable: false, outcome: 'not_applied' });
    const all: string[] = [];
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      all.push(cause.message, cause.stack ?? '', JSON.stringify(cause, Object.getOwnPropertyNames(cause)));
    }
    expect(all.join('\n')).not.toMatch(/canary|mooring_|select|update \w+ set/);
  });

  it('a record that cannot be read: corrupt', async () => {
    const store = await scratch.store();
    const session = await sessionOf(store);
    await scratch.sql(`update mooring_sessions set data = '[1]' where id = $1`, [session.id]);
    expect(await failure(store.sessions.get(session))).toMatchObject({ code: 'corrupt', retryable: false });
    await scratch.sql(`update mooring_sessions set data = '{}', version = 9223372036854775807 where id = $1`, [
      session.id,
    ]);
    expect(await failure(store.sessions.get(session))).toMatchObject({ code: 'corrupt' });
  });

  it('a prepared statement that is gone, as behind some poolers: prepared anew', async () => {
    const pool = scratch.pool(1);
    const store = await scratch.store({ pool });
    await store.ping();
    await pool.query('deallocate all');
    expect((await store.ping()).serverTime).toBeGreaterThan(0);
  });

  it('a database that has a session_tokens of its own: misconfigured, and nothing is changed', async () => {
    const server = await startPostgres();
    const client = new Client({ connectionString: server.url });
    try {
      await client.connect();
      await client.query('create table session_tokens ()');
      const error = await failure(createPostgresStore({ ...PATIENT, url: server.url, namespace: 'spec' }));
      expect(error).toMatchObject({ code: 'misconfigured', operation: 'migrate' });
      expect(error.message).toContain('search_path');
      expect((await client.query(`select from pg_tables where tablename = 'mooring_sessions'`)).rowCount).toBe(0);
    } finally {
      await client.end();
      await server.stop();
    }
  });

  it('after close: closed, however often it is closed', async () => {
    const store = await scratch.store();
    await Promise.all([store.close(), store.close()]);
    await store.close();
    expect(await failure(store.ping())).toMatchObject({ code: 'closed', retryable: false });
    expect(await failure(store.sweep({ target: 'pool', limit: 1 }))).toMatchObject({ code: 'closed' });
  });

  it('a pool that was passed in stays open', async () => {
    const pool = scratch.pool(1);
    const store = await scratch.store({ pool });
    await store.close();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});
