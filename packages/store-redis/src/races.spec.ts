import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testRedis } from '@mooring/services';
import type { TestRedis } from '@mooring/services';
import { Command, Redis } from 'ioredis';
import { createRedisStore } from './index.ts';
import type { RedisStore } from './index.ts';
import { direct, eventually, newSession, times } from './redis.fixture.ts';

let redis: TestRedis;
let one: RedisStore;
let other: RedisStore;

beforeAll(async () => {
  redis = await testRedis();
  const namespace = redis.createPrefix();
  one = await createRedisStore({ url: redis.url, namespace });
  other = await createRedisStore({ url: redis.url, namespace });
});

afterAll(async () => {
  await one?.close();
  await other?.close();
  await redis?.stop();
});

const either = (index: number): RedisStore => (index % 2 === 0 ? one : other);

describe('two clients by the clock of the server', () => {
  it('200 calls at once on a limit of 30 admit exactly 30', async () => {
    const rule = { limit: 30, windowMs: 60_000 };
    const decisions = await Promise.all(
      times(200, (index) => either(index).limits.consume({ tenantId: 't', name: 'burst' }, rule)),
    );
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(30);
  });

  it('L-01: no window of 50 ms holds more than its 5 units, and none is wasted', async () => {
    const rule = { limit: 5, windowMs: 50 };
    const accepted: number[] = [];
    const until = performance.now() + 600;
    await Promise.all(
      times(8, async (index) => {
        while (performance.now() < until) {
          const decision = await either(index).limits.consume({ tenantId: 't', name: 'steady' }, rule);
          if (decision.allowed) accepted.push(decision.resetAt - rule.windowMs);
        }
      }),
    );
    accepted.sort((first, second) => first - second);
    for (const [index, time] of accepted.entries()) {
      const later = accepted[index + rule.limit];
      if (later !== undefined) expect(later - time).toBeGreaterThanOrEqual(rule.windowMs);
    }
    expect(accepted.length).toBeGreaterThan(20);
  });

  it('50 holders at once: one lease', async () => {
    const results = await Promise.all(times(50, (index) => either(index).leases.acquire('l', `h-${index}`, 60_000)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('50 takers at once share 4 slots', async () => {
    const key = { target: 'w', tenantId: 't', identity: 'i' };
    const caps = { maxPerKey: 4, maxPerTarget: 10, leaseTtlMs: 60_000, aliveForMs: 60_000 };
    const results = await Promise.all(
      times(50, (index) => either(index).pool.acquire({ key, holder: `h-${index}`, leaseId: `l-${index}`, ...caps })),
    );
    const slots = results.flatMap((result) => (result.ok ? [result.value.slotId] : []));
    expect([slots.length, new Set(slots).size]).toEqual([4, 4]);
  });

  it('fencing tokens grow also when the server forgot the lease', async () => {
    const first = await one.leases.acquire('forgotten', 'a', 60_000);
    await direct(redis.url, async (raw) => {
      for (const key of await raw.keys('*{forgotten}:lease*')) await raw.del(key);
    });
    const next = await other.leases.acquire('forgotten', 'b', 60_000);
    if (!first.ok || !next.ok) throw new Error('was refused');
    expect(next.value.fencingToken).toBeGreaterThan(first.value.fencingToken);
  });

  it('S-13: a session that the index lost ends with its subject', async () => {
    const session = newSession({ tenantId: 'lost' });
    await one.sessions.create(session);
    await direct(redis.url, async (raw) => {
      for (const key of await raw.keys('*:lost:*:index')) await raw.del(key);
    });
    await other.sessions.revokeWhere({ tenantId: 'lost', subjectId: 'ann' }, 'everywhere');
    expect(await one.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  });
});

describe('what is left', () => {
  it('every key has an end', async () => {
    await one.budgets.reserve({
      tenantId: 't',
      scopes: [{ name: 'm', limit: 10, endsAt: Date.now() + 1000 }],
      amount: 1,
      ttlMs: 1000,
      reservationId: 'r',
    });
    await one.sessions.create(newSession());
    await one.sessions.revokeWhere({ tenantId: 'acme', subjectId: 'ann' }, 'everywhere');
    await one.sessions.create(newSession());
    await direct(redis.url, async (raw) => {
      const keys = await raw.keys('mooring-test-*');
      expect(keys.length).toBeGreaterThan(8);
      // -1 has no end; -2 ended since.
      for (const key of keys) expect([key, await raw.pttl(key)]).not.toEqual([key, -1]);
    });
  });

  it('an index has an end also when the session before was cut off as it was created', async () => {
    let now = 1_800_000_000_000;
    const namespace = redis.createPrefix();
    const store = await createRedisStore({ url: redis.url, namespace, clock: { now: () => now } });
    await store.sessions.revokeWhere({ tenantId: 'acme', subjectId: 'ann' }, 'everywhere');
    const cutOff = newSession();
    await store.sessions.create(cutOff);
    expect(await store.sessions.get(cutOff)).toEqual({ ok: false, reason: 'revoked' });
    now += 1;
    const session = newSession();
    await store.sessions.create(session);
    expect(await store.sessions.get(session)).toMatchObject({ ok: true });
    await direct(redis.url, async (raw) => {
      for (const key of await raw.keys(`${namespace.replace(':', '%3A')}*`)) {
        expect([key, (await raw.pttl(key)) > 0]).toEqual([key, true]);
      }
    });
    await store.close();
  });

  it('1000 sessions that expired are swept to nothing', async () => {
    let now = 1_800_000_000_000;
    const namespace = redis.createPrefix();
    const store = await createRedisStore({ url: redis.url, namespace, clock: { now: () => now } });
    await Promise.all(
      times(1000, (index) =>
        store.sessions.create(newSession({ tenantId: `t-${index % 3}`, subjectId: `s-${index}` })),
      ),
    );
    await store.sessions.revokeWhere({ tenantId: 't-0', subjectId: 's-0' }, 'everywhere');
    now += 3_600_000 * 3;
    let swept = 0;
    for (;;) {
      const batch = await store.sweep({ target: 'sessions', limit: 300 });
      if (!batch.ok) throw new Error(batch.reason);
      swept += batch.value.deleted;
      if (!batch.value.more) break;
    }
    expect(swept).toBe(1000);
    const left = await direct(redis.url, (raw) => raw.keys(`${namespace.replace(':', '%3A')}*`));
    expect(left).toEqual([]);
    await store.close();
  });
});

describe('E-01: a sweep that is held up after it showed its token', () => {
  it.each([
    ['deletes nothing when another came meanwhile', true],
    ['goes on when nobody came', false],
  ])('%s', async (_, anotherCame) => {
    const namespace = redis.createPrefix();
    const client = new Redis(redis.url);
    const [slow, next] = [
      await createRedisStore({ client, namespace }),
      await createRedisStore({ url: redis.url, namespace }),
    ];
    try {
      const fenceOf = async (store: RedisStore, holder: string, ttlMs: number) => {
        const lease = await eventually(
          () => store.leases.acquire('sweeper', holder, ttlMs),
          ({ ok }) => ok,
        );
        return { lease: 'sweeper', fencingToken: lease.ok ? lease.value.fencingToken : 0 };
      };
      await slow.sessions.create(newSession({ idleTimeoutMs: 1 }));
      const request = { target: 'sessions', limit: 10 } as const;
      const fence = await fenceOf(slow, 'slow', 300);
      const send = client.sendCommand.bind(client);
      let commands = 0;
      const sendLater = async (command: Command): Promise<unknown> => {
        commands += 1;
        if (commands === 2 && anotherCame) {
          const ofNext = await fenceOf(next, 'next', 60_000);
          await next.sweep({ ...request, dryRun: true, fence: ofNext });
        } else if (commands === 2) {
          await setTimeout(400);
        }
        return send(command);
      };
      client.sendCommand = (command: Command) => sendLater(command);
      const swept = await slow.sweep({ ...request, fence });
      expect(swept).toMatchObject(anotherCame ? { ok: false, reason: 'stale' } : { ok: true, value: { deleted: 1 } });
      const left = await next.sweep({ ...request, dryRun: true });
      expect(left).toMatchObject({ ok: true, value: { deleted: anotherCame ? 1 : 0 } });
    } finally {
      await slow.close();
      await next.close();
      client.disconnect();
    }
  });
});
