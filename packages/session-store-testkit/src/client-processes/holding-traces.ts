import assert from 'node:assert/strict';
import type { Lease, PoolLease, StoreBackend } from '@mooring/session-store';
import { accepted, refusedAs } from '../expectations.ts';
import { DAY_MS, allPages, poolRequest } from '../samples.ts';
import { fresh } from './process-harness.ts';
import { Trace } from './trace.ts';

/** Leases of a day, each under a name of its own. */
export class LeaseTrace extends Trace {
  private readonly held: Lease[] = [];

  constructor(tenantId: string) {
    super('leases', tenantId);
  }

  async step({ leases }: StoreBackend): Promise<void> {
    this.held.push(accepted(await this.ask(leases.acquire(fresh('lease'), 'lost', DAY_MS))));
  }

  async verify({ leases }: StoreBackend, survived: boolean): Promise<void> {
    for (const { name, fencingToken } of this.held) {
      const result = await leases.acquire(name, 'other', DAY_MS);
      if (survived) refusedAs(result, 'held');
      else if (result.ok) assert.ok(result.value.fencingToken > fencingToken, 'a fencing token came again');
    }
  }
}

const LIFETIMES = { usableForMs: DAY_MS, aliveForMs: DAY_MS };
const CAPS = { maxPerKey: 6, maxPerTarget: 6 };

/** Slots of a warehouse: taken, opened, and some of them given back. */
export class PoolTrace extends Trace {
  readonly target = fresh('warehouse');
  /** By slot, the lease that is certainly held. */
  private readonly held = new Map<string, PoolLease>();

  constructor(tenantId: string) {
    super('pool', tenantId);
  }

  async step({ pool }: StoreBackend): Promise<void> {
    const gives = this.held.size >= CAPS.maxPerKey / 2;
    const key = { target: this.target, tenantId: this.tenantId, identity: 'reader' };
    const request = poolRequest({ key, ...CAPS, leaseTtlMs: DAY_MS, leaseId: fresh('lease') });
    const taken = await this.ask(pool.acquire(request));
    if (!taken.ok) return refusedAs(taken, 'key_full');
    const session = { sessionId: fresh('session'), ...LIFETIMES, retireAfterMs: DAY_MS };
    const lease =
      taken.value.sessionId === null ? accepted(await this.ask(pool.register(taken.value, session))) : taken.value;
    if (gives) accepted(await this.ask(pool.release(lease, LIFETIMES)));
    else this.held.set(lease.slotId, lease);
  }

  async verify({ pool }: StoreBackend, survived: boolean): Promise<void> {
    const slots = await allPages(100, (page) => pool.list({ target: this.target }, page));
    assert.ok(slots.length <= CAPS.maxPerKey, `${slots.length} slots`);
    if (!survived) return;
    for (const [slotId, lease] of this.held) {
      const slot = slots.find((candidate) => candidate.slotId === slotId);
      assert.equal(slot?.sessionId, lease.sessionId, 'a slot was lost');
      const [renewed] = await pool.renew([{ lease, lifetime: LIFETIMES }], DAY_MS);
      assert.ok(renewed?.ok, 'a lease of a slot was lost');
    }
  }
}
