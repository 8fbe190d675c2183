import type { EpochMs, PoolKey, PoolLease, SessionLifetime } from '@mooring/session-store';
import type { WarehouseOptions } from '../options.ts';
import type { StatementEffect } from '../sql/statement-effect.ts';

/**
 * A session, or a slot to open one in, that this process leased. Its deadlines are by this process's clock and on the
 * safe side: the lease counts from before it was asked for, the keep-alive from before the end of the last statement
 * was seen.
 */
export class HeldSession {
  /** Statements must end by then; what it runs can't outlive it by more than the keep-alive. */
  busyUntil: EpochMs;
  /** What statements left in it since it was clean. */
  left: StatementEffect = 'pure';
  /** The store knows it as changed, which it never forgets: nobody else may have it. */
  marked = false;
  /** The lease is another's by now, or may be. */
  lost = false;
  idleSince: EpochMs;
  heldSince: EpochMs;

  constructor(
    public lease: PoolLease,
    public leaseUntil: EpochMs,
    public usableUntil: EpochMs,
    public retireAt: EpochMs,
    now: EpochMs,
    private readonly options: WarehouseOptions,
  ) {
    this.idleSince = now;
    this.heldSince = now;
    this.busyUntil = now;
  }

  get key(): PoolKey {
    return this.lease.key;
  }

  get sessionId(): string | null {
    return this.lease.sessionId;
  }

  /** A statement ended at `endedNotBefore` or later: the keep-alive counts from there. */
  used(endedNotBefore: EpochMs): void {
    this.usableUntil = Math.max(
      this.usableUntil,
      endedNotBefore + this.options.keepAliveSeconds * 1000 - this.options.keepAliveMarginMs,
    );
    this.busyUntil = endedNotBefore;
  }

  heldUntil(now: EpochMs): boolean {
    return !this.lost && now < this.leaseUntil;
  }

  usable(now: EpochMs): boolean {
    return now < this.usableUntil && now < this.retireAt;
  }

  /** Unused for longer than the warehouse keeps a session, also one that a client pinned and forgot. */
  gone(now: EpochMs): boolean {
    const { keepAliveMarginMs, reapDelayMs } = this.options;
    const idle = this.sessionId !== null && now >= this.busyUntil;
    return idle && now >= this.usableUntil + keepAliveMarginMs + reapDelayMs;
  }

  /** What the store should know: while a statement runs, the keep-alive starts when that ends. */
  lifetime(now: EpochMs): SessionLifetime {
    const { keepAliveSeconds, keepAliveMarginMs, reapDelayMs } = this.options;
    const busyMs = Math.max(0, this.busyUntil - now);
    const idleMs = busyMs > 0 ? keepAliveSeconds * 1000 - keepAliveMarginMs : this.usableUntil - now;
    return {
      usableForMs: Math.max(0, Math.floor(idleMs)),
      aliveForMs: Math.max(0, Math.ceil(busyMs + Math.max(0, idleMs) + keepAliveMarginMs + reapDelayMs)),
    };
  }
}
