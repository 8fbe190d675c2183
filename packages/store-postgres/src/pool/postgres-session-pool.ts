import { ok, refused } from '@mooring/session-store';
import type {
  OpenedSession,
  Page,
  PageRequest,
  PoolKey,
  PoolLease,
  PoolRefusal,
  PoolRenewal,
  PoolRequest,
  PoolSlot,
  PoolSlotState,
  RenewedLease,
  Result,
  SessionLifetime,
  SessionPoolStore,
} from '@mooring/session-store';
import { listName } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import type { Database } from '../database.ts';
import { pageOf } from '../paging.ts';
import { ACQUIRE, DISCARD, LIST, RECLAIM, REGISTER, RELEASE, RENEW } from './statements.ts';

interface LeaseRow {
  readonly slot_id: string;
  readonly tenant_id: string;
  readonly identity: string;
  readonly lease_id: string;
  readonly session_id: string | null;
  readonly fencing_token: number;
  readonly lease_expires_at: number;
  readonly recovered: boolean;
  readonly opened_at: number | null;
  readonly usable_until: number | null;
  readonly retire_at: number | null;
}

interface SlotRow extends Omit<LeaseRow, 'lease_id' | 'lease_expires_at' | 'recovered'> {
  readonly state: PoolSlotState;
  readonly holder: string | null;
  readonly dirty: boolean;
  readonly lease_expires_at: number | null;
  readonly alive_until: number;
}

/** Shared sessions of warehouses. Takers of one target queue on a lock of its own, so caps hold over all processes. */
export class PostgresSessionPool implements SessionPoolStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async acquire(request: PoolRequest): Promise<Result<PoolLease, PoolRefusal>> {
    this.validation.poolRequest('pool.acquire', request);
    const { key } = request;
    const row = await this.database.one<LeaseRow & { outcome: 'leased' | PoolRefusal }>('pool.acquire', ACQUIRE, [
      key.target,
      key.tenantId,
      key.identity,
      request.holder,
      request.leaseId,
      request.leaseTtlMs,
      request.maxPerKey,
      request.maxPerTarget,
      request.aliveForMs,
    ]);
    if (row === undefined) return refused('key_full');
    return row.outcome === 'leased' ? ok(leaseOf(key.target, row)) : refused(row.outcome);
  }

  async register(lease: PoolLease, session: OpenedSession): Promise<Result<PoolLease, 'lost'>> {
    const operation = 'pool.register';
    this.validation.openedSession(operation, lease, session);
    const row = await this.database.one<LeaseRow>(operation, REGISTER, [
      ...held(lease),
      session.sessionId,
      session.usableForMs,
      session.aliveForMs,
      session.retireAfterMs,
    ]);
    return row === undefined ? refused('lost') : ok(leaseOf(lease.key.target, row));
  }

  async renew(renewals: readonly PoolRenewal[], leaseTtlMs: number): Promise<readonly RenewedLease[]> {
    const operation = 'pool.renew';
    const target = this.validation.poolRenewals(operation, renewals, leaseTtlMs);
    if (target === undefined) return [];
    const rows = await this.database.all<LeaseRow & { position: number; wanted: boolean }>(operation, RENEW, [
      target,
      leaseTtlMs,
      renewals.map(({ lease }) => lease.slotId),
      renewals.map(({ lease }) => lease.leaseId),
      renewals.map(({ lease }) => lease.fencingToken),
      renewals.map(({ lifetime }) => lifetime.usableForMs),
      renewals.map(({ lifetime }) => lifetime.aliveForMs),
      renewals.map(({ dirty }) => dirty ?? false),
    ]);
    const renewed = new Map(rows.map((row) => [row.position, row]));
    return renewals.map((_, index) => {
      const row = renewed.get(index + 1);
      return row === undefined ? refused('lost') : ok({ lease: leaseOf(target, row), wanted: row.wanted });
    });
  }

  async release(lease: PoolLease, lifetime: SessionLifetime): Promise<Result<null, 'lost'>> {
    const operation = 'pool.release';
    this.validation.poolLease(operation, lease);
    this.validation.lifetime(operation, lifetime);
    const row = await this.database.one(operation, RELEASE, [
      ...held(lease),
      lifetime.usableForMs,
      lifetime.aliveForMs,
    ]);
    return row === undefined ? refused('lost') : ok(null);
  }

  async discard(lease: PoolLease, aliveForMs: number): Promise<Result<null, 'lost'>> {
    const operation = 'pool.discard';
    this.validation.poolLease(operation, lease);
    this.validation.duration(operation, 'aliveForMs', aliveForMs, 0);
    const row = await this.database.one(operation, DISCARD, [...held(lease), aliveForMs]);
    return row === undefined ? refused('lost') : ok(null);
  }

  async reclaim(request: {
    readonly target: string;
    readonly holder: string;
    readonly leaseId: string;
    readonly leaseTtlMs: number;
  }): Promise<Result<PoolLease, 'none_idle'>> {
    const operation = 'pool.reclaim';
    this.validation.reclaim(operation, request);
    const row = await this.database.one<LeaseRow>(operation, RECLAIM, [
      request.target,
      request.holder,
      request.leaseId,
      request.leaseTtlMs,
    ]);
    return row === undefined ? refused('none_idle') : ok(leaseOf(request.target, row));
  }

  async list(
    selector: { readonly target: string; readonly tenantId?: string },
    page: PageRequest,
  ): Promise<Page<PoolSlot>> {
    const operation = 'pool.list';
    this.validation.poolSelector(operation, selector);
    const list = listName('postgres.pool', this.database.namespace, selector.target, selector.tenantId ?? null);
    const [after] = this.validation.position(operation, list, page, ['']);
    const rows = await this.database.all<SlotRow>(operation, LIST, [
      selector.target,
      selector.tenantId ?? null,
      after,
      page.limit + 1,
    ]);
    return pageOf(
      list,
      page,
      rows,
      (row) => [row.slot_id],
      (row) => slotOf(selector.target, row),
    );
  }
}

function held(lease: PoolLease): unknown[] {
  return [lease.key.target, lease.slotId, lease.leaseId, lease.fencingToken];
}

function keyOf(target: string, row: { readonly tenant_id: string; readonly identity: string }): PoolKey {
  return { target, tenantId: row.tenant_id, identity: row.identity };
}

function leaseOf(target: string, row: LeaseRow): PoolLease {
  return {
    key: keyOf(target, row),
    slotId: row.slot_id,
    leaseId: row.lease_id,
    sessionId: row.session_id,
    fencingToken: row.fencing_token,
    leaseExpiresAt: row.lease_expires_at,
    recovered: row.recovered,
    openedAt: row.opened_at,
    usableUntil: row.usable_until,
    retireAt: row.retire_at,
  };
}

function slotOf(target: string, row: SlotRow): PoolSlot {
  return {
    key: keyOf(target, row),
    slotId: row.slot_id,
    state: row.state,
    sessionId: row.session_id,
    holder: row.holder,
    fencingToken: row.fencing_token,
    dirty: row.dirty,
    leaseExpiresAt: row.lease_expires_at,
    openedAt: row.opened_at,
    usableUntil: row.usable_until,
    retireAt: row.retire_at,
    aliveUntil: row.alive_until,
  };
}
