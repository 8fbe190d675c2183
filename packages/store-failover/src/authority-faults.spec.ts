import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, startRedis } from '@mooring/services';
import type { PostgresServer, RedisServer } from '@mooring/services';
import { StoreError } from '@mooring/session-store';
import type { SessionRecord } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';
import { createRedisCopies } from '@mooring/store-redis';
import { createFailoverStore } from './index.ts';
import type { FailoverStore } from './index.ts';
import { digest, failureOf, newSession } from './processes.fixture.ts';
import { PATIENT, eventually } from './servers.fixture.ts';

const MAX_STALENESS_MS = 300;
const verified = { presented: digest('v1'), minIntervalMs: 60_000 };
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};
let postgres: PostgresServer;
let redis: RedisServer;
let store: FailoverStore;

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  postgres = await startPostgres({ durable: true });
  redis = await startRedis();
  const namespace = 'authority';
  store = await createFailoverStore({
    authority: await createPostgresStore({ ...PATIENT.postgres, url: postgres.url, namespace }),
    copies: await createRedisCopies({ ...PATIENT.redis, url: redis.url, namespace }),
    maxStalenessMs: MAX_STALENESS_MS,
  });
});

afterAll(async () => {
  await store?.close();
  await redis?.stop();
  await postgres?.stop();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

async function create(): Promise<SessionRecord> {
  const created = await store.sessions.create(newSession());
  if (!created.ok) throw new Error(created.reason);
  return created.value;
}

describe('PostgreSQL that is killed under load', () => {
  it('is not guessed for: typed errors, no copy answers past the bound, and all goes on when it is back', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, create));
    const revoked: SessionRecord[] = [];
    const errors: unknown[] = [];
    const answeredLate: unknown[] = [];
    let bound = Infinity;
    let isOver = false;
    const reader = async (session: SessionRecord): Promise<void> => {
      while (!isOver) {
        const startedAt = performance.now();
        const result = await store.sessions.touch(session, verified).catch((error: unknown) => errors.push(error));
        if (typeof result === 'object' && startedAt > bound) answeredLate.push(result);
        await new Promise((resolve) => void setImmediate(resolve));
      }
    };
    const readers = Promise.all(sessions.map(reader));
    const spare = await Promise.all(Array.from({ length: 10 }, create));
    for (const session of spare.slice(0, 5)) {
      await store.sessions.revoke(session, 'logout');
      revoked.push(session);
    }
    const underWay = spare.slice(5).map((session) =>
      store.sessions.revoke(session, 'logout').then(
        () => revoked.push(session),
        (error: unknown) => errors.push(error),
      ),
    );
    await postgres.kill();
    bound = performance.now() + MAX_STALENESS_MS;
    await eventually(
      () => failureOf(store.sessions.get(sessions[0] as SessionRecord)),
      () => performance.now() > bound + 500,
    );
    await Promise.all(underWay);
    isOver = true;
    await readers;
    expect(answeredLate).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error).toBeInstanceOf(StoreError);
      expect(['unavailable', 'timeout', 'throttled']).toContain((error as StoreError).code);
      expect((error as StoreError).retryable).toBe(true);
    }
    expect(store.state.mode).toBe('accelerated');

    await postgres.restart();
    await eventually(
      () => store.sessions.touch(sessions[0] as SessionRecord, verified),
      ({ ok }) => ok,
    );
    for (const session of revoked) {
      expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
    }
    await eventually(
      () => store.usesCopies,
      (uses) => uses,
    );
    for (const session of revoked) expect((await store.sessions.get(session)).ok).toBe(false);
    for (const session of sessions) expect((await store.sessions.get(session)).ok).toBe(true);
  });

  it('with Redis gone too, errors are typed, and both are found again', async () => {
    const session = await create();
    await Promise.all([postgres.kill(), redis.kill()]);
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0 ? store.sessions.get(session) : store.sessions.revoke(session, 'logout'),
      ),
    );
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', retryable: true } });
    }
    await Promise.all([postgres.restart(), redis.restart()]);
    await eventually(
      () => store.sessions.revoke(session, 'logout'),
      ({ ok }) => ok,
    );
    expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
    await eventually(
      () => store.usesCopies,
      (uses) => uses,
      120_000,
    );
    expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  });
});
