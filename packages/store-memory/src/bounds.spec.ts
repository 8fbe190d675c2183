import { describe, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import type { NewSession } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from './index.ts';
import type { MemoryStore } from './index.ts';

const DAY_MS = 86_400_000;
const RULE = { limit: 2, windowMs: 1000 };
const owner = { tenantId: 'acme', subjectId: 'ann' };

function sessionOf(change: Partial<NewSession> = {}): NewSession {
  return { ...owner, id: newSessionId(owner), data: {}, idleTimeoutMs: 1000, lifetimeMs: DAY_MS, ...change };
}

async function fill(store: MemoryStore, count: number, change: Partial<NewSession> = {}): Promise<NewSession[]> {
  const sessions = Array.from({ length: count }, () => sessionOf(change));
  for (const session of sessions) expect(await store.sessions.create(session)).toMatchObject({ ok: true });
  return sessions;
}

const full = { code: 'throttled', retryable: true, outcome: 'not_applied' };

describe('a full memory store', () => {
  it('refuses what is new and evicts nothing that lives', async () => {
    const store = createMemoryStore({ clock: new ManualClock(), maxEntries: 10 });
    const sessions = await fill(store, 10);
    await expect(store.sessions.create(sessionOf())).rejects.toMatchObject(full);
    await expect(store.leases.acquire('sweeper', 'a', 1000)).rejects.toMatchObject(full);
    await expect(store.limits.consume({ tenantId: 'acme', name: 'n' }, RULE)).rejects.toMatchObject(full);
    expect(store.usage.entries).toBe(10);
    for (const session of sessions) expect(await store.sessions.touch(session)).toMatchObject({ ok: true });
  });

  it('makes room of what is dead, and of nothing else', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock, maxEntries: 10 });
    const [live] = await fill(store, 1, { idleTimeoutMs: 5000 });
    const [revoked] = await fill(store, 1);
    await store.sessions.revoke(revoked ?? sessionOf(), 'logout');
    await fill(store, 8);
    await clock.advance(1000);
    await fill(store, 8);
    await expect(store.sessions.create(sessionOf())).rejects.toMatchObject(full);
    expect(await store.sessions.get(live ?? sessionOf())).toMatchObject({ ok: true });
    expect(await store.sessions.get(revoked ?? sessionOf())).toEqual({ ok: false, reason: 'revoked' });
  });

  it('finds the dead one among thousands whose deadlines moved on', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock, maxEntries: 8000 });
    const sessions = await fill(store, 7999);
    await clock.advance(500);
    for (const session of sessions) await store.sessions.touch(session);
    await fill(store, 1, { idleTimeoutMs: 500 });
    await clock.advance(500);
    await fill(store, 1);
    await expect(store.sessions.create(sessionOf())).rejects.toMatchObject(full);
  });

  it('still ends sessions', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock, maxEntries: 3 });
    const [one, other] = await fill(store, 3);
    expect(await store.sessions.revoke(one ?? sessionOf(), 'logout')).toMatchObject({ ok: true });
    expect(await store.sessions.revokeWhere(owner, 'everywhere')).toMatchObject({ revoked: 2 });
    expect(await store.sessions.get(other ?? sessionOf())).toEqual({ ok: false, reason: 'revoked' });
  });

  it('evicts no older session for a creation that it refuses', async () => {
    const store = createMemoryStore({ clock: new ManualClock(), maxEntries: 2 });
    const sessions = await fill(store, 2);
    const options = { maxPerSubject: 2, onLimit: 'evict-oldest' } as const;
    await expect(store.sessions.create(sessionOf(), options)).rejects.toMatchObject(full);
    for (const session of sessions) expect(await store.sessions.get(session)).toMatchObject({ ok: true });
  });

  it('counts bytes as well, also of an update', async () => {
    const store = createMemoryStore({ clock: new ManualClock(), maxBytes: 20_000 });
    const [session] = await fill(store, 1, { data: { a: 'x'.repeat(1000) } });
    await expect(store.sessions.create(sessionOf({ data: { a: 'x'.repeat(9000) } }))).rejects.toMatchObject(full);
    await expect(
      store.sessions.update(session ?? sessionOf(), 1, { data: { a: 'x'.repeat(9900) } }),
    ).rejects.toMatchObject(full);
    expect(await store.sessions.update(session ?? sessionOf(), 1, { data: {} })).toMatchObject({ ok: true });
    await fill(store, 1, { data: { a: 'x'.repeat(7000) } });
    expect(store.usage.bytes).toBeLessThanOrEqual(20_000);
  });

  it('A-02: holds under a flood of keys, and the flood leaves by itself', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock, maxEntries: 1000 });
    const policy = { limit: 5, windowMs: 1000, lockStepsMs: [1000], resetAfterMs: 1000 };
    let refusals = 0;
    for (let index = 0; index < 10_000; index++) {
      const key = { scope: 'ip', value: `192.0.2.${index}`, policy } as const;
      await store.attempts.recordFailure('acme', [key]).catch(() => refusals++);
    }
    expect(refusals).toBe(9000);
    expect(store.usage.entries).toBe(1000);
    await clock.advance(70_000);
    expect(store.usage).toEqual({ entries: 0, bytes: 0 });
  });
});

describe('collecting', () => {
  it('takes dead rows of every port without anybody reading them', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock });
    await fill(store, 2000);
    await store.sessions.revokeWhere(owner, 'everywhere');
    await store.limits.consume({ tenantId: 'acme', name: 'n' }, RULE);
    await store.leases.acquire('sweeper', 'a', 1000);
    const key = { target: 'warehouse', tenantId: 'acme', identity: 'reader' };
    const caps = { maxPerKey: 1, maxPerTarget: 1, aliveForMs: 1000 };
    await store.pool.acquire({ key, holder: 'a', leaseId: 'one', leaseTtlMs: 1000, ...caps });
    await store.pool.acquire({ key, holder: 'b', leaseId: 'two', leaseTtlMs: 1000, ...caps });
    const scopes = [{ name: 's', limit: 10, endsAt: clock.now() + 1000 }];
    await store.budgets.reserve({ tenantId: 'acme', scopes, amount: 1, ttlMs: 1000, reservationId: 'r' });
    expect(store.usage.entries).toBe(2007);
    await clock.advance(DAY_MS + 120_000);
    expect(store.usage).toEqual({ entries: 0, bytes: 0 });
    expect(clock.pending).toBe(0);
  });

  it('waits with one timer, however many rows there are, and with none when at rest or closed', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock });
    expect(clock.pending).toBe(0);
    await fill(store, 500);
    for (let index = 0; index < 50; index++) await store.leases.acquire(`lease-${index}`, 'a', 10 + index);
    expect(clock.pending).toBe(1);
    await store.close();
    expect(clock.pending).toBe(0);
  });

  it('says for a while why a session is dead, then that there is none', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock, keepDeadMs: 5000 });
    const [session = sessionOf()] = await fill(store, 1);
    await clock.advance(5999);
    expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'expired_idle' });
    await clock.advance(2000);
    expect(await store.sessions.get(session)).toEqual({ ok: false, reason: 'not_found' });
  });

  it('leaves alone what was used meanwhile', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock, keepDeadMs: 0 });
    const [session = sessionOf()] = await fill(store, 1);
    for (let step = 0; step < 20; step++) {
      await clock.advance(900);
      expect(await store.sessions.touch(session)).toMatchObject({ ok: true });
    }
  });

  it('drops slots whose time is over when their pool is asked', async () => {
    const clock = new ManualClock();
    const store = createMemoryStore({ clock });
    const request = (tenantId: string) => ({
      key: { target: 'main', tenantId, identity: 'ann' },
      holder: 'process',
      leaseId: tenantId,
      leaseTtlMs: 1000,
      maxPerKey: 1,
      maxPerTarget: 3,
      aliveForMs: 0,
    });
    for (const tenant of ['a', 'b', 'c']) expect(await store.pool.acquire(request(tenant))).toMatchObject({ ok: true });
    expect(await store.pool.acquire(request('d'))).toEqual({ ok: false, reason: 'target_full' });
    await clock.advance(1000);
    expect(await store.pool.acquire(request('d'))).toMatchObject({ ok: true });
    // The slot, and who was refused.
    expect(store.usage.entries).toBe(2);
  });
});
