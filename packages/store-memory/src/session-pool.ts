import { ok, refused } from '@mooring/session-store';
import type {
  EpochMs,
  OpenedSession,
  Page,
  PageRequest,
  PoolKey,
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
import { keyOf } from './key.ts';
import type { MemorySpace } from './memory-space.ts';
import { pageOf } from './paging.ts';
import { UNLEASED, countsUntil, isUsable, leaseOf, stateOf, viewOf } from './pool-slot.ts';
import type { SlotRow } from './pool-slot.ts';
import { PoolWants } from './pool-wants.ts';
import { OwnerIndexes } from './sequence-index.ts';
import type { SequenceIndex } from './sequence-index.ts';
import type { Table } from './table.ts';

const STEP_ROWS = 500;

interface Taker {
  readonly holder: string;
  readonly leaseId: string;
  readonly leaseTtlMs: number;
}

export class MemorySessionPool implements SessionPoolStore {
  readonly rows: Table<SlotRow>;
  private readonly wants: PoolWants;
  private readonly ofTarget = new OwnerIndexes();
  private readonly ofKey = new OwnerIndexes();
  private used = 0;

  constructor(private readonly space: MemorySpace) {
    this.rows = space.table<SlotRow>({
      deadline: countsUntil,
      characters: (slot) => JSON.stringify(slot).length,
      removed: ({ key, sequence }) => {
        this.ofTarget.remove(key.target, sequence);
        this.ofKey.remove(ownerOf(key), sequence);
      },
    });
    this.wants = new PoolWants(space);
  }

  async acquire(request: PoolRequest): Promise<Result<PoolLease, PoolRefusal>> {
    const operation = 'pool.acquire';
    const now = this.space.enter(operation);
    this.space.validation.poolRequest(operation, request);
    const { key } = request;
    this.dropDead(now);
    const ofKey = [...this.slots(this.ofKey.of(ownerOf(key)))];
    const mine = ofKey.find((slot) => isLeasedBy(slot, request, now));
    if (mine !== undefined) return ok(leaseOf(mine, request.leaseId));

    const usable = ofKey.filter((slot) => isUsable(slot, now));
    const next =
      usedLast(usable.filter((slot) => stateOf(slot, now) === 'idle')) ??
      usedLast(usable.filter((slot) => stateOf(slot, now) === 'abandoned'));
    if (next !== undefined) {
      const aliveUntil = Math.max(next.aliveUntil, now + request.leaseTtlMs + request.aliveForMs);
      return ok(this.lease({ ...next, aliveUntil, used: ++this.used }, request, now));
    }

    const refusal = full(ofKey.length, this.ofTarget.of(key.target)?.size ?? 0, request);
    if (refusal !== undefined) {
      this.wants.remember(key, request.holder, refusal, now + request.leaseTtlMs);
      return refused(refusal);
    }
    return ok(this.reserve(operation, request, now));
  }

  async register(lease: PoolLease, session: OpenedSession): Promise<Result<PoolLease, 'lost'>> {
    const operation = 'pool.register';
    const now = this.space.enter(operation);
    this.space.validation.openedSession(operation, lease, session);
    const slot = this.held(lease, now);
    if (slot === undefined) return refused('lost');
    const registered = this.replace({
      ...slot,
      sessionId: session.sessionId,
      openedAt: now,
      usableUntil: now + session.usableForMs,
      aliveUntil: now + session.aliveForMs,
      retireAt: now + session.retireAfterMs,
      used: ++this.used,
    });
    return ok(leaseOf(registered, lease.leaseId));
  }

  async renew(renewals: readonly PoolRenewal[], leaseTtlMs: number): Promise<readonly RenewedLease[]> {
    const operation = 'pool.renew';
    const now = this.space.enter(operation);
    this.space.validation.poolRenewals(operation, renewals, leaseTtlMs);
    return renewals.map((renewal) => this.renewOne(renewal, leaseTtlMs, now));
  }

  async release(lease: PoolLease, lifetime: SessionLifetime): Promise<Result<null, 'lost'>> {
    const operation = 'pool.release';
    const now = this.space.enter(operation);
    this.space.validation.poolLease(operation, lease);
    this.space.validation.lifetime(operation, lifetime);
    const slot = this.held(lease, now);
    if (slot === undefined) return refused('lost');
    this.replace({
      ...slot,
      ...UNLEASED,
      usableUntil: slot.sessionId === null ? null : now + lifetime.usableForMs,
      aliveUntil: now + lifetime.aliveForMs,
      // Without a session there is nothing to give out, only a slot in which one may still open.
      draining: slot.sessionId === null,
      used: ++this.used,
    });
    return ok(null);
  }

  async discard(lease: PoolLease, aliveForMs: number): Promise<Result<null, 'lost'>> {
    const operation = 'pool.discard';
    const now = this.space.enter(operation);
    this.space.validation.poolLease(operation, lease);
    this.space.validation.duration(operation, 'aliveForMs', aliveForMs, 0);
    const slot = this.held(lease, now);
    if (slot === undefined) return refused('lost');
    if (aliveForMs === 0) this.rows.delete(slotKey(slot.key.target, slot.slotId));
    else this.replace({ ...slot, ...UNLEASED, draining: true, aliveUntil: now + aliveForMs });
    return ok(null);
  }

  async reclaim(request: { readonly target: string } & Taker): Promise<Result<PoolLease, 'none_idle'>> {
    const operation = 'pool.reclaim';
    const now = this.space.enter(operation);
    this.space.validation.reclaim(operation, request);
    this.dropDead(now);
    const slots = [...this.slots(this.ofTarget.of(request.target))];
    const mine = slots.find((slot) => isLeasedBy(slot, request, now));
    if (mine !== undefined) return ok(leaseOf(mine, request.leaseId));
    const closable = slots.filter((slot) => slot.sessionId !== null && slot.aliveUntil > now);
    const next =
      usedFirst(closable.filter((slot) => stateOf(slot, now) === 'idle')) ??
      usedFirst(closable.filter((slot) => slot.dirty && stateOf(slot, now) === 'abandoned'));
    return next === undefined ? refused('none_idle') : ok(this.lease(next, request, now));
  }

  async list(
    selector: { readonly target: string; readonly tenantId?: string },
    page: PageRequest,
  ): Promise<Page<PoolSlot>> {
    const operation = 'pool.list';
    const now = this.space.enter(operation);
    const { validation, namespace } = this.space;
    const { target, tenantId } = selector;
    validation.poolSelector(operation, selector);
    const list = listName('memory.pool', namespace, target, tenantId ?? null);
    const [start] = validation.position(operation, list, page, [0]);
    this.dropDead(now);
    return pageOf(list, page, this.slots(this.ofTarget.of(target), start, tenantId), (slot) => viewOf(slot, now));
  }

  private renewOne({ lease, lifetime, dirty }: PoolRenewal, leaseTtlMs: number, now: EpochMs): RenewedLease {
    const slot = this.held(lease, now);
    if (slot === undefined) return refused('lost');
    const opening = slot.sessionId === null;
    const renewed = this.replace({
      ...slot,
      leaseExpiresAt: now + leaseTtlMs,
      usableUntil: opening ? null : now + lifetime.usableForMs,
      aliveUntil: now + lifetime.aliveForMs + (opening ? leaseTtlMs : 0),
      dirty: slot.dirty || (dirty ?? false),
      used: ++this.used,
    });
    return ok({ lease: leaseOf(renewed, lease.leaseId), wanted: this.wants.isWanted(renewed, now) });
  }

  private reserve(operation: string, request: PoolRequest, now: EpochMs): PoolLease {
    const sequence = this.space.nextSequence();
    const slot: SlotRow = {
      key: { target: request.key.target, tenantId: request.key.tenantId, identity: request.key.identity },
      slotId: `slot-${sequence}`,
      sequence,
      sessionId: null,
      ...UNLEASED,
      fencingToken: 0,
      dirty: false,
      draining: false,
      openedAt: null,
      usableUntil: null,
      retireAt: null,
      aliveUntil: now + request.leaseTtlMs + request.aliveForMs,
      used: ++this.used,
    };
    this.rows.insert(operation, slotKey(slot.key.target, slot.slotId), slot);
    this.ofTarget.add(slot.key.target, sequence, slotKey(slot.key.target, slot.slotId));
    this.ofKey.add(ownerOf(slot.key), sequence, slotKey(slot.key.target, slot.slotId));
    return this.lease(slot, request, now);
  }

  private lease(slot: SlotRow, taker: Taker, now: EpochMs): PoolLease {
    const leased = this.replace({
      ...slot,
      leaseId: taker.leaseId,
      holder: taker.holder,
      leaseExpiresAt: now + taker.leaseTtlMs,
      recovered: stateOf(slot, now) === 'abandoned',
      fencingToken: this.space.nextFencingToken(),
    });
    return leaseOf(leased, taker.leaseId);
  }

  /** Those of the index, in the order in which they were reserved. */
  private *slots(index: SequenceIndex | undefined, start = 0, tenantId?: string): Generator<SlotRow> {
    for (const key of index?.after(start) ?? []) {
      const slot = this.rows.get(key);
      if (slot !== undefined && (tenantId === undefined || slot.key.tenantId === tenantId)) yield slot;
    }
  }

  /** What is left counts: a slot whose time is over never counts again. */
  private dropDead(now: EpochMs): void {
    while (this.rows.sweep(now, STEP_ROWS).more);
  }

  private held(lease: PoolLease, now: EpochMs): SlotRow | undefined {
    const slot = this.rows.get(slotKey(lease.key.target, lease.slotId));
    if (slot === undefined || slot.leaseId !== lease.leaseId || slot.fencingToken !== lease.fencingToken)
      return undefined;
    return (slot.leaseExpiresAt ?? 0) > now ? slot : undefined;
  }

  private replace(slot: SlotRow): SlotRow {
    this.rows.put(slotKey(slot.key.target, slot.slotId), slot);
    return slot;
  }
}

function slotKey(target: string, slotId: string): string {
  return keyOf(target, slotId);
}

function ownerOf({ target, tenantId, identity }: PoolKey): string {
  return keyOf(target, tenantId, identity);
}

function isLeasedBy(slot: SlotRow, taker: Taker, now: EpochMs): boolean {
  return slot.leaseId === taker.leaseId && slot.holder === taker.holder && (slot.leaseExpiresAt ?? 0) > now;
}

function full(ofKey: number, ofTarget: number, request: PoolRequest): PoolRefusal | undefined {
  if (ofKey >= request.maxPerKey) return 'key_full';
  return ofTarget >= request.maxPerTarget ? 'target_full' : undefined;
}

function usedLast(slots: readonly SlotRow[]): SlotRow | undefined {
  return slots.reduce<SlotRow | undefined>(
    (last, slot) => (last === undefined || slot.used > last.used ? slot : last),
    undefined,
  );
}

function usedFirst(slots: readonly SlotRow[]): SlotRow | undefined {
  return slots.reduce<SlotRow | undefined>(
    (first, slot) => (first === undefined || slot.used < first.used ? slot : first),
    undefined,
  );
}
