import { ArgumentChecks } from './argument-checks.ts';
import type { AttemptKey } from './attempts.ts';
import type { SweepRequest, SweepTarget } from './backend.ts';
import type { BudgetRequest, ReservationRef } from './budgets.ts';
import type { Lease } from './leases.ts';
import type { ConsumeOptions, LimitKey, LimitRule } from './rate-limit.ts';
import type { OpenedSession, PoolKey, PoolLease, PoolRenewal, PoolRequest, SessionLifetime } from './session-pool.ts';
import { SESSION_ID_PATTERN, partitionOf } from './session-id.ts';
import type {
  CreateOptions,
  NewSession,
  RevokeSelector,
  Rotation,
  SessionOwner,
  SessionPatch,
  SessionRef,
  TouchOptions,
} from './session.ts';

/** Of one rule or policy: the times of all of them are kept together. */
const MOST_UNITS = 10_000;
const MOST_ATTEMPT_KEYS = 16;
const MOST_LOCK_STEPS = 100;
const MOST_BUDGET_SCOPES = 32;
const ATTEMPT_SCOPES: readonly string[] = ['ip', 'account', 'account_ip'];
const SWEPT: readonly SweepTarget[] = ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'];

/** What every adapter refuses, in the same words: one instance per backend. */
export class Validation extends ArgumentChecks {
  ref(operation: string, ref: SessionRef): void {
    this.text(operation, 'tenantId', ref.tenantId);
    if (typeof ref.id !== 'string' || !SESSION_ID_PATTERN.test(ref.id)) {
      throw this.invalid(operation, 'id must be 16 to 128 characters of A-Z a-z 0-9 _ -; mint it with newSessionId()');
    }
  }

  owner(operation: string, owner: SessionOwner): void {
    this.text(operation, 'tenantId', owner.tenantId);
    if (owner.subjectId !== undefined && owner.subjectId !== null) {
      this.text(operation, 'subjectId', owner.subjectId);
    }
  }

  /** Checks a new session and answers its data as JSON. */
  newSession(operation: string, session: NewSession, options?: CreateOptions): string {
    this.ref(operation, session);
    if (session.subjectId !== null) {
      this.text(operation, 'subjectId', session.subjectId);
      if (!session.id.startsWith(partitionOf(session.tenantId, session.subjectId))) {
        throw this.invalid(operation, 'id is not of the partition of its subject; mint it with newSessionId()');
      }
    }
    this.duration(operation, 'idleTimeoutMs', session.idleTimeoutMs);
    this.duration(operation, 'lifetimeMs', session.lifetimeMs);
    if (session.verifier !== undefined && session.verifier !== null)
      this.digest(operation, 'verifier', session.verifier);
    if (options?.maxPerSubject !== undefined) {
      this.integer(operation, 'maxPerSubject', options.maxPerSubject, 1, 100_000);
      if (session.subjectId === null) throw this.invalid(operation, 'maxPerSubject needs a subjectId');
    }
    if (options?.replace !== undefined && (options.replace !== 'dead' || session.subjectId !== null)) {
      throw this.invalid(operation, 'replace must be "dead", of a session without a subject');
    }
    return this.data(operation, session.data);
  }

  touch(operation: string, ref: SessionRef, { presented, graceMs = 0, minIntervalMs = 0 }: TouchOptions): void {
    this.ref(operation, ref);
    if (presented !== undefined) this.digest(operation, 'presented', presented);
    this.duration(operation, 'graceMs', graceMs, 0);
    this.duration(operation, 'minIntervalMs', minIntervalMs, 0);
  }

  /** Checks a patch and answers its data as JSON, or undefined where it has none. */
  patch(operation: string, expectedVersion: number, patch: SessionPatch): string | undefined {
    this.integer(operation, 'expectedVersion', expectedVersion, 1, Number.MAX_SAFE_INTEGER);
    if (patch.idleTimeoutMs !== undefined) this.duration(operation, 'idleTimeoutMs', patch.idleTimeoutMs);
    return patch.data === undefined ? undefined : this.data(operation, patch.data);
  }

  rotation(operation: string, ref: SessionRef, { presented, next, graceMs }: Rotation): void {
    this.ref(operation, ref);
    this.digest(operation, 'presented', presented);
    this.digest(operation, 'next', next);
    this.duration(operation, 'graceMs', graceMs, 0);
  }

  revocation(operation: string, ref: SessionRef, reason: string): void {
    this.ref(operation, ref);
    this.text(operation, 'reason', reason);
  }

  revocations(operation: string, { tenantId, subjectId, exceptId }: RevokeSelector, reason: string): void {
    this.text(operation, 'tenantId', tenantId);
    this.text(operation, 'subjectId', subjectId);
    this.text(operation, 'reason', reason);
    if (exceptId !== undefined) this.ref(operation, { tenantId, id: exceptId });
  }

  limit(operation: string, key: LimitKey, rule: LimitRule): void {
    this.text(operation, 'tenantId', key.tenantId);
    this.text(operation, 'name', key.name);
    this.integer(operation, 'limit', rule.limit, 0, MOST_UNITS);
    this.duration(operation, 'windowMs', rule.windowMs);
  }

  consumption(operation: string, key: LimitKey, rule: LimitRule, { cost = 1, id }: ConsumeOptions): void {
    this.limit(operation, key, rule);
    this.integer(operation, 'cost', cost, 1, Math.max(rule.limit, 1));
    if (id !== undefined) this.text(operation, 'id', id);
  }

  attempts(operation: string, tenantId: string, keys: readonly AttemptKey[]): void {
    this.text(operation, 'tenantId', tenantId);
    if (!Array.isArray(keys)) throw this.invalid(operation, 'keys must be a list');
    this.integer(operation, 'keys.length', keys.length, 1, MOST_ATTEMPT_KEYS);
    for (const { scope, value, policy } of keys) {
      if (!ATTEMPT_SCOPES.includes(scope)) throw this.invalid(operation, 'scope must be ip, account or account_ip');
      this.text(operation, 'value', value);
      this.integer(operation, 'policy.limit', policy.limit, 1, MOST_UNITS);
      this.duration(operation, 'policy.windowMs', policy.windowMs);
      this.duration(operation, 'policy.resetAfterMs', policy.resetAfterMs);
      this.integer(operation, 'policy.lockStepsMs.length', policy.lockStepsMs.length, 1, MOST_LOCK_STEPS);
      for (const step of policy.lockStepsMs) this.duration(operation, 'policy.lockStepsMs', step);
    }
  }

  budgetRequest(operation: string, request: BudgetRequest): void {
    this.reservation(operation, request);
    this.budgetScopes(
      operation,
      request.scopes.map(({ name }) => name),
    );
    for (const { limit, endsAt } of request.scopes) {
      this.amount(operation, 'scope.limit', limit);
      this.integer(operation, 'scope.endsAt', endsAt, 0, Number.MAX_SAFE_INTEGER);
    }
    this.amount(operation, 'amount', request.amount);
    this.duration(operation, 'ttlMs', request.ttlMs);
  }

  reservation(operation: string, ref: ReservationRef): void {
    this.text(operation, 'tenantId', ref.tenantId);
    this.text(operation, 'reservationId', ref.reservationId);
  }

  budgetScopes(operation: string, names: readonly string[]): void {
    this.integer(operation, 'scopes.length', names.length, 1, MOST_BUDGET_SCOPES);
    for (const name of names) this.text(operation, 'scope.name', name);
    if (new Set(names).size < names.length) throw this.invalid(operation, 'a scope is named twice');
  }

  /** A settled or reserved amount. */
  amount(operation: string, name: string, amount: number): void {
    this.integer(operation, name, amount, 0, Number.MAX_SAFE_INTEGER);
  }

  leaseRequest(operation: string, name: string, holder: string, ttlMs: number): void {
    this.text(operation, 'name', name);
    this.text(operation, 'holder', holder);
    this.duration(operation, 'ttlMs', ttlMs);
  }

  lease(operation: string, lease: Lease): void {
    this.text(operation, 'name', lease.name);
    this.text(operation, 'holder', lease.holder);
    this.fencingToken(operation, 'fencingToken', lease.fencingToken);
  }

  poolKey(operation: string, key: PoolKey): void {
    this.text(operation, 'key.target', key.target);
    this.text(operation, 'key.tenantId', key.tenantId);
    this.text(operation, 'key.identity', key.identity);
  }

  poolRequest(operation: string, request: PoolRequest): void {
    this.poolKey(operation, request.key);
    this.text(operation, 'holder', request.holder);
    this.text(operation, 'leaseId', request.leaseId);
    this.duration(operation, 'leaseTtlMs', request.leaseTtlMs);
    this.duration(operation, 'aliveForMs', request.aliveForMs, 0);
    this.integer(operation, 'maxPerKey', request.maxPerKey, 1, 10_000);
    this.integer(operation, 'maxPerTarget', request.maxPerTarget, 1, 10_000);
  }

  poolLease(operation: string, lease: PoolLease): void {
    this.poolKey(operation, lease.key);
    this.text(operation, 'slotId', lease.slotId);
    this.text(operation, 'leaseId', lease.leaseId);
    this.fencingToken(operation, 'fencingToken', lease.fencingToken);
  }

  openedSession(operation: string, lease: PoolLease, session: OpenedSession): void {
    this.poolLease(operation, lease);
    this.lifetime(operation, session);
    this.text(operation, 'sessionId', session.sessionId);
    this.duration(operation, 'retireAfterMs', session.retireAfterMs, 0);
  }

  /** Answers the target that all of them are of, or undefined where there are none. */
  poolRenewals(operation: string, renewals: readonly PoolRenewal[], leaseTtlMs: number): string | undefined {
    this.duration(operation, 'leaseTtlMs', leaseTtlMs);
    const target = renewals[0]?.lease.key.target;
    for (const { lease, lifetime } of renewals) {
      this.poolLease(operation, lease);
      this.lifetime(operation, lifetime);
      if (lease.key.target !== target) throw this.invalid(operation, 'all leases of one call must be of one target');
    }
    return target;
  }

  lifetime(operation: string, lifetime: SessionLifetime): void {
    this.duration(operation, 'usableForMs', lifetime.usableForMs, 0);
    this.duration(operation, 'aliveForMs', lifetime.aliveForMs, 0);
  }

  reclaim(
    operation: string,
    request: Pick<PoolRequest, 'holder' | 'leaseId' | 'leaseTtlMs'> & { readonly target: string },
  ): void {
    this.text(operation, 'target', request.target);
    this.text(operation, 'holder', request.holder);
    this.text(operation, 'leaseId', request.leaseId);
    this.duration(operation, 'leaseTtlMs', request.leaseTtlMs);
  }

  poolSelector(operation: string, selector: { readonly target: string; readonly tenantId?: string }): void {
    this.text(operation, 'target', selector.target);
    if (selector.tenantId !== undefined) this.text(operation, 'tenantId', selector.tenantId);
  }

  sweep(request: SweepRequest): void {
    if (!SWEPT.includes(request.target)) throw this.invalid('sweep', 'target is not one that can be swept');
    this.integer('sweep', 'limit', request.limit, 1, 100_000);
    if (request.fence === undefined) return;
    this.text('sweep', 'fence.lease', request.fence.lease);
    this.fencingToken('sweep', 'fence.fencingToken', request.fence.fencingToken);
  }

  private fencingToken(operation: string, name: string, token: number): void {
    this.integer(operation, name, token, 0, Number.MAX_SAFE_INTEGER);
  }
}
