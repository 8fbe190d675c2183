import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AttemptKey, BudgetRequest, PoolRequest, Result } from '@mooring/session-store';
import type { Pool } from 'pg';
import type { PostgresStore } from './index.ts';
import { RecordingPool, Scratch, digest, newSession } from './postgres.fixture.ts';

let scratch: Scratch;
let pool: Pool;
let recording: RecordingPool;
let store: PostgresStore;

beforeAll(async () => {
  scratch = await Scratch.start();
  pool = scratch.pool(1);
  recording = new RecordingPool(pool);
  store = await scratch.store({ pool: recording });
});

afterAll(() => scratch?.stop());

beforeEach(() => {
  recording.sent.splice(0);
});

const values = <T>(result: Result<T, string>): T => {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
};

/** One query, named, for each of the operations. */
async function each(operations: Record<string, () => Promise<unknown>>): Promise<void> {
  for (const [name, operation] of Object.entries(operations)) {
    recording.sent.splice(0);
    await operation();
    expect([name, recording.sent.length]).toEqual([name, 1]);
    expect(recording.sent[0]?.name).toMatch(/^mooring_[a-z_]{1,50}_\d+$/);
  }
}

describe('wire budget', () => {
  it('is one named query for each operation on sessions', async () => {
    const session = newSession({ verifier: digest('a') });
    await each({
      create: () => store.sessions.create(session),
      'create again': () => store.sessions.create(session),
      'create limited': () => store.sessions.create(newSession(), { maxPerSubject: 5 }),
      'create evicting': () => store.sessions.create(newSession(), { maxPerSubject: 2, onLimit: 'evict-oldest' }),
      get: () => store.sessions.get(session),
      'get none': () => store.sessions.get(newSession()),
      touch: () => store.sessions.touch(session, { presented: digest('a') }),
      'touch not due': () => store.sessions.touch(session, { minIntervalMs: 60_000 }),
      update: () => store.sessions.update(session, 1, { data: {} }),
      rotate: () => store.sessions.rotate(session, { presented: digest('a'), next: digest('b'), graceMs: 0 }),
      'touch reused': () => store.sessions.touch(session, { presented: digest('a') }),
      revoke: () => store.sessions.revoke(session, 'logout'),
      revokeWhere: () => store.sessions.revokeWhere({ tenantId: 'tenant', subjectId: 'subject' }, 'logout'),
      'list of subject': () => store.sessions.list({ tenantId: 'tenant', subjectId: 'subject' }, { limit: 2 }),
      'list of tenant': () => store.sessions.list({ tenantId: 'tenant' }, { limit: 2 }),
    });
  });

  it('is one named query for each operation on leases and the pool', async () => {
    const lease = values(await store.leases.acquire('lease', 'a', 60_000));
    const request: PoolRequest = {
      key: { target: 'w', tenantId: 't', identity: 'i' },
      holder: 'a',
      leaseId: 'one',
      leaseTtlMs: 60_000,
      maxPerKey: 2,
      maxPerTarget: 2,
      aliveForMs: 60_000,
    };
    const lifetime = { usableForMs: 60_000, aliveForMs: 60_000 };
    const first = values(await store.pool.acquire(request));
    const second = values(await store.pool.acquire({ ...request, leaseId: 'two' }));
    const session = { ...lifetime, sessionId: 's', retireAfterMs: 60_000 };
    const both = [first, second].map((held) => ({ lease: held, lifetime }));
    await each({
      'lease acquire': () => store.leases.acquire('lease', 'b', 60_000),
      'lease renew': () => store.leases.renew(lease, 60_000),
      'lease release': () => store.leases.release(lease),
      register: () => store.pool.register(first, session),
      'renew of several': () => store.pool.renew(both, 60_000),
      'acquire of a full key': () => store.pool.acquire({ ...request, leaseId: 'three' }),
      release: () => store.pool.release(first, lifetime),
      acquire: () => store.pool.acquire({ ...request, leaseId: 'four' }),
      discard: () => store.pool.discard(second, 0),
      reclaim: () => store.pool.reclaim({ target: 'w', holder: 'a', leaseId: 'five', leaseTtlMs: 1000 }),
      list: () => store.pool.list({ target: 'w' }, { limit: 2 }),
    });
    expect(await store.pool.renew([], 1000)).toEqual([]);
  });

  it('is one named query for each operation on limits, attempts and budgets', async () => {
    const key = { tenantId: 't', name: 'n' };
    const rule = { limit: 10, windowMs: 60_000 };
    const policy = { limit: 3, windowMs: 60_000, lockStepsMs: [1000], resetAfterMs: 60_000 };
    const keys: AttemptKey[] = [
      { scope: 'ip', value: '192.0.2.1', policy },
      { scope: 'account', value: 'u', policy },
      { scope: 'account_ip', value: 'u 192.0.2.1', policy },
    ];
    const request: BudgetRequest = {
      tenantId: 't',
      scopes: [
        { name: 'a', limit: 10, endsAt: Date.now() + 60_000 },
        { name: 'b', limit: 10, endsAt: Date.now() + 60_000 },
      ],
      amount: 4,
      ttlMs: 60_000,
      reservationId: 'one',
    };
    await each({
      consume: () => store.limits.consume(key, rule),
      'consume with an id': () => store.limits.consume(key, rule, { cost: 3, id: 'x' }),
      peek: () => store.limits.peek(key, rule),
      reset: () => store.limits.reset(key, rule),
      check: () => store.attempts.check('t', keys),
      recordFailure: () => store.attempts.recordFailure('t', keys, { id: 'x' }),
      recordSuccess: () => store.attempts.recordSuccess('t', keys),
      reserve: () => store.budgets.reserve(request),
      usage: () => store.budgets.usage('t', ['a', 'b']),
      settle: () => store.budgets.settle({ tenantId: 't', reservationId: 'one' }, 5),
      release: () => store.budgets.release({ tenantId: 't', reservationId: 'one' }),
    });
  });

  it('is one named query for each sweep and ping', async () => {
    const targets = ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'] as const;
    await each(
      Object.fromEntries([
        ...targets.map((target) => [target, () => store.sweep({ target, limit: 10, dryRun: true })] as const),
        ['ping', () => store.ping()] as const,
      ]),
    );
  });

  it('prepares a statement once on a connection and then only runs it', async () => {
    const session = newSession();
    await store.sessions.create(session);
    for (let round = 0; round < 20; round += 1) await store.sessions.touch(session);
    const client = await pool.connect();
    const prepared = await client.query<{ name: string; runs: number }>(
      `select name, (generic_plans + custom_plans)::int as runs from pg_prepared_statements where name like 'mooring_%'`,
    );
    client.release();
    expect(prepared.rows.find(({ name }) => name === 'mooring_session_touch_1')?.runs).toBeGreaterThanOrEqual(20);
    expect(prepared.rows.length).toBeGreaterThan(25);
  });
});
