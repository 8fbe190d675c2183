import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PoolLease, PoolRequest, Result } from '@mooring/session-store';
import type { PostgresStore } from './index.ts';
import { Scratch, digest, newSession, times } from './postgres.fixture.ts';

let scratch: Scratch;
let stores: readonly [PostgresStore, PostgresStore];

beforeAll(async () => {
  scratch = await Scratch.start();
  stores = [await scratch.store(), await scratch.store({ applicationName: 'second' })];
});

afterAll(() => scratch?.stop());

/** Calls from two pools at once, as two processes would. */
const race = <T>(count: number, call: (store: PostgresStore, index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(times(count, (index) => call(stores[index % 2] as PostgresStore, index)));

const won = (results: readonly { readonly ok: boolean }[]): number => results.filter(({ ok }) => ok).length;

describe('races between processes', () => {
  it('let one of many creations of an id win', async () => {
    const session = newSession();
    expect(won(await race(40, (store) => store.sessions.create(session)))).toBe(1);
    const limited = newSession({ subjectId: 'twice' });
    expect(won(await race(40, (store) => store.sessions.create(limited, { maxPerSubject: 5 })))).toBe(1);
  });

  it('let one of many updates of a version win', async () => {
    const session = newSession();
    await stores[0].sessions.create(session);
    const results = await race(40, (store, index) => store.sessions.update(session, 1, { data: { index } }));
    expect(won(results)).toBe(1);
    expect(results.filter((result) => !result.ok && result.reason === 'conflict')).toHaveLength(39);
    expect(await stores[0].sessions.get(session)).toEqual(results.find(({ ok }) => ok));
  });

  it('let one of many rotations of a verifier win and tell the others', async () => {
    const session = newSession({ verifier: digest('0') });
    await stores[0].sessions.create(session);
    const results = await race(40, (store, index) =>
      store.sessions.rotate(session, {
        presented: digest('0'),
        next: digest(String.fromCodePoint(65 + (index % 26))),
        graceMs: 60_000,
      }),
    );
    const values = results.map((result) => {
      if (!result.ok) throw new Error(result.reason);
      return result.value;
    });
    const winner = values.filter(({ superseded }) => !superseded);
    expect(winner).toHaveLength(1);
    expect(new Set(values.map((value) => value.session.verifier))).toEqual(new Set([winner[0]?.session.verifier]));
    expect(new Set(values.map((value) => value.session.version))).toEqual(new Set([2]));
  });

  it('never bring a revoked session back', async () => {
    for (let round = 0; round < 20; round += 1) {
      const session = newSession({ verifier: digest('0') });
      await stores[0].sessions.create(session);
      const [revoked] = await Promise.all([
        stores[0].sessions.revoke(session, 'logout'),
        stores[1].sessions.touch(session),
        stores[1].sessions.update(session, 1, { idleTimeoutMs: 5000 }),
        stores[1].sessions.rotate(session, { presented: digest('0'), next: digest('1'), graceMs: 0 }),
      ]);
      expect(revoked.ok).toBe(true);
      expect(await stores[1].sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
      expect(await stores[1].sessions.revoke(session, 'again')).toEqual(revoked);
    }
  });

  it('keep a subject within its maximum under 50 parallel creations', async () => {
    const subjectId = 'crowd';
    const results = await race(50, (store) => store.sessions.create(newSession({ subjectId }), { maxPerSubject: 7 }));
    expect(won(results)).toBe(7);
    const evicting = await race(50, (store) =>
      store.sessions.create(newSession({ subjectId }), { maxPerSubject: 7, onLimit: 'evict-oldest' }),
    );
    expect(won(evicting)).toBe(50);
    expect((await stores[0].sessions.list({ tenantId: 'tenant', subjectId }, { limit: 100 })).items).toHaveLength(7);
  });

  it('end a login that was under way when all sessions were ended', async () => {
    const subjectId = 'late';
    const session = newSession({ subjectId });
    const login = await scratch.slowStore();
    const other = await scratch.store({ applicationName: 'ends-all' });
    const created = await login.store.sessions.create(session);
    expect(created.ok).toBe(true);
    const ending = other.sessions.revokeWhere({ tenantId: 'tenant', subjectId }, 'stolen');
    await scratch.untilWaiting('ends-all');
    await login.commit();
    const ended = await ending;
    expect(ended.revoked).toBe(1);
    const dead = { ok: false, reason: 'revoked' };
    expect(await stores[1].sessions.get(session)).toEqual(dead);
    expect(await stores[1].sessions.touch(session)).toEqual(dead);
    expect(await stores[1].sessions.update(session, 1, { data: {} })).toEqual(dead);
    expect((await stores[1].sessions.list({ tenantId: 'tenant', subjectId }, { limit: 10 })).items).toEqual([]);
    expect(await stores[1].sessions.revoke(session, 'x')).toEqual({ ok: true, value: { revokedAt: ended.notBefore } });
  });

  it('leave no session alive that was created before all were ended', async () => {
    const subjectId = 'busy';
    const created = times(40, () => newSession({ subjectId }));
    const [ended] = await Promise.all([
      stores[0].sessions.revokeWhere({ tenantId: 'tenant', subjectId }, 'stolen'),
      ...created.map((session, index) => (stores[index % 2] as PostgresStore).sessions.create(session)),
    ]);
    for (const session of created) {
      const found = await stores[1].sessions.get(session);
      expect(found.ok ? found.value.authenticatedAt > ended.notBefore : found.reason).toEqual(found.ok || 'revoked');
    }
  });

  it('keep the caps of the pool under 50 parallel takers', async () => {
    const request = (index: number): PoolRequest => ({
      key: { target: 'wh', tenantId: `t${index % 3}`, identity: 'i' },
      holder: `h${index % 2}`,
      leaseId: `lease-${index}`,
      leaseTtlMs: 60_000,
      maxPerKey: 4,
      maxPerTarget: 10,
      aliveForMs: 60_000,
    });
    const taken = await race(50, (store, index) => store.pool.acquire(request(index)));
    expect(won(taken)).toBe(10);
    const { items } = await stores[0].pool.list({ target: 'wh' }, { limit: 100 });
    expect(items).toHaveLength(10);
    for (const tenant of ['t0', 't1', 't2']) {
      expect(items.filter(({ key }) => key.tenantId === tenant).length).toBeLessThanOrEqual(4);
    }
    const again = await race(50, (store, index) => store.pool.acquire(request(index)));
    expect(again.filter(({ ok }) => ok)).toEqual(taken.filter(({ ok }) => ok));
    expect(await stores[0].pool.acquire({ ...request(0), leaseId: 'other', maxPerKey: 1000 })).toEqual({
      ok: false,
      reason: 'target_full',
    });
  });

  it('give one idle session to one taker', async () => {
    const key = { target: 'single', tenantId: 't', identity: 'i' };
    const request = { key, holder: 'h', leaseTtlMs: 60_000, maxPerKey: 1, maxPerTarget: 1, aliveForMs: 60_000 };
    const lifetime = { usableForMs: 60_000, aliveForMs: 60_000 };
    const opening = await stores[0].pool.acquire({ ...request, leaseId: 'opening' });
    if (!opening.ok) throw new Error(opening.reason);
    const opened = await stores[0].pool.register(opening.value, {
      ...lifetime,
      sessionId: 's',
      retireAfterMs: 600_000,
    });
    if (!opened.ok) throw new Error(opened.reason);
    let lease = opened.value;
    const tokens = [lease.fencingToken];
    for (let round = 0; round < 10; round += 1) {
      await stores[0].pool.release(lease, lifetime);
      const takers = await race<Result<PoolLease, string>>(20, (store, index) =>
        index % 4 === 0
          ? store.pool.reclaim({ target: 'single', holder: 'h', leaseId: `${round}-${index}`, leaseTtlMs: 60_000 })
          : store.pool.acquire({ ...request, leaseId: `${round}-${index}` }),
      );
      expect(won(takers)).toBe(1);
      lease = takers.flatMap((taker) => (taker.ok ? [taker.value] : []))[0] ?? lease;
      tokens.push(lease.fencingToken);
    }
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
  });

  it('give a lease to one holder, with tokens that grow', async () => {
    const tokens: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const takers = await race(20, (store, index) => store.leases.acquire('job', `h${index}`, 60_000));
      expect(won(takers)).toBe(1);
      const lease = takers.find(({ ok }) => ok);
      if (lease?.ok !== true) throw new Error('nobody won');
      tokens.push(lease.value.fencingToken);
      await stores[0].leases.release(lease.value);
    }
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
  });

  it('accept exactly the limit within a window, and a named request once', async () => {
    const key = { tenantId: 't', name: 'burst' };
    const rule = { limit: 25, windowMs: 600_000 };
    const decisions = await race(80, (store) => store.limits.consume(key, rule));
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(25);
    expect(
      decisions
        .map(({ remaining }) => remaining)
        .sort((a, b) => b - a)
        .slice(0, 3),
    ).toEqual([24, 23, 22]);
    const named = await race(20, (store) => store.limits.consume({ ...key, name: 'named' }, rule, { id: 'same' }));
    expect(new Set(named.map(({ remaining }) => remaining))).toEqual(new Set([24]));
  });

  it('never reserve more than a budget has', async () => {
    const scopes = ['session', 'tenant'].map((name, index) => ({
      name,
      limit: index === 0 ? 100 : 64,
      endsAt: Date.now() + 600_000,
    }));
    const results = await race(50, (store, index) =>
      store.budgets.reserve({
        tenantId: 't',
        scopes: index % 2 === 0 ? scopes : [...scopes].toReversed(),
        amount: 5,
        ttlMs: 60_000,
        reservationId: `r${index}`,
      }),
    );
    expect(won(results)).toBe(12);
    await race(50, (store, index) =>
      index % 3 === 0
        ? store.budgets.release({ tenantId: 't', reservationId: `r${index}` })
        : store.budgets.settle({ tenantId: 't', reservationId: `r${index}` }, 4),
    );
    const [session, tenant] = await stores[0].budgets.usage('t', ['session', 'tenant']);
    expect(session).toEqual({ ...tenant, name: 'session' });
    expect(tenant?.reserved).toBe(0);
    expect((tenant?.settled ?? 0) % 4).toBe(0);
  });

  it('count the failures of one login over several keys without deadlocks', async () => {
    const policy = { limit: 1000, windowMs: 600_000, lockStepsMs: [1000], resetAfterMs: 600_000 };
    const keys = [
      { scope: 'ip' as const, value: '192.0.2.1', policy },
      { scope: 'account' as const, value: 'u', policy },
    ];
    await race(60, (store, index) =>
      store.attempts.recordFailure('t', index % 2 === 0 ? keys : [...keys].toReversed(), {
        id: `attempt-${index % 30}`,
      }),
    );
    expect(await stores[0].attempts.check('t', keys)).toMatchObject({ states: [{ failures: 30 }, { failures: 30 }] });
  });

  it('wait for what another has not committed yet', async () => {
    const subjectId = 'patient';
    const session = newSession({ verifier: digest('0') });
    await stores[0].sessions.create(session);
    const request: PoolRequest = {
      key: { target: 'patient', tenantId: 't', identity: 'i' },
      holder: 'h',
      leaseId: 'one',
      leaseTtlMs: 60_000,
      maxPerKey: 1,
      maxPerTarget: 1,
      aliveForMs: 60_000,
    };
    const rotation = { presented: digest('0'), next: digest('1'), graceMs: 60_000 };
    type Call = (store: PostgresStore, turn: number) => Promise<unknown>;
    const calls: readonly (readonly [Call, unknown])[] = [
      [(store) => store.sessions.create(newSession({ subjectId }), { maxPerSubject: 1 }), { reason: 'limit' }],
      [(store, turn) => store.pool.acquire({ ...request, leaseId: `${turn}` }), { reason: 'key_full' }],
      [(store) => store.sessions.rotate(session, rotation), { value: { superseded: true } }],
      [(store) => store.sessions.update(session, 2, { data: {} }), { reason: 'conflict' }],
      [(store) => store.leases.acquire('patient', `${Math.random()}`, 60_000), { reason: 'held' }],
    ];
    for (const [call, expected] of calls) {
      const slow = await scratch.slowStore();
      expect(await call(slow.store, 1)).toMatchObject({ ok: true });
      const waiting = call(stores[1], 2);
      await scratch.untilWaiting('second');
      await slow.commit();
      expect(await waiting).toMatchObject(expected as object);
    }
  });
});
