import type { EpochMs, PoolKey, PoolLease, SessionLifetime } from '@mooring/session-store';
import type { WarehouseOptions } from '../options.ts';
import type { StatementEffect } from '../sql/statement-effect.ts';

/** The end of a statement is known to lie within one call, which is a long poll of 30 s at most, and its way. */
const LONGEST_CALL_MS = 45_000;

/**
 * A session, or a slot to open one in, that this process leased. Its deadlines are by this process's clock and on the
 * safe side: the lease counts from before it was asked for. Until when it may be used, the keep-alive counts from before
 * the end of the last statement; until when it may be open, from after.
 */
export class HeldSession {
  /** What statements left in it since it was clean. */
  left: StatementEffect = 'pure';
  /** The store knows it as changed, which it never forgets: nobody else may have it. */
  marked = false;
  /** The lease is another's by now, or may be. */
  lost = false;
  idleSince: EpochMs;
  heldSince: EpochMs;
  /** When what runs in it must have ended; undefined while nothing does. */
  private busyUntil: EpochMs | undefined;
  /** The warehouse has closed it by then, unless something runs in it. */
  private openUntil: EpochMs;

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
    this.openUntil = now + Math.max(0, usableUntil - now) + options.keepAliveMarginMs + options.reapDelayMs;
    if (lease.sessionId !== null) this.openUntil += LONGEST_CALL_MS;
  }

  get key(): PoolKey {
    return this.lease.key;
  }

  get sessionId(): string | null {
    return this.lease.sessionId;
  }

  /** Something begins to run in it, or may: until it is `used` nobody knows when the keep-alive starts. */
  runs(until: EpochMs): void {
    this.busyUntil = until;
  }

  /** A statement ended between `endedNotBefore` and `now`. */
  used(endedNotBefore: EpochMs, now: EpochMs): void {
    this.usableUntil = Math.max(
      this.usableUntil,
      endedNotBefore + this.options.keepAliveSeconds * 1000 - this.options.keepAliveMarginMs,
    );
    this.openUntil = Math.max(this.openUntil, now + this.options.keepAliveSeconds * 1000 + this.options.reapDelayMs);
    this.busyUntil = undefined;
  }

  heldUntil(now: EpochMs): boolean {
    return !this.lost && now < this.leaseUntil;
  }

  /** Whether a call may go into it: one that is on its way for a third of the lease still comes while it lasts. */
  mayCall(now: EpochMs): boolean {
    return this.heldUntil(now + this.options.leaseTtlMs / 3);
  }

  usable(now: EpochMs): boolean {
    return now < this.usableUntil && now < this.retireAt;
  }

  /** Unused for longer than the warehouse keeps a session, also one that a client pinned and forgot. */
  gone(now: EpochMs): boolean {
    return this.sessionId !== null && this.busyUntil === undefined && now >= this.openUntil;
  }

  /**
   * What the store should know while this process has it: more statements may run in it before the lease ends, and the
   * process die without a word of them.
   */
  heldLifetime(now: EpochMs): SessionLifetime {
    const { leaseTtlMs, statementTimeoutMs, keepAliveSeconds, reapDelayMs } = this.options;
    const { usableForMs, aliveForMs } = this.lifetime(now);
    const atMostMs = leaseTtlMs + statementTimeoutMs + keepAliveSeconds * 1000 + reapDelayMs;
    return { usableForMs, aliveForMs: Math.max(aliveForMs, atMostMs) };
  }

  /** What the store should know: while a statement runs, the keep-alive starts when that ends. */
  lifetime(now: EpochMs): SessionLifetime {
    const { keepAliveSeconds, keepAliveMarginMs, reapDelayMs } = this.options;
    const keepAliveMs = keepAliveSeconds * 1000;
    const { busyUntil } = this;
    if (busyUntil === undefined) {
      return {
        usableForMs: Math.max(0, Math.floor(this.usableUntil - now)),
        aliveForMs: Math.max(0, Math.ceil(this.openUntil - now)),
      };
    }
    return {
      usableForMs: keepAliveMs - keepAliveMarginMs,
      aliveForMs: Math.ceil(Math.max(busyUntil, now) - now + keepAliveMs + reapDelayMs),
    };
  }
}
