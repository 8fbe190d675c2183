import type { PoolLease, Result, StoreBackend } from '@mooring/session-store';
import { digest, newSession } from './redis.fixture.ts';

function accepted<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

const POLICY = { limit: 5, windowMs: 60_000, lockStepsMs: [60_000], resetAfterMs: 60_000 };
const LIFETIME = { usableForMs: 60_000, aliveForMs: 60_000 };

type Operation = () => Promise<unknown>;

export function sessionOperations(store: StoreBackend): Readonly<Record<string, Operation>> {
  const session = newSession({ verifier: digest('a') });
  const owner = { tenantId: session.tenantId, subjectId: 'ann' };
  return {
    create: () => store.sessions.create(session),
    'create again': () => store.sessions.create(session),
    'create limited': () => store.sessions.create(newSession(), { maxPerSubject: 5 }),
    'create evicting': () => store.sessions.create(newSession(), { maxPerSubject: 2, onLimit: 'evict-oldest' }),
    get: () => store.sessions.get(session),
    'get none': () => store.sessions.get(newSession()),
    touch: () => store.sessions.touch(session, { presented: digest('a') }),
    'touch not due': () => store.sessions.touch(session, { minIntervalMs: 60_000 }),
    update: () => store.sessions.update(session, 1, { data: {}, idleTimeoutMs: 1000 }),
    rotate: () =>
      store.sessions.rotate(session, { presented: digest('a'), next: digest('b'), graceMs: 0, reauthenticated: true }),
    'touch reused': () => store.sessions.touch(session, { presented: digest('a') }),
    revoke: () => store.sessions.revoke(session, 'logout'),
    'list of subject': () => store.sessions.list(owner, { limit: 2 }),
    revokeWhere: () => store.sessions.revokeWhere({ ...owner, exceptId: session.id }, 'logout'),
  };
}

export function usageOperations(store: StoreBackend): Readonly<Record<string, Operation>> {
  const key = { tenantId: 'acme', name: 'messages:{1}*' };
  const rule = { limit: 3, windowMs: 60_000 };
  const attempts = (['ip', 'account', 'account_ip'] as const).map((scope) => ({
    scope,
    value: 'a:{b}',
    policy: POLICY,
  }));
  const scopes = ['one', 'two'].map((name) => ({ name, limit: 100, endsAt: Date.now() + 60_000 }));
  const reservation = { tenantId: 'acme', scopes, amount: 10, ttlMs: 60_000, reservationId: 'r' };
  return {
    consume: () => store.limits.consume(key, rule),
    'consume with id': () => store.limits.consume(key, rule, { id: 'x', cost: 2 }),
    'consume again': () => store.limits.consume(key, rule, { id: 'x', cost: 2 }),
    'consume refused': () => store.limits.consume(key, rule),
    peek: () => store.limits.peek(key, rule),
    reset: () => store.limits.reset(key, rule),
    check: () => store.attempts.check('acme', attempts),
    recordFailure: () => store.attempts.recordFailure('acme', attempts, { id: 'y' }),
    recordSuccess: () => store.attempts.recordSuccess('acme', attempts),
    reserve: () => store.budgets.reserve(reservation),
    'reserve again': () => store.budgets.reserve(reservation),
    usage: () => store.budgets.usage('acme', ['one', 'two', 'three']),
    settle: () => store.budgets.settle(reservation, 5),
    'release settled': () => store.budgets.release(reservation),
  };
}

export function poolOperations(store: StoreBackend): Readonly<Record<string, Operation>> {
  const request = {
    key: { target: 'warehouse:{x}', tenantId: 'acme', identity: 'reader' },
    holder: 'a',
    leaseId: 'one',
    leaseTtlMs: 60_000,
    maxPerKey: 2,
    maxPerTarget: 2,
    aliveForMs: 60_000,
  };
  const { target } = request.key;
  const leases: PoolLease[] = [];
  const held = (index: number): PoolLease => leases[index] as PoolLease;
  return {
    'lease acquire': () => store.leases.acquire('sweeper', 'a', 60_000),
    'lease held': () => store.leases.acquire('sweeper', 'b', 60_000),
    'lease renew': async () =>
      store.leases.renew({ name: 'sweeper', holder: 'a', fencingToken: 1, expiresAt: 0 }, 60_000),
    'lease release': () => store.leases.release({ name: 'sweeper', holder: 'a', fencingToken: 1, expiresAt: 0 }),
    acquire: async () => leases.push(accepted(await store.pool.acquire(request))),
    'acquire another': async () => leases.push(accepted(await store.pool.acquire({ ...request, leaseId: 'two' }))),
    'acquire refused': () => store.pool.acquire({ ...request, leaseId: 'three', holder: 'b' }),
    register: () => store.pool.register(held(0), { ...LIFETIME, sessionId: 's', retireAfterMs: 60_000 }),
    renew: () =>
      store.pool.renew(
        leases.map((lease) => ({ lease, lifetime: LIFETIME })),
        60_000,
      ),
    'list slots': () => store.pool.list({ target, tenantId: 'acme' }, { limit: 10 }),
    release: () => store.pool.release(held(0), LIFETIME),
    reclaim: () => store.pool.reclaim({ target, holder: 'b', leaseId: 'four', leaseTtlMs: 60_000 }),
    discard: () => store.pool.discard(held(1), 0),
    ping: () => store.ping(),
  };
}
