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
import { encodeCursor, listName } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import type { Keys } from '../keys.ts';
import type { Script } from '../script.ts';
import type { RedisServer } from '../server.ts';
import { leaseOf, slotOf } from './pool-slot.ts';
import type { LeaseRow, SlotRow } from './pool-slot.ts';
import { ACQUIRE, DISCARD, LIST, RECLAIM, REGISTER, RELEASE, RENEW } from './scripts.ts';

/** The slots of a target are the fields of one hash, so that one script sees both caps. */
export class RedisSessionPool implements SessionPoolStore {
  constructor(
    private readonly server: RedisServer,
    private readonly keys: Keys,
    private readonly validation: Validation,
    private readonly namespace: string,
  ) {}

  async acquire(request: PoolRequest): Promise<Result<PoolLease, PoolRefusal>> {
    const operation = 'pool.acquire';
    this.validation.poolRequest(operation, request);
    const { key, holder, leaseId, leaseTtlMs, maxPerKey, maxPerTarget, aliveForMs } = request;
    const args = [
      key.tenantId,
      key.identity,
      holder,
      leaseId,
      leaseTtlMs,
      maxPerKey,
      maxPerTarget,
      aliveForMs,
      randomUUID(),
    ];
    const answer = await this.run(operation, ACQUIRE, key.target, args);
    const [outcome, row] = answer as readonly ['leased' | PoolRefusal, LeaseRow];
    return outcome === 'leased' ? ok(leaseOf(key.target, row)) : refused(outcome);
  }

  async register(lease: PoolLease, session: OpenedSession): Promise<Result<PoolLease, 'lost'>> {
    const operation = 'pool.register';
    this.validation.openedSession(operation, lease, session);
    const { sessionId, usableForMs, aliveForMs, retireAfterMs } = session;
    const args = [...held(lease), sessionId, usableForMs, aliveForMs, retireAfterMs];
    const row = (await this.run(operation, REGISTER, lease.key.target, args)) as LeaseRow | null;
    return row === null ? refused('lost') : ok(leaseOf(lease.key.target, row));
  }

  async renew(renewals: readonly PoolRenewal[], leaseTtlMs: number): Promise<readonly RenewedLease[]> {
    const operation = 'pool.renew';
    const target = this.validation.poolRenewals(operation, renewals, leaseTtlMs);
    if (target === undefined) return [];
    const args = renewals.flatMap(({ lease, lifetime, dirty = false }) => [
      ...held(lease),
      lifetime.usableForMs,
      lifetime.aliveForMs,
      dirty ? 1 : '',
    ]);
    const answer = await this.run(operation, RENEW, target, [leaseTtlMs, ...args]);
    return (answer as readonly (readonly [unknown, LeaseRow] | null)[]).map((renewed) => {
      if (renewed === null) return refused('lost');
      const [wanted, row] = renewed;
      return ok({ lease: leaseOf(target, row), wanted: Number(wanted) === 1 });
    });
  }

  async release(lease: PoolLease, lifetime: SessionLifetime): Promise<Result<null, 'lost'>> {
    const operation = 'pool.release';
    this.validation.poolLease(operation, lease);
    this.validation.lifetime(operation, lifetime);
    const args = [...held(lease), lifetime.usableForMs, lifetime.aliveForMs];
    const done = await this.run(operation, RELEASE, lease.key.target, args);
    return Number(done) === 1 ? ok(null) : refused('lost');
  }

  async discard(lease: PoolLease, aliveForMs: number): Promise<Result<null, 'lost'>> {
    const operation = 'pool.discard';
    this.validation.poolLease(operation, lease);
    this.validation.duration(operation, 'aliveForMs', aliveForMs, 0);
    const done = await this.run(operation, DISCARD, lease.key.target, [...held(lease), aliveForMs]);
    return Number(done) === 1 ? ok(null) : refused('lost');
  }

  async reclaim(request: {
    readonly target: string;
    readonly holder: string;
    readonly leaseId: string;
    readonly leaseTtlMs: number;
  }): Promise<Result<PoolLease, 'none_idle'>> {
    const operation = 'pool.reclaim';
    const { target, holder, leaseId, leaseTtlMs } = request;
    this.validation.reclaim(operation, request);
    const row = (await this.run(operation, RECLAIM, target, [holder, leaseId, leaseTtlMs])) as LeaseRow | null;
    return row === null ? refused('none_idle') : ok(leaseOf(target, row));
  }

  async list(
    selector: { readonly target: string; readonly tenantId?: string },
    page: PageRequest,
  ): Promise<Page<PoolSlot>> {
    const operation = 'pool.list';
    const { target, tenantId } = selector;
    this.validation.poolSelector(operation, selector);
    const list = listName('redis.pool', this.namespace, target, tenantId ?? null);
    const [after] = this.validation.position(operation, list, page, ['']);
    const answer = await this.run(operation, LIST, target, [tenantId ?? '', after, page.limit + 1]);
    const items = (answer as readonly SlotRow[]).map((row) => slotOf(target, row));
    if (items.length <= page.limit) return { items };
    const shown = items.slice(0, page.limit);
    return { items: shown, cursor: encodeCursor(list, [shown.at(-1)?.slotId ?? '']) };
  }

  private run(operation: string, script: Script, target: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.server.run(operation, script, this.keys.pool(target), args);
  }
}

function held({ slotId, leaseId, fencingToken }: PoolLease): (string | number)[] {
  return [slotId, leaseId, fencingToken];
}
