import assert from 'node:assert/strict';
import type { EpochMs, PoolKey, PoolLease, StoreBackend } from '@mooring/session-store';
import { accepted, refusedAs } from '../expectations.ts';
import type { ManualClock } from '../manual-clock.ts';
import { allPages } from '../samples.ts';
import type { PoolCommand } from './pool-commands.ts';
import { PoolModel } from './pool-model.ts';
import type { ModelSlot } from './pool-model.ts';

const TTL_MS = 500;
const OPENING_MS = 2000;
const LIFE = { usableForMs: 1000, aliveForMs: 1500 };

type On<Do extends PoolCommand['do']> = Extract<PoolCommand, { readonly do: Do }>;

/** Does each command to the store and to the model, and compares the answers. A millisecond passes before each. */
export class PoolRun {
  private readonly model = new PoolModel();
  private readonly leases: {
    readonly lease: PoolLease;
    readonly request: Parameters<StoreBackend['pool']['acquire']>[0] | null;
  }[] = [];
  private highestToken = 0;
  private names = 0;

  constructor(
    private readonly store: StoreBackend,
    private readonly clock: ManualClock,
    private readonly target: string,
  ) {}

  async step(command: PoolCommand): Promise<void> {
    await this.clock.advance(1 + (command.do === 'wait' ? command.ms : 0));
    const now = this.clock.now();
    switch (command.do) {
      case 'wait':
        return;
      case 'sweep':
        accepted(await this.store.sweep({ target: 'pool', limit: 1000 }));
        return;
      case 'list':
        return this.list(now);
      case 'acquire':
        return this.acquire(command, now);
      case 'reclaim':
        return this.reclaim(now);
      default:
        return this.onLease(command, now);
    }
  }

  private keyOf(number: number): PoolKey {
    return {
      target: this.target,
      tenantId: number === 2 ? 'globex' : 'acme',
      identity: number === 1 ? 'writer' : 'reader',
    };
  }

  private async acquire({ key: number, holder, maxPerKey, maxPerTarget }: On<'acquire'>, now: EpochMs): Promise<void> {
    const key = this.keyOf(number);
    const leaseId = `lease-${++this.names}`;
    const request = { key, holder, leaseId, leaseTtlMs: TTL_MS, maxPerKey, maxPerTarget, aliveForMs: OPENING_MS };
    const expected = this.model.acquire(key, maxPerKey, maxPerTarget, now);
    const result = await this.store.pool.acquire(request);
    if ('refusal' in expected) return refusedAs(result, expected.refusal);
    const lease = accepted(result);
    this.leases.unshift({ lease, request });
    if ('slots' in expected) {
      const slot = this.taken(lease, holder, expected, now);
      slot.aliveUntil = Math.max(slot.aliveUntil, now + TTL_MS + OPENING_MS);
      return;
    }
    assert.deepEqual([lease.sessionId, lease.recovered], [null, false]);
    assert.ok(!this.model.slots.some(({ slotId }) => slotId === lease.slotId), 'a slot id was used before');
    const slot: ModelSlot = {
      slotId: lease.slotId,
      key,
      sessionId: null,
      lease: null,
      dirty: false,
      draining: false,
      usableUntil: 0,
      retireAt: 0,
      aliveUntil: now + TTL_MS + OPENING_MS,
      releasedAt: 0,
    };
    this.model.slots.push(slot);
    this.taken(lease, holder, { slots: [slot], recovered: false }, now);
  }

  private async reclaim(now: EpochMs): Promise<void> {
    const request = { target: this.target, holder: 'closer', leaseId: `lease-${++this.names}`, leaseTtlMs: TTL_MS };
    const expected = this.model.reclaim(now);
    const result = await this.store.pool.reclaim(request);
    if (expected.slots.length === 0) return refusedAs(result, 'none_idle');
    const lease = accepted(result);
    this.leases.unshift({ lease, request: null });
    this.taken(lease, 'closer', expected, now);
  }

  private taken(
    lease: PoolLease,
    holder: string,
    expected: { readonly slots: readonly ModelSlot[]; readonly recovered: boolean },
    now: EpochMs,
  ): ModelSlot {
    const slot = expected.slots.find(({ slotId }) => slotId === lease.slotId);
    assert.ok(slot !== undefined, `leased ${String(lease.sessionId)}, which is not due`);
    assert.deepEqual(
      [lease.key, lease.sessionId, lease.recovered, lease.leaseExpiresAt],
      [slot.key, slot.sessionId, expected.recovered, now + TTL_MS],
    );
    assert.ok(lease.fencingToken > this.highestToken, 'the fencing token must grow');
    this.highestToken = lease.fencingToken;
    slot.lease = { id: lease.leaseId, holder, token: lease.fencingToken, endsAt: lease.leaseExpiresAt };
    return slot;
  }

  private async onLease(
    command: On<'register' | 'renew' | 'release' | 'retry' | 'discard'>,
    now: EpochMs,
  ): Promise<void> {
    const named = this.leases[command.lease];
    if (named === undefined) return;
    const { lease, request } = named;
    const slot = this.model.held(lease, now);
    const { pool } = this.store;
    switch (command.do) {
      case 'retry': {
        if (slot === undefined || request === null) return;
        const again = accepted(await pool.acquire(request));
        assert.deepEqual(
          [again.slotId, again.fencingToken, again.sessionId],
          [lease.slotId, lease.fencingToken, slot.sessionId],
        );
        return;
      }
      case 'register': {
        const { retireAfterMs } = command;
        if (slot !== undefined && slot.sessionId !== null) return;
        const sessionId = `session-${++this.names}`;
        const result = await pool.register(lease, { sessionId, ...LIFE, retireAfterMs });
        if (slot === undefined) return refusedAs(result, 'lost');
        assert.equal(accepted(result).sessionId, sessionId);
        Object.assign(slot, { sessionId, retireAt: now + retireAfterMs, ...lived(now) });
        return;
      }
      case 'renew': {
        const [answer] = await pool.renew([{ lease, lifetime: LIFE, dirty: command.dirty }], TTL_MS);
        assert.ok(answer !== undefined);
        if (slot === undefined) return refusedAs(answer, 'lost');
        assert.equal(accepted(answer).lease.leaseExpiresAt, now + TTL_MS);
        Object.assign(slot, lived(now), { dirty: slot.dirty || command.dirty });
        if (slot.sessionId === null) slot.aliveUntil += TTL_MS;
        if (slot.lease !== null) slot.lease.endsAt = now + TTL_MS;
        return;
      }
      case 'release': {
        const result = await pool.release(lease, LIFE);
        if (slot === undefined) return refusedAs(result, 'lost');
        accepted(result);
        Object.assign(slot, lived(now), { lease: null, releasedAt: now, draining: slot.sessionId === null });
        return;
      }
      case 'discard': {
        const result = await pool.discard(lease, command.aliveForMs);
        if (slot === undefined) return refusedAs(result, 'lost');
        accepted(result);
        Object.assign(slot, { lease: null, draining: true, aliveUntil: now + command.aliveForMs });
        return;
      }
    }
  }

  private async list(now: EpochMs): Promise<void> {
    const slots = await allPages(2, (page) => this.store.pool.list({ target: this.target }, page));
    const seen = slots.map((slot) => [slot.slotId, slot.state, slot.sessionId, slot.dirty, slot.aliveUntil]);
    const expected = this.model
      .counting(now)
      .map((slot) => [
        slot.slotId,
        this.model.state(slot, now),
        slot.sessionId,
        slot.dirty,
        Math.max(slot.aliveUntil, slot.lease?.endsAt ?? 0),
      ]);
    const byId = (one: unknown[], other: unknown[]): number => (String(one[0]) < String(other[0]) ? -1 : 1);
    assert.deepEqual(seen.toSorted(byId), expected.toSorted(byId));
  }
}

function lived(now: EpochMs): { readonly usableUntil: EpochMs; readonly aliveUntil: EpochMs } {
  return { usableUntil: now + LIFE.usableForMs, aliveUntil: now + LIFE.aliveForMs };
}
