import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import type { SessionRef } from '@mooring/session-store';
import { createSqliteStore } from './index.ts';
import type { SqliteStore } from './index.ts';
import { storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

let folder: StoreFolder;
let store: SqliteStore;
let now: number;
beforeEach(async () => {
  now = 1_767_225_600_000;
  folder = await storeFolder();
  store = await createSqliteStore({ file: folder.file, namespace: 'n', clock: { now: () => now } });
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

// The clock of a machine may be set back while a store is in use.

it('a limit counts on from the last unit that it accepted', async () => {
  const key = { tenantId: 'acme', name: 'messages' };
  const rule = { limit: 2, windowMs: 1000 };
  await store.limits.consume(key, rule);
  now -= 400;
  expect(await store.limits.consume(key, rule)).toMatchObject({ allowed: true, remaining: 0 });
  const { allowed, retryAfterMs } = await store.limits.consume(key, rule);
  expect({ allowed, retryAfterMs }).toEqual({ allowed: false, retryAfterMs: 1400 });
  now += retryAfterMs - 1;
  expect(await store.limits.consume(key, rule)).toMatchObject({ allowed: false, retryAfterMs: 1 });
  now += 1;
  expect(await store.limits.consume(key, rule)).toMatchObject({ allowed: true });
});

it('a session that had expired when its subject was revoked does not come back', async () => {
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  const session = { ...owner, id: newSessionId(owner), data: {}, idleTimeoutMs: 100, lifetimeMs: 1000 };
  await store.sessions.create(session);
  now += 100;
  expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'expired_idle' });
  expect(await store.sessions.revokeWhere(owner, 'password changed')).toEqual({ notBefore: now, revoked: 0 });
  now -= 50;
  expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
  expect(await store.sessions.touch(session)).toEqual({ ok: false, reason: 'revoked' });
  expect((await store.sessions.list(owner, { limit: 10 })).items).toEqual([]);
});

it('the end of all sessions ends those from before it and none from after it', async () => {
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  const verifier = 'a'.repeat(43);
  const created = async (): Promise<SessionRef> => {
    const session = { ...owner, id: newSessionId(owner), data: {}, idleTimeoutMs: 100, lifetimeMs: 1000, verifier };
    expect((await store.sessions.create(session)).ok).toBe(true);
    return session;
  };
  const before = await created();
  now -= 50;
  expect(await store.sessions.revokeWhere(owner, 'password changed')).toEqual({ notBefore: now + 50, revoked: 1 });
  expect(await store.sessions.get(before)).toEqual({ ok: false, reason: 'revoked' });
  const after = await created();
  expect(await store.sessions.get(after)).toMatchObject({ ok: true, value: { createdAt: now } });
  const proof = { presented: verifier, next: 'b'.repeat(43), graceMs: 0, reauthenticated: true };
  expect((await store.sessions.rotate(after, proof)).ok).toBe(true);
  expect((await store.sessions.get(after)).ok).toBe(true);
  expect(await store.sessions.revokeWhere(owner, 'password changed')).toEqual({ notBefore: now + 51, revoked: 1 });
  expect(await store.sessions.get(after)).toEqual({ ok: false, reason: 'revoked' });
});

it('a lease that was released is free, and a verifier that was replaced is over', async () => {
  const lease = await store.leases.acquire('sweep', 'a', 1000);
  if (lease.ok) await store.leases.release(lease.value);
  expect(await store.sweep({ target: 'leases', limit: 10, dryRun: true })).toMatchObject({
    value: { oldestExpiredAgeMs: 0 },
  });
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  const [verifier, next] = ['a'.repeat(43), 'b'.repeat(43)];
  const session = { ...owner, id: newSessionId(owner), data: {}, idleTimeoutMs: 1000, lifetimeMs: 1000, verifier };
  await store.sessions.create(session);
  await store.sessions.rotate(session, { presented: verifier, next, graceMs: 0 });
  now -= 50;
  expect((await store.leases.acquire('sweep', 'b', 1000)).ok).toBe(true);
  expect((await store.sessions.touch(session, { presented: verifier, graceMs: 51 })).ok).toBe(true);
  expect(await store.sessions.touch(session, { presented: verifier, graceMs: 50 })).toMatchObject({ reason: 'reused' });
});

it('fractions of a millisecond are cut off', async () => {
  now += 0.7;
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  const session = { ...owner, id: newSessionId(owner), data: {}, idleTimeoutMs: 100, lifetimeMs: 1000 };
  const created = await store.sessions.create(session);
  expect(created).toMatchObject({ ok: true, value: { createdAt: 1_767_225_600_000 } });
});
