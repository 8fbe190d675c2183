import { ok, refused } from '@mooring/session-store';
import type { EpochMs, Lease, LeaseStore, Result } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { corrupt } from './errors.ts';
import type { Keys } from './keys.ts';
import type { DynamoTable, Written } from './table/dynamo-table.ts';
import type { Item } from './table/item.ts';

const MOST_ROUNDS = 8;
/** How long an ended lease is remembered. A token is the time in microseconds at first, so one of later is higher. */
const KEPT_S = 86_400;

/** How long a fence counts that was passed without the lease. */
const UNHELD_FENCE_MS = 1000;

const FREE = 'attribute_not_exists(fencingToken) OR leaseEndsAt <= :now';
const MINE = 'holder = :holder AND leaseEndsAt > :now';
const STILL_MINE = `${MINE} AND fencingToken = :token`;
/** Neither the lease nor a sweep has seen a higher one. */
const HIGHEST =
  '(attribute_not_exists(fence) OR fence <= :token) AND (attribute_not_exists(fencingToken) OR fencingToken <= :token)';

/** A lease is an item; its token counts in it. */
export class DynamoLeases implements LeaseStore {
  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {}

  async acquire(name: string, holder: string, ttlMs: number): Promise<Result<Lease, 'held'>> {
    const operation = 'leases.acquire';
    this.validation.leaseRequest(operation, name, holder, ttlMs);
    const key = this.keys.lease(name);
    let isMine = false;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const now = this.table.now();
      const written = await this.table.update(operation, {
        key,
        change: isMine
          ? 'SET leaseEndsAt = :ends, collectAt = :collectAt'
          : 'SET leaseEndsAt = :ends, collectAt = :collectAt, holder = :holder, fencingToken = if_not_exists(fencingToken, :first) + :one',
        when: isMine ? MINE : FREE,
        values: { now, holder, ends: now + ttlMs, collectAt: collectAtOf(now + ttlMs), first: now * 1000, one: 1 },
      });
      if (written.done) return ok(leaseOf(operation, name, written.item));
      const { current } = written;
      isMine = current?.['holder'] === holder && endOf(operation, current) > now;
      if (!isMine && current !== undefined && endOf(operation, current) > now) return refused('held');
    }
    // In each round somebody had it.
    return refused('held');
  }

  async renew(lease: Lease, ttlMs: number): Promise<Result<Lease, 'lost'>> {
    const operation = 'leases.renew';
    this.validation.duration(operation, 'ttlMs', ttlMs);
    const written = await this.extend(operation, lease, ttlMs);
    return written.done ? ok(leaseOf(operation, lease.name, written.item)) : refused('lost');
  }

  async release(lease: Lease): Promise<Result<null, 'lost'>> {
    const written = await this.extend('leases.release', lease, 'over');
    // When an answer was lost, it is this release that the condition met, or the lease is lost: it is given up either way.
    return written.done || written.isUncertain ? ok(null) : refused('lost');
  }

  /**
   * Remembers the highest token that was seen. Answers until when nobody else can have the lease, or nothing when there
   * was a higher one.
   */
  async passFence(operation: string, name: string, token: number): Promise<EpochMs | undefined> {
    const now = this.table.now();
    const written = await this.table.update(operation, {
      key: this.keys.lease(name),
      change: 'SET fence = :token, collectAt = :collectAt',
      when: HIGHEST,
      values: { token, collectAt: collectAtOf(now) },
      current: false,
    });
    if (!written.done) return undefined;
    const endsAt = written.item['fencingToken'] === token ? endOf(operation, written.item) : now;
    return endsAt > now ? endsAt : now + UNHELD_FENCE_MS;
  }

  /** `over`: by any clock. */
  private async extend(operation: string, lease: Lease, ttlMs: number | 'over'): Promise<Written> {
    const { name, holder, fencingToken: token } = lease;
    this.validation.lease(operation, lease);
    const now = this.table.now();
    const ends = ttlMs === 'over' ? 0 : now + ttlMs;
    return this.table.update(operation, {
      key: this.keys.lease(name),
      change: 'SET leaseEndsAt = :ends, collectAt = :collectAt',
      when: STILL_MINE,
      values: { now, holder, token, ends, collectAt: collectAtOf(Math.max(now, ends)) },
      current: false,
    });
  }
}

function collectAtOf(endsAt: EpochMs): number {
  return Math.ceil(endsAt / 1000) + KEPT_S;
}

function endOf(operation: string, item: Item): EpochMs {
  // A fence may have come before any lease.
  const { leaseEndsAt = 0 } = item;
  if (typeof leaseEndsAt !== 'number') throw corrupt(operation, 'a lease has no deadline');
  return leaseEndsAt;
}

function leaseOf(operation: string, name: string, item: Item): Lease {
  const { holder, fencingToken, leaseEndsAt } = item;
  if (typeof holder !== 'string' || typeof fencingToken !== 'number' || typeof leaseEndsAt !== 'number') {
    throw corrupt(operation, 'a lease lacks a part');
  }
  return { name, holder, fencingToken, expiresAt: leaseEndsAt };
}
