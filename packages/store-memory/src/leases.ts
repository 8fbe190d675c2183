import { ok, refused } from '@mooring/session-store';
import type { EpochMs, Lease, LeaseStore, Result } from '@mooring/session-store';
import type { MemorySpace } from './memory-space.ts';
import type { Table } from './table.ts';

export class MemoryLeases implements LeaseStore {
  readonly rows: Table<Lease>;

  constructor(private readonly space: MemorySpace) {
    this.rows = space.table<Lease>({
      deadline: ({ expiresAt }) => expiresAt,
      characters: ({ holder }) => holder.length,
    });
  }

  async acquire(name: string, holder: string, ttlMs: number): Promise<Result<Lease, 'held'>> {
    const operation = 'leases.acquire';
    const now = this.space.enter(operation);
    const { validation } = this.space;
    validation.leaseRequest(operation, name, holder, ttlMs);
    const held = this.rows.get(name);
    const live = held !== undefined && held.expiresAt > now;
    if (live && held.holder !== holder) return refused('held');
    const fencingToken = live ? held.fencingToken : this.space.nextFencingToken();
    const lease: Lease = { name, holder, fencingToken, expiresAt: now + ttlMs };
    this.rows.grow(operation, name, lease);
    return ok({ ...lease });
  }

  async renew(lease: Lease, ttlMs: number): Promise<Result<Lease, 'lost'>> {
    const operation = 'leases.renew';
    const now = this.space.enter(operation);
    this.space.validation.lease(operation, lease);
    this.space.validation.duration(operation, 'ttlMs', ttlMs);
    const held = this.held(lease, now);
    if (held === undefined) return refused('lost');
    const renewed: Lease = { ...held, expiresAt: now + ttlMs };
    this.rows.put(lease.name, renewed);
    return ok({ ...renewed });
  }

  async release(lease: Lease): Promise<Result<null, 'lost'>> {
    const operation = 'leases.release';
    const now = this.space.enter(operation);
    this.space.validation.lease(operation, lease);
    const held = this.held(lease, now);
    if (held === undefined) return refused('lost');
    this.rows.put(lease.name, { ...held, expiresAt: now });
    return ok(null);
  }

  private held(lease: Lease, now: EpochMs): Lease | undefined {
    const held = this.rows.get(lease.name);
    const same = held?.holder === lease.holder && held.fencingToken === lease.fencingToken;
    return same && held.expiresAt > now ? held : undefined;
  }
}
