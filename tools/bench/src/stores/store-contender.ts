import type {
  AttemptKey,
  BudgetRequest,
  Lease,
  LimitRule,
  PoolKey,
  PoolLease,
  PoolRequest,
  Result,
  StoreBackend,
} from '@mooring/session-store';
import type { Contender, Household, PoolPlace, Visitor } from './contender.ts';
import { DATA, IDLE_TIMEOUT_MS, LIFETIME_MS, nextDigest, TENANT } from './visitors.ts';

/** Never reached in a run: a refusal costs less than what is measured. */
export const RULE: LimitRule = { limit: 100, windowMs: 60_000 };
const POLICY = { limit: 100, windowMs: 60_000, lockStepsMs: [60_000], resetAfterMs: 60_000 };
export const LEASE_TTL_MS = 10 * 60_000;
export const RESERVATION = { amount: 10, actual: 7, ttlMs: 2 * 60_000 };
export const BUDGET_SCOPES = 100;
const PAGE = { limit: 10 };
const POOL = { holder: 'bench', leaseTtlMs: LEASE_TTL_MS, maxPerKey: 20, maxPerTarget: 20, aliveForMs: LEASE_TTL_MS };
const OPENED = { usableForMs: LEASE_TTL_MS, aliveForMs: LEASE_TTL_MS, retireAfterMs: 12 * 3_600_000 };

function accepted<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(`the store refused what is measured: ${result.reason}`);
  return result.value;
}

/** One address, account and pair of both for each account. */
function keysOf(account: string): AttemptKey[] {
  return [
    { scope: 'ip', value: account, policy: POLICY },
    { scope: 'account', value: account, policy: POLICY },
    { scope: 'account_ip', value: account, policy: POLICY },
  ];
}

/** Any store, through its six ports. */
export class StoreContender implements Contender {
  readonly name = 'mooring';
  private readonly leases = new Map<string, Lease>();
  private readonly places = new Map<string, PoolLease>();
  private reservations = 0;

  constructor(private readonly store: StoreBackend) {}

  readonly operations = {
    get: async (visitor: Visitor) => accepted(await this.store.sessions.get(visitor)),
    verify: async (visitor: Visitor) =>
      accepted(await this.store.sessions.touch(visitor, { presented: visitor.verifier, minIntervalMs: LIFETIME_MS })),
    touch: async (visitor: Visitor) =>
      accepted(await this.store.sessions.touch(visitor, { presented: visitor.verifier })),
    create: async ({ tenantId, id, subjectId, verifier }: Visitor) =>
      accepted(
        await this.store.sessions.create({
          tenantId,
          id,
          subjectId,
          verifier,
          data: DATA,
          idleTimeoutMs: IDLE_TIMEOUT_MS,
          lifetimeMs: LIFETIME_MS,
        }),
      ),
    update: async (visitor: Visitor) => {
      const { version } = accepted(await this.store.sessions.update(visitor, visitor.version, { data: DATA }));
      visitor.version = version;
    },
    rotate: async (visitor: Visitor) => {
      const next = nextDigest();
      const rotation = { presented: visitor.verifier, next, graceMs: 10_000 };
      const { session } = accepted(await this.store.sessions.rotate(visitor, rotation));
      visitor.verifier = next;
      visitor.version = session.version;
    },
    revoke: async (visitor: Visitor) => accepted(await this.store.sessions.revoke(visitor, 'logout')),
    revokeWhere: async (household: Household) => {
      const { revoked } = await this.store.sessions.revokeWhere(household, 'logout everywhere');
      if (revoked !== undefined && revoked !== household.visitors.length) throw new Error('not all were revoked');
    },
    list: async (household: Household) => {
      const { items } = await this.store.sessions.list(household, PAGE);
      if (items.length !== household.visitors.length) throw new Error('not all were listed');
    },
    consume: async (name: string) => {
      const { allowed } = await this.store.limits.consume({ tenantId: TENANT, name }, RULE);
      if (!allowed) throw new Error('the limit was reached');
    },
    peek: (name: string) => this.store.limits.peek({ tenantId: TENANT, name }, RULE),
    check: async (account: string) => {
      const { allowed } = await this.store.attempts.check(TENANT, keysOf(account));
      if (!allowed) throw new Error('the account was locked');
    },
    recordFailure: async (account: string) => {
      const { allowed } = await this.store.attempts.recordFailure(TENANT, keysOf(account));
      if (!allowed) throw new Error('the account was locked');
    },
    reserve: async (reservationId: string) => accepted(await this.store.budgets.reserve(this.budget(reservationId))),
    settle: async (reservationId: string) =>
      accepted(await this.store.budgets.settle({ tenantId: TENANT, reservationId }, RESERVATION.actual)),
    leaseAcquire: async (name: string) => {
      this.leases.set(name, accepted(await this.store.leases.acquire(name, 'bench', LEASE_TTL_MS)));
    },
    leaseRenew: async (name: string) =>
      accepted(await this.store.leases.renew(this.leases.get(name) as Lease, LEASE_TTL_MS)),
    poolAcquire: async (place: PoolPlace) => {
      const lease = accepted(await this.store.pool.acquire(requestOf(place)));
      if (lease.sessionId === null) throw new Error('no idle session was there');
      this.places.set(place.leaseId, lease);
    },
    poolRenew: async ({ leaseId }: PoolPlace) => {
      const lease = this.places.get(leaseId) as PoolLease;
      const [renewed] = await this.store.pool.renew([{ lease, lifetime: OPENED }], LEASE_TTL_MS);
      if (renewed?.ok !== true) throw new Error('the lease was lost');
    },
  };

  readonly fillPool = async (target: string, sessions: number): Promise<void> => {
    const { pool } = this.store;
    const opened: PoolLease[] = [];
    for (let count = 0; count < sessions; count += 1) {
      const lease = accepted(await pool.acquire(requestOf({ target, leaseId: `${target}-${count}` })));
      opened.push(accepted(await pool.register(lease, { ...OPENED, sessionId: `session-${count}` })));
    }
    for (const lease of opened) accepted(await pool.release(lease, OPENED));
  };

  private budget(reservationId: string): BudgetRequest {
    this.reservations += 1;
    const scope = {
      name: `session:${this.reservations % BUDGET_SCOPES}:2026-11`,
      limit: 1_000_000_000,
      endsAt: Date.now() + LIFETIME_MS,
    };
    return { tenantId: TENANT, scopes: [scope], ...RESERVATION, reservationId };
  }
}

function requestOf({ target, leaseId }: PoolPlace): PoolRequest {
  const key: PoolKey = { target, tenantId: TENANT, identity: 'reader' };
  return { key, leaseId, ...POOL };
}
