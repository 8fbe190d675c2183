import { randomUUID } from 'node:crypto';
import { StoreError, ok, systemClock } from '@mooring/session-store';
import type { CancelTimer, Clock, EpochMs, Lease, LeaseStore, Result, SweepRequest } from '@mooring/session-store';

/** Two may fail in a row. */
const RENEWALS_PER_TTL = 4;

export interface LeaseRequest {
  readonly leases: LeaseStore;
  readonly name: string;
  readonly ttlMs: number;
  /** Default: a new name. With the same one, a request after a lost answer gets the same lease. */
  readonly holder?: string;
  readonly clock?: Clock;
}

/**
 * A lease that is renewed in the background while its work goes on. It counts from before it was asked for, so this
 * process knows that it is over no later than the others do: also one that was stopped for a while.
 */
export class HeldLease {
  private readonly loss = new AbortController();
  private cancelTimer: CancelTimer | undefined;
  private renewing = false;
  private released = false;

  private constructor(
    private readonly leases: LeaseStore,
    private readonly clock: Clock,
    private readonly ttlMs: number,
    private lease: Lease,
    private heldUntil: EpochMs,
  ) {
    this.renewLater();
  }

  /** @throws StoreError */
  static async acquire({
    leases,
    name,
    ttlMs,
    holder = randomUUID(),
    clock = systemClock,
  }: LeaseRequest): Promise<Result<HeldLease, 'held'>> {
    let sentAt = clock.now();
    const acquired = await leases.acquire(name, holder, ttlMs).catch((error: unknown) => {
      if (!(error instanceof StoreError) || error.outcome !== 'unknown') throw error;
      sentAt = clock.now();
      return leases.acquire(name, holder, ttlMs);
    });
    return acquired.ok ? ok(new HeldLease(leases, clock, ttlMs, acquired.value, sentAt + ttlMs)) : acquired;
  }

  get fencingToken(): number {
    return this.lease.fencingToken;
  }

  /** For a sweep: refused when another holder came after this one. */
  get fence(): NonNullable<SweepRequest['fence']> {
    return { lease: this.lease.name, fencingToken: this.lease.fencingToken };
  }

  /** Ask before each step: nothing may be begun once it is false. */
  get isHeld(): boolean {
    if (!this.released && this.clock.now() >= this.heldUntil) this.lose();
    return !this.released && !this.loss.signal.aborted;
  }

  /** Aborts when the lease is lost. */
  get lost(): AbortSignal {
    return this.loss.signal;
  }

  /** Another may have it at once. A store that can't be reached lets it end by itself. */
  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    this.cancelTimer?.();
    await this.leases.release(this.lease).catch(() => undefined);
  }

  private renewLater(): void {
    this.cancelTimer = this.clock.after(Math.floor(this.ttlMs / RENEWALS_PER_TTL), () => {
      if (!this.isHeld) return;
      this.renewLater();
      if (!this.renewing) void this.renew();
    });
  }

  private async renew(): Promise<void> {
    this.renewing = true;
    const sentAt = this.clock.now();
    try {
      const renewed = await this.leases.renew(this.lease, this.ttlMs);
      if (!renewed.ok) return this.lose();
      this.lease = renewed.value;
      this.heldUntil = sentAt + this.ttlMs;
    } catch {
      // Tried again, as long as there is something to renew.
    } finally {
      this.renewing = false;
    }
    return undefined;
  }

  private lose(): void {
    this.cancelTimer?.();
    if (!this.released) this.loss.abort();
  }
}
