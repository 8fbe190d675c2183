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
import { encodeCursor, listName } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import { Documents } from '../documents/documents.ts';
import type { Decide } from '../documents/documents.ts';
import type { Keys } from '../keys.ts';
import type { DynamoTable } from '../table/dynamo-table.ts';
import { UNLEASED, isOfKey, leaseOf, viewOf } from './pool-slot.ts';
import type { Slot } from './pool-slot.ts';
import {
  POOL,
  closableOf,
  counting,
  fullness,
  heldSlot,
  isWanted,
  leased,
  leasedBy,
  nextOf,
  reserved,
  wanting,
  withSlot,
  withoutSlot,
  taken,
} from './pool-state.ts';
import type { PoolState } from './pool-state.ts';

/** The slots of a target are one document, so that one decision sees both caps. */
export class DynamoSessionPool implements SessionPoolStore {
  private readonly pools: Documents<PoolState>;

  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly validation: Validation,
    private readonly namespace: string,
  ) {
    this.pools = new Documents(table, POOL);
  }

  async acquire(request: PoolRequest): Promise<Result<PoolLease, PoolRefusal>> {
    const operation = 'pool.acquire';
    this.validation.poolRequest(operation, request);
    const { key, leaseId } = request;
    const given = (slot: Slot): Result<PoolLease, PoolRefusal> => ok(leaseOf(key.target, slot, leaseId));
    return this.change<Result<PoolLease, PoolRefusal>>(operation, key.target, (state, now) => {
      const ofTarget = counting(state, now);
      const ofKey = ofTarget.filter((slot) => isOfKey(slot, key));
      const mine = leasedBy(ofKey, request, now);
      if (mine !== undefined) return { answer: given(mine) };
      const next = nextOf(ofKey, now);
      const refusal = next === undefined ? fullness(ofKey.length, ofTarget.length, request) : undefined;
      if (refusal !== undefined) return { answer: refused(refusal), next: wanting(state, request, refusal, now) };
      const [after, slot] = next === undefined ? reserved(state, request, now) : taken(state, next, request, now);
      return { answer: given(slot), next: after };
    });
  }

  async register(lease: PoolLease, session: OpenedSession): Promise<Result<PoolLease, 'lost'>> {
    const operation = 'pool.register';
    this.validation.openedSession(operation, lease, session);
    const { target } = lease.key;
    return this.change<Result<PoolLease, 'lost'>>(operation, target, (state, now) => {
      const slot = heldSlot(state, lease, now);
      if (slot === undefined) return { answer: refused('lost') };
      const [next, registered] = withSlot(
        state,
        {
          ...slot,
          sessionId: session.sessionId,
          openedAt: now,
          usableUntil: now + session.usableForMs,
          aliveUntil: now + session.aliveForMs,
          retireAt: now + session.retireAfterMs,
        },
        now,
      );
      return { answer: ok(leaseOf(target, registered, lease.leaseId)), next };
    });
  }

  async renew(renewals: readonly PoolRenewal[], leaseTtlMs: number): Promise<readonly RenewedLease[]> {
    const operation = 'pool.renew';
    const target = this.validation.poolRenewals(operation, renewals, leaseTtlMs);
    this.table.requireOpen(operation);
    if (target === undefined) return [];
    return this.change(operation, target, (before, now) => {
      let state = before;
      const answer = renewals.map(({ lease, lifetime, dirty = false }): RenewedLease => {
        const slot = heldSlot(state, lease, now);
        if (slot === undefined) return refused('lost');
        const opening = slot.sessionId === null;
        const [next, renewed] = withSlot(
          state,
          {
            ...slot,
            leaseExpiresAt: now + leaseTtlMs,
            usableUntil: opening ? null : now + lifetime.usableForMs,
            aliveUntil: now + lifetime.aliveForMs + (opening ? leaseTtlMs : 0),
            dirty: slot.dirty || dirty,
          },
          now,
        );
        state = next;
        return ok({ lease: leaseOf(target, renewed, lease.leaseId), wanted: isWanted(state, renewed, now) });
      });
      return { answer, next: state };
    });
  }

  async release(lease: PoolLease, lifetime: SessionLifetime): Promise<Result<null, 'lost'>> {
    const operation = 'pool.release';
    this.validation.lifetime(operation, lifetime);
    return this.giveUp(operation, lease, (state, slot, now) => {
      const [next] = withSlot(
        state,
        {
          ...slot,
          ...UNLEASED,
          usableUntil: slot.sessionId === null ? null : now + lifetime.usableForMs,
          aliveUntil: now + lifetime.aliveForMs,
          // Without a session there is nothing to give out, only a slot in which one may still open.
          draining: slot.sessionId === null,
        },
        now,
      );
      return next;
    });
  }

  async discard(lease: PoolLease, aliveForMs: number): Promise<Result<null, 'lost'>> {
    const operation = 'pool.discard';
    this.validation.duration(operation, 'aliveForMs', aliveForMs, 0);
    return this.giveUp(operation, lease, (state, slot, now) => {
      if (aliveForMs === 0) return withoutSlot(state, slot, now);
      const [next] = withSlot(state, { ...slot, ...UNLEASED, draining: true, aliveUntil: now + aliveForMs }, now);
      return next;
    });
  }

  async reclaim(request: {
    readonly target: string;
    readonly holder: string;
    readonly leaseId: string;
    readonly leaseTtlMs: number;
  }): Promise<Result<PoolLease, 'none_idle'>> {
    const operation = 'pool.reclaim';
    const { target, leaseId } = request;
    this.validation.reclaim(operation, request);
    return this.change<Result<PoolLease, 'none_idle'>>(operation, target, (state, now) => {
      const slots = counting(state, now);
      const mine = leasedBy(slots, request, now);
      if (mine !== undefined) return { answer: ok(leaseOf(target, mine, leaseId)) };
      const closable = closableOf(slots, now);
      if (closable === undefined) return { answer: refused('none_idle') };
      const [next, slot] = leased(state, closable, request, now);
      return { answer: ok(leaseOf(target, slot, leaseId)), next };
    });
  }

  async list(
    selector: { readonly target: string; readonly tenantId?: string },
    page: PageRequest,
  ): Promise<Page<PoolSlot>> {
    const operation = 'pool.list';
    const { target, tenantId } = selector;
    this.validation.poolSelector(operation, selector);
    const list = listName('dynamodb.pool', this.namespace, target, tenantId ?? null);
    const [after] = this.validation.position(operation, list, page, [-1]);
    const state = await this.pools.read(operation, this.keys.pool(target));
    const now = this.table.now();
    const left = counting(state, now).filter(
      (slot) => slot.sequence > after && (tenantId === undefined || slot.tenantId === tenantId),
    );
    const shown = left.slice(0, page.limit);
    const items = shown.map((slot) => viewOf(target, slot, now));
    const last = shown.at(-1);
    return left.length > shown.length && last !== undefined
      ? { items, cursor: encodeCursor(list, [last.sequence]) }
      : { items };
  }

  private async giveUp(
    operation: string,
    lease: PoolLease,
    change: (state: PoolState, slot: Slot, now: number) => PoolState,
  ): Promise<Result<null, 'lost'>> {
    this.validation.poolLease(operation, lease);
    return this.change<Result<null, 'lost'>>(operation, lease.key.target, (state, now) => {
      const slot = heldSlot(state, lease, now);
      return slot === undefined ? { answer: refused('lost') } : { answer: ok(null), next: change(state, slot, now) };
    });
  }

  private change<Answer>(operation: string, target: string, decide: Decide<PoolState, Answer>): Promise<Answer> {
    return this.pools.change(operation, this.keys.pool(target), decide);
  }
}
