import { randomUUID } from 'node:crypto';
import { ok, refused } from '@mooring/session-store';
import type {
  OpenedSession,
  Page,
  PageRequest,
  PoolLease,
  PoolRefusal,
  PoolRenewal,
  PoolRequest,
  PoolSlot,
  RenewedLease,
  Result,
  SessionLifetime,
  SessionPoolStore,
} from '@mooring/session-store';
import { listName } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import { next } from '../counters.ts';
import type { Access, Database } from '../database.ts';
import { pageOf } from '../paging.ts';
import { UNLEASED, countsUntil, leaseOf, stateOf, viewOf } from './pool-slot.ts';
import type { SlotRow } from './pool-slot.ts';
import * as table from './pool-table.ts';

interface Taker {
  readonly holder: string;
  readonly leaseId: string;
  readonly leaseTtlMs: number;
}

/** Shared sessions of warehouses. The write lock of the file makes the caps hold over all processes. */
export class SqliteSessionPool implements SessionPoolStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async acquire(request: PoolRequest): Promise<Result<PoolLease, PoolRefusal>> {
    const operation = 'pool.acquire';
    this.validation.poolRequest(operation, request);
    const { key, holder, leaseId } = request;
    return this.database.write(operation, (access): Result<PoolLease, PoolRefusal> => {
      const mine = table.leasedBy(access, key.target, leaseId, holder);
      if (mine?.tenant_id === key.tenantId && mine.identity === key.identity) return ok(leaseOf(mine, leaseId));

      const slot = table.usable(access, key);
      if (slot !== undefined) {
        const alive_until = Math.max(slot.alive_until, access.now + request.leaseTtlMs + request.aliveForMs);
        return ok(lease(access, table.used(access, { ...slot, alive_until }), request));
      }

      const { ofKey, ofTarget } = table.counting(access, key);
      if (ofKey >= request.maxPerKey || ofTarget >= request.maxPerTarget) {
        const refusal = ofKey >= request.maxPerKey ? 'key_full' : 'target_full';
        table.want(access, key, holder, refusal, request.leaseTtlMs);
        return refused(refusal);
      }
      return ok(lease(access, table.used(access, reserved(access, request)), request));
    });
  }

  async register(held: PoolLease, session: OpenedSession): Promise<Result<PoolLease, 'lost'>> {
    const operation = 'pool.register';
    this.validation.openedSession(operation, held, session);
    return this.withSlot(operation, held, (access, slot) => {
      const registered = table.replace(access, {
        ...table.used(access, slot),
        session_id: session.sessionId,
        opened_at: access.now,
        usable_until: access.now + session.usableForMs,
        alive_until: access.now + session.aliveForMs,
        retire_at: access.now + session.retireAfterMs,
      });
      return leaseOf(registered, held.leaseId);
    });
  }

  async renew(renewals: readonly PoolRenewal[], leaseTtlMs: number): Promise<readonly RenewedLease[]> {
    const operation = 'pool.renew';
    this.validation.poolRenewals(operation, renewals, leaseTtlMs);
    if (renewals.length === 0) return [];
    return this.database.write(operation, (access) => renewals.map((renewal) => renewed(access, renewal, leaseTtlMs)));
  }

  async release(held: PoolLease, lifetime: SessionLifetime): Promise<Result<null, 'lost'>> {
    const operation = 'pool.release';
    this.validation.poolLease(operation, held);
    this.validation.lifetime(operation, lifetime);
    return this.withSlot(operation, held, (access, slot) => {
      table.replace(access, {
        ...table.used(access, slot),
        ...UNLEASED,
        usable_until: slot.session_id === null ? null : access.now + lifetime.usableForMs,
        alive_until: access.now + lifetime.aliveForMs,
        // Without a session there is nothing to give out, only a slot in which one may still open.
        draining: slot.session_id === null ? 1 : slot.draining,
      });
      return null;
    });
  }

  async discard(held: PoolLease, aliveForMs: number): Promise<Result<null, 'lost'>> {
    const operation = 'pool.discard';
    this.validation.poolLease(operation, held);
    this.validation.duration(operation, 'aliveForMs', aliveForMs, 0);
    return this.withSlot(operation, held, (access, slot) => {
      if (aliveForMs === 0) table.remove(access, slot);
      else table.replace(access, { ...slot, ...UNLEASED, draining: 1, alive_until: access.now + aliveForMs });
      return null;
    });
  }

  async reclaim(request: { readonly target: string } & Taker): Promise<Result<PoolLease, 'none_idle'>> {
    const operation = 'pool.reclaim';
    const { target, holder, leaseId } = request;
    this.validation.reclaim(operation, request);
    return this.database.write(operation, (access): Result<PoolLease, 'none_idle'> => {
      const mine = table.leasedBy(access, target, leaseId, holder);
      if (mine !== undefined) return ok(leaseOf(mine, leaseId));
      const slot = table.closable(access, target);
      return slot === undefined ? refused('none_idle') : ok(lease(access, slot, request));
    });
  }

  async list(
    selector: { readonly target: string; readonly tenantId?: string },
    page: PageRequest,
  ): Promise<Page<PoolSlot>> {
    const operation = 'pool.list';
    const { target, tenantId } = selector;
    this.validation.poolSelector(operation, selector);
    const list = listName('sqlite.pool', this.database.namespace, target, tenantId ?? null);
    const start = this.validation.position(operation, list, page, ['']);
    return this.database.read(operation, (access) =>
      pageOf<SlotRow, PoolSlot>(
        list,
        page,
        start,
        {
          after: (position, limit) => table.pageOfTarget(access, target, position, limit),
          positionOf: (slot) => [slot.slot_id],
          isShown: (slot) => countsUntil(slot) > access.now && (tenantId === undefined || slot.tenant_id === tenantId),
        },
        (slot) => viewOf(slot, access.now),
      ),
    );
  }

  private async withSlot<T>(
    operation: string,
    held: PoolLease,
    change: (access: Access, slot: SlotRow) => T,
  ): Promise<Result<T, 'lost'>> {
    return this.database.write(operation, (access): Result<T, 'lost'> => {
      const slot = table.heldBy(access, held);
      return slot === undefined ? refused('lost') : ok(change(access, slot));
    });
  }
}

function reserved(access: Access, request: PoolRequest): SlotRow {
  return table.insert(access, {
    slot_id: randomUUID(),
    target: request.key.target,
    tenant_id: request.key.tenantId,
    identity: request.key.identity,
    session_id: null,
    ...UNLEASED,
    fencing_token: 0,
    dirty: 0,
    draining: 0,
    opened_at: null,
    usable_until: null,
    retire_at: null,
    alive_until: access.now + request.leaseTtlMs + request.aliveForMs,
    used: 0,
  });
}

function lease(access: Access, slot: SlotRow, taker: Taker): PoolLease {
  const leased = table.replace(access, {
    ...slot,
    lease_id: taker.leaseId,
    holder: taker.holder,
    lease_expires_at: access.now + taker.leaseTtlMs,
    recovered: stateOf(slot, access.now) === 'abandoned' ? 1 : 0,
    fencing_token: next(access, 'fencing_token'),
  });
  return leaseOf(leased, taker.leaseId);
}

function renewed(access: Access, renewal: PoolRenewal, leaseTtlMs: number): RenewedLease {
  const { lease: held, lifetime, dirty = false } = renewal;
  const slot = table.heldBy(access, held);
  if (slot === undefined) return refused('lost');
  const opening = slot.session_id === null;
  const after = table.replace(access, {
    ...table.used(access, slot),
    lease_expires_at: access.now + leaseTtlMs,
    usable_until: opening ? null : access.now + lifetime.usableForMs,
    alive_until: access.now + lifetime.aliveForMs + (opening ? leaseTtlMs : 0),
    dirty: dirty ? 1 : slot.dirty,
  });
  return ok({ lease: leaseOf(after, held.leaseId), wanted: table.isWanted(access, after) });
}
