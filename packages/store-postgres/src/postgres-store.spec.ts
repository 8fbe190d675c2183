import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { createPostgresStore } from './index.ts';
import type { PostgresStore } from './index.ts';

let server: TestPostgres;
let store: PostgresStore;
let now = 1_000_000_000_000;
beforeAll(async () => {
  server = await testPostgres();
  store = await createPostgresStore({ url: await server.createDatabase(), namespace: 'n', clock: { now: () => now } });
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});
const A = 'a'.repeat(43),
  B = 'b'.repeat(43),
  C = 'c'.repeat(43);
it('sessions', async () => {
  const owner = { tenantId: 't', subjectId: 's' };
  const ref = { tenantId: 't', id: newSessionId(owner) };
  const create = { ...ref, subjectId: 's', data: { a: 1 }, idleTimeoutMs: 1000, lifetimeMs: 5000, verifier: A };
  const made = await store.sessions.create(create);
  expect(made).toMatchObject({ ok: true });
  expect(await store.sessions.create(create)).toEqual({ ok: false, reason: 'exists' });
  expect(await store.sessions.get(ref)).toEqual(made);
  now += 500;
  expect(await store.sessions.touch(ref, { presented: B })).toEqual({ ok: false, reason: 'mismatch' });
  expect(await store.sessions.touch(ref, { presented: A })).toMatchObject({
    value: { superseded: false, session: { idleExpiresAt: now + 1000 } },
  });
  expect(await store.sessions.update(ref, 1, { data: { b: 2 } })).toMatchObject({
    value: { version: 2, data: { b: 2 } },
  });
  expect(await store.sessions.update(ref, 1, { data: { b: 2 } })).toEqual({ ok: false, reason: 'conflict' });
  expect(await store.sessions.rotate(ref, { presented: A, next: B, graceMs: 100 })).toMatchObject({
    value: { superseded: false, session: { version: 3, verifier: B } },
  });
  expect(await store.sessions.rotate(ref, { presented: A, next: C, graceMs: 100 })).toMatchObject({
    value: { superseded: true, session: { version: 3, verifier: B } },
  });
  expect(await store.sessions.touch(ref, { presented: A, graceMs: 100 })).toMatchObject({
    value: { superseded: true },
  });
  expect(await store.sessions.list(owner, { limit: 10 })).toMatchObject({ items: [{ id: ref.id }] });
  expect(await store.sessions.list({ tenantId: 't' }, { limit: 10 })).toMatchObject({ items: [{ id: ref.id }] });
  now += 100;
  expect(await store.sessions.touch(ref, { presented: A, graceMs: 100 })).toEqual({ ok: false, reason: 'reused' });
  expect(await store.sessions.get(ref)).toEqual({ ok: false, reason: 'revoked' });
  const at = now;
  now += 10;
  expect(await store.sessions.revoke(ref, 'x')).toEqual({ ok: true, value: { revokedAt: at } });
  const two = { ...create, id: newSessionId(owner) };
  const three = { ...create, id: newSessionId(owner) };
  expect(await store.sessions.create(two)).toMatchObject({ ok: true });
  expect(await store.sessions.create(three, { maxPerSubject: 1 })).toEqual({ ok: false, reason: 'limit' });
  now += 1;
  expect(await store.sessions.create(three, { maxPerSubject: 2 })).toMatchObject({ ok: true });
  expect(await store.sessions.revokeWhere({ ...owner, exceptId: three.id }, 'x')).toEqual({
    notBefore: now,
    revoked: 1,
  });
  expect(await store.sessions.get(three)).toMatchObject({ ok: true });
  expect(await store.sessions.get(two)).toMatchObject({ ok: false, reason: 'revoked' });
  now += 1;
  const four = { ...create, id: newSessionId(owner) };
  expect(await store.sessions.create(four, { maxPerSubject: 1, onLimit: 'evict-oldest' })).toMatchObject({ ok: true });
  expect(await store.sessions.get(three)).toMatchObject({ ok: false, reason: 'revoked' });
  expect(await store.sweep({ target: 'sessions', limit: 10 })).toEqual({
    ok: true,
    value: { deleted: 0, more: false, oldestExpiredAgeMs: null },
  });
  now += 6000;
  expect(await store.sweep({ target: 'sessions', limit: 2, dryRun: true })).toMatchObject({
    ok: true,
    value: { deleted: 2, more: true },
  });
  expect(await store.sweep({ target: 'sessions', limit: 3 })).toMatchObject({
    ok: true,
    value: { deleted: 3, more: true },
  });
  expect(await store.sweep({ target: 'sessions', limit: 3 })).toMatchObject({
    ok: true,
    value: { deleted: 1, more: false },
  });
  expect(await store.ping()).toMatchObject({ serverTime: now });
});
it('leases', async () => {
  const a = await store.leases.acquire('l', 'a', 100);
  if (!a.ok) throw new Error();
  expect(await store.leases.acquire('l', 'b', 100)).toEqual({ ok: false, reason: 'held' });
  expect(await store.leases.acquire('l', 'a', 200)).toMatchObject({
    value: { fencingToken: a.value.fencingToken, expiresAt: now + 200 },
  });
  expect(await store.leases.renew(a.value, 300)).toMatchObject({ value: { expiresAt: now + 300 } });
  now += 300;
  expect(await store.leases.renew(a.value, 300)).toEqual({ ok: false, reason: 'lost' });
  const b = await store.leases.acquire('l', 'b', 100);
  if (!b.ok) throw new Error();
  expect(b.value.fencingToken).toBeGreaterThan(a.value.fencingToken);
  expect(
    await store.sweep({ target: 'sessions', limit: 1, fence: { lease: 'l', fencingToken: a.value.fencingToken } }),
  ).toEqual({ ok: false, reason: 'stale' });
  expect(
    await store.sweep({ target: 'sessions', limit: 1, fence: { lease: 'l', fencingToken: b.value.fencingToken } }),
  ).toMatchObject({ ok: true });
  expect(await store.leases.release(b.value)).toEqual({ ok: true, value: null });
  expect(await store.sweep({ target: 'leases', limit: 1 })).toMatchObject({ ok: true, value: { deleted: 1 } });
});
it('pool', async () => {
  const key = { target: 'w', tenantId: 't', identity: 'i' };
  const ask = { key, holder: 'h1', leaseId: 'L1', leaseTtlMs: 1000, maxPerKey: 1, maxPerTarget: 2, aliveForMs: 5000 };
  const life = { usableForMs: 4000, aliveForMs: 6000 };
  const a = await store.pool.acquire(ask);
  if (!a.ok) throw new Error();
  expect(a.value).toMatchObject({ sessionId: null, recovered: false, leaseExpiresAt: now + 1000 });
  expect(await store.pool.acquire(ask)).toEqual(a);
  expect(await store.pool.acquire({ ...ask, holder: 'h2', leaseId: 'L2' })).toEqual({ ok: false, reason: 'key_full' });
  const reg = await store.pool.register(a.value, { ...life, sessionId: 'S', retireAfterMs: 100_000 });
  if (!reg.ok) throw new Error();
  expect(await store.pool.renew([{ lease: reg.value, lifetime: life }], 1000)).toMatchObject([
    { ok: true, value: { wanted: true } },
  ]);
  expect(await store.pool.list({ target: 'w' }, { limit: 5 })).toMatchObject({ items: [{ state: 'leased' }] });
  expect(await store.pool.release(reg.value, life)).toEqual({ ok: true, value: null });
  expect(await store.pool.release(reg.value, life)).toEqual({ ok: false, reason: 'lost' });
  const b = await store.pool.acquire({ ...ask, holder: 'h2', leaseId: 'L2' });
  expect(b).toMatchObject({ ok: true, value: { sessionId: 'S', recovered: false } });
  now += 1001;
  const c = await store.pool.acquire({ ...ask, holder: 'h3', leaseId: 'L3' });
  if (!c.ok) throw new Error();
  expect(c).toMatchObject({ ok: true, value: { sessionId: 'S', recovered: true } });
  expect(await store.pool.release(c.value, life)).toEqual({ ok: true, value: null });
  const d = await store.pool.reclaim({ target: 'w', holder: 'h4', leaseId: 'L4', leaseTtlMs: 100 });
  if (!d.ok) throw new Error();
  expect(await store.pool.discard(d.value, 50)).toEqual({ ok: true, value: null });
  expect(await store.pool.list({ target: 'w', tenantId: 't' }, { limit: 5 })).toMatchObject({
    items: [{ state: 'draining' }],
  });
  now += 51;
  expect(await store.pool.list({ target: 'w' }, { limit: 5 })).toEqual({ items: [] });
  expect(await store.sweep({ target: 'pool', limit: 5 })).toMatchObject({ ok: true, value: { deleted: 1 } });
});
it('limits', async () => {
  const key = { tenantId: 't', name: 'x' };
  const rule = { limit: 3, windowMs: 1000 };
  const start = now;
  expect(await store.limits.peek(key, rule)).toEqual({
    allowed: true,
    limit: 3,
    remaining: 3,
    retryAfterMs: 0,
    resetAt: now,
  });
  expect(await store.limits.consume(key, rule, { id: 'one' })).toEqual({
    allowed: true,
    limit: 3,
    remaining: 2,
    retryAfterMs: 0,
    resetAt: now + 1000,
  });
  now += 100;
  expect(await store.limits.consume(key, rule, { id: 'one' })).toEqual({
    allowed: true,
    limit: 3,
    remaining: 2,
    retryAfterMs: 0,
    resetAt: start + 1000,
  });
  expect(await store.limits.consume(key, rule, { cost: 2 })).toMatchObject({ allowed: true, remaining: 0 });
  expect(await store.limits.consume(key, rule)).toEqual({
    allowed: false,
    limit: 3,
    remaining: 0,
    retryAfterMs: 900,
    resetAt: now + 1000,
  });
  expect(await store.limits.consume(key, rule, { cost: 2 })).toMatchObject({ allowed: false, retryAfterMs: 1000 });
  now += 899;
  expect(await store.limits.peek(key, rule)).toMatchObject({ allowed: false, retryAfterMs: 1 });
  now += 1;
  expect(await store.limits.consume(key, rule)).toMatchObject({ allowed: true, remaining: 0 });
  expect(await store.limits.consume(key, { ...rule, limit: 0 })).toMatchObject({ allowed: false });
  await store.limits.reset(key, rule);
  expect(await store.limits.peek(key, rule)).toMatchObject({ allowed: true, remaining: 3 });
  await store.limits.consume(key, rule);
  now += 1000;
  expect(await store.sweep({ target: 'limits', limit: 3 })).toMatchObject({ value: { deleted: 1 } });
});
it('attempts', async () => {
  const policy = { limit: 2, windowMs: 10_000, lockStepsMs: [100, 200], resetAfterMs: 20_000 };
  const keys = [
    { scope: 'ip' as const, value: '1', policy: { ...policy, limit: 5 } },
    { scope: 'account' as const, value: 'u', policy },
  ];
  expect(await store.attempts.check('t', keys)).toEqual({
    allowed: true,
    retryAfterMs: 0,
    states: [
      { scope: 'ip', failures: 0, lockedUntil: null },
      { scope: 'account', failures: 0, lockedUntil: null },
    ],
  });
  await store.attempts.recordFailure('t', keys, { id: 'a' });
  expect(await store.attempts.recordFailure('t', keys, { id: 'a' })).toMatchObject({
    allowed: true,
    states: [{ failures: 1 }, { failures: 1 }],
  });
  expect(await store.attempts.recordFailure('t', keys, { id: 'b' })).toMatchObject({
    allowed: false,
    retryAfterMs: 100,
    states: [{ failures: 2 }, { failures: 2, lockedUntil: now + 100 }],
  });
  expect(await store.attempts.check('t', keys)).toMatchObject({ allowed: false, retryAfterMs: 100 });
  now += 100;
  expect(await store.attempts.check('t', keys)).toMatchObject({ allowed: true });
  expect(await store.attempts.recordFailure('t', keys)).toMatchObject({ allowed: false, retryAfterMs: 200 });
  await store.attempts.recordSuccess('t', keys);
  expect(await store.attempts.check('t', keys)).toMatchObject({
    allowed: true,
    states: [{ failures: 3 }, { failures: 0 }],
  });
  now += 20_000;
  expect(await store.sweep({ target: 'attempts', limit: 3 })).toMatchObject({ value: { deleted: 1 } });
});
it('budgets', async () => {
  const scopes = [
    { name: 's', limit: 10, endsAt: now + 100_000 },
    { name: 'tenant', limit: 15, endsAt: now + 100_000 },
  ];
  const ask = { tenantId: 't', scopes, amount: 8, ttlMs: 1000, reservationId: 'r1' };
  const first = await store.budgets.reserve(ask);
  expect(first).toEqual({
    ok: true,
    value: {
      reservationId: 'r1',
      expiresAt: now + 1000,
      usage: [
        { name: 's', settled: 0, reserved: 8 },
        { name: 'tenant', settled: 0, reserved: 8 },
      ],
    },
  });
  expect(await store.budgets.reserve(ask)).toEqual(first);
  expect(await store.budgets.reserve({ ...ask, reservationId: 'r2' })).toEqual({ ok: false, reason: 'exceeded' });
  const settled = await store.budgets.settle({ tenantId: 't', reservationId: 'r1' }, 9);
  expect(settled).toEqual({
    ok: true,
    value: [
      { name: 's', settled: 9, reserved: 0 },
      { name: 'tenant', settled: 9, reserved: 0 },
    ],
  });
  expect(await store.budgets.settle({ tenantId: 't', reservationId: 'r1' }, 1)).toEqual(settled);
  expect(await store.budgets.reserve({ ...ask, reservationId: 'r3', amount: 1 })).toMatchObject({ ok: true });
  expect(await store.budgets.usage('t', ['tenant', 'none'])).toEqual([
    { name: 'tenant', settled: 9, reserved: 1 },
    { name: 'none', settled: 0, reserved: 0 },
  ]);
  now += 1000;
  expect(await store.budgets.usage('t', ['tenant'])).toEqual([{ name: 'tenant', settled: 9, reserved: 0 }]);
  expect(await store.budgets.settle({ tenantId: 't', reservationId: 'r3' }, 1)).toMatchObject({ ok: true });
  expect(await store.budgets.release({ tenantId: 't', reservationId: 'nope' })).toEqual({
    ok: false,
    reason: 'not_found',
  });
  now += 100_000;
  expect(await store.sweep({ target: 'budgets', limit: 5 })).toMatchObject({ value: { deleted: 2 } });
});
