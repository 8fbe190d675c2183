import assert from 'node:assert/strict';
import type { Lease, PoolLease, PoolRequest, Reservation, StoreBackend } from '@mooring/session-store';
import { countOf, refusedAs } from '../expectations.ts';
import { DAY_MS, allPages, poolRequest } from '../samples.ts';
import { eventually, fresh } from './process-harness.ts';
import type { ProcessHarness } from './process-harness.ts';

const TTL_MS = 800;
const CAP = 100;
const SLOTS = 3;

/** What a client held for a short while when it was lost. Its times are the store's own. */
export class BriefHoldings {
  private readonly tenantId = fresh('tenant');
  private readonly target = fresh('warehouse');
  private readonly leases: Lease[] = [];
  private readonly reservations: Reservation[] = [];
  private readonly slots: PoolLease[] = [];

  constructor(private readonly harness: ProcessHarness) {}

  async take(store: StoreBackend): Promise<void> {
    const lease = await store.leases.acquire(fresh('lease'), 'lost', TTL_MS);
    if (lease.ok) this.leases.push(lease.value);
    const reserved = await this.reserve(store, 1);
    if (reserved.ok) this.reservations.push(reserved.value);
    const slot = await this.acquire(store);
    if (!slot.ok) return;
    this.slots.push(slot.value);
    const session = { sessionId: fresh('session'), usableForMs: DAY_MS, aliveForMs: DAY_MS, retireAfterMs: DAY_MS };
    if (slot.value.sessionId === null && this.slots.length % 2 === 0) await store.pool.register(slot.value, session);
  }

  areManifold(): Promise<void> {
    return eventually(
      this.harness,
      'leases, reservations and all slots',
      () => this.leases.length >= 20 && this.reservations.length >= 20 && this.slots.length >= SLOTS,
    );
  }

  async verifyReturn(store: StoreBackend): Promise<void> {
    await this.slotsReturn(store);
    await this.reservationsReturn(store);
    for (const lease of this.leases.slice(-10)) await this.leaseReturns(store, lease);
  }

  private reserve(store: StoreBackend, amount: number) {
    const scopes = [{ name: 'month', limit: CAP, endsAt: Date.now() + DAY_MS }];
    const request = { tenantId: this.tenantId, scopes, amount, ttlMs: TTL_MS };
    return store.budgets.reserve({ ...request, reservationId: fresh('reservation') });
  }

  private acquire(store: StoreBackend, change: Partial<PoolRequest> = {}) {
    const key = { target: this.target, tenantId: this.tenantId, identity: 'reader' };
    const caps = { maxPerKey: SLOTS, maxPerTarget: SLOTS, leaseTtlMs: TTL_MS, aliveForMs: TTL_MS };
    return store.pool.acquire(poolRequest({ key, ...caps, leaseId: fresh('lease'), holder: 'lost', ...change }));
  }

  private async leaseReturns(store: StoreBackend, lost: Lease): Promise<void> {
    await eventually(this.harness, 'the lease of a lost client ends', async () => {
      const taken = await store.leases.acquire(lost.name, 'other', TTL_MS);
      if (!taken.ok) return false;
      assert.ok(taken.value.expiresAt - TTL_MS >= lost.expiresAt, 'a lease was taken over before its time');
      assert.ok(taken.value.fencingToken > lost.fencingToken, 'the fencing token did not grow');
      return true;
    });
  }

  /** The whole budget is free again only when no reservation is left. */
  private async reservationsReturn(store: StoreBackend): Promise<void> {
    await eventually(this.harness, 'the reservations of a lost client return', async () => {
      const whole = await this.reserve(store, CAP);
      if (!whole.ok) return false;
      const takenAt = whole.value.expiresAt - TTL_MS;
      const early = countOf(this.reservations, ({ expiresAt }) => expiresAt > takenAt);
      assert.equal(early, 0, `${early} reservations were given away before their time`);
      return true;
    });
  }

  private async slotsReturn(store: StoreBackend): Promise<void> {
    const taken: PoolLease[] = [];
    await eventually(this.harness, 'the slots of a lost client return', async () => {
      const slots = await allPages(100, (page) => store.pool.list({ target: this.target }, page));
      assert.ok(slots.length <= SLOTS, `${slots.length} slots under a cap of ${SLOTS}`);
      const slot = await this.acquire(store, { holder: 'other', leaseTtlMs: DAY_MS });
      if (!slot.ok) {
        refusedAs(slot, 'key_full');
        return false;
      }
      taken.push(slot.value);
      const takenAt = slot.value.leaseExpiresAt - DAY_MS;
      const stillHeld = countOf(this.slots, ({ leaseExpiresAt }) => leaseExpiresAt > takenAt);
      assert.ok(taken.length + stillHeld <= SLOTS, 'a slot was given away before its time');
      if (slot.value.sessionId !== null) assert.ok(slot.value.recovered, 'a session came without a warning');
      return taken.length === SLOTS;
    });
    assert.equal(new Set(taken.map(({ slotId }) => slotId)).size, SLOTS);
  }
}
