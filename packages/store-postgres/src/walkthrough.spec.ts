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
