import type { EpochMs } from './clock.ts';
import type { Page, PageRequest } from './page.ts';
import type { Result } from './result.ts';

/** What a pooled session may be shared over. Sessions with different keys are never exchanged. */
export interface PoolKey {
  /** Canonical name of the warehouse: what its limit on sessions counts. */
  readonly target: string;
  readonly tenantId: string;
  /** Database, database identity and init profile in canonical form. */
  readonly identity: string;
}

/** How long an unused session of the warehouse lives from now on, from both sides. */
export interface SessionLifetime {
  /** For so long a taker may expect it open: the keep-alive less a safety margin. */
  readonly usableForMs: number;
  /** After this it is certainly closed and its slot is free: the keep-alive plus the warehouse's delay. */
  readonly aliveForMs: number;
}

export interface PoolRequest {
  readonly key: PoolKey;
  /** The process that asks. */
  readonly holder: string;
  /** Names this lease. Acquiring again with it, while the lease lasts, answers the same lease: a retry is safe. */
  readonly leaseId: string;
  readonly leaseTtlMs: number;
  /** The most sessions of this key, over all processes: opening, idle, leased and draining ones. */
  readonly maxPerKey: number;
  /** The most sessions of the target over all keys and processes. */
  readonly maxPerTarget: number;
  /** How long the session could outlive a holder that dies while it opens it, or before it says anything of its use. */
  readonly aliveForMs: number;
}

/** A lease on a pooled session, or on a reserved slot to open one in (`sessionId` null). */
export interface PoolLease {
  readonly key: PoolKey;
  readonly slotId: string;
  readonly leaseId: string;
  readonly sessionId: string | null;
  readonly fencingToken: number;
  readonly leaseExpiresAt: EpochMs;
  /** The holder before did not give it back: a statement of it may still run, and then the warehouse refuses others. */
  readonly recovered: boolean;
  readonly openedAt: EpochMs | null;
  readonly usableUntil: EpochMs | null;
  /** When the session is too old to be given out again. */
  readonly retireAt: EpochMs | null;
}

export interface OpenedSession extends SessionLifetime {
  readonly sessionId: string;
  readonly retireAfterMs: number;
}

export interface PoolRenewal {
  readonly lease: PoolLease;
  readonly lifetime: SessionLifetime;
  /** Its state is not clean: `acquire` never gives it out again. Once set it stays. */
  readonly dirty?: boolean;
}

export type RenewedLease = Result<
  {
    readonly lease: PoolLease;
    /** Another holder was refused for want of a session of this key or target: give back what is not needed. */
    readonly wanted: boolean;
  },
  'lost'
>;

export type PoolSlotState = 'opening' | 'idle' | 'leased' | 'abandoned' | 'draining';

export interface PoolSlot {
  readonly key: PoolKey;
  readonly slotId: string;
  readonly state: PoolSlotState;
  readonly sessionId: string | null;
  readonly holder: string | null;
  readonly fencingToken: number;
  readonly dirty: boolean;
  readonly leaseExpiresAt: EpochMs | null;
  readonly openedAt: EpochMs | null;
  readonly usableUntil: EpochMs | null;
  readonly retireAt: EpochMs | null;
  /** The slot counts against the caps until then. */
  readonly aliveUntil: EpochMs;
}

export type PoolRefusal = 'key_full' | 'target_full';

/**
 * Sessions of a warehouse that processes share. A session has at most one holder; an opening is a reserved slot, so
 * the caps hold also while sessions open. A slot counts while its lease lasts or `aliveUntil` is ahead.
 */
export interface SessionPoolStore {
  /**
   * In this order: the idle session of the key that was used last; a session of the key whose holder let its lease end
   * (`recovered`, never a dirty one); a new slot, when both caps allow. What is given out counts for the lease and
   * `aliveForMs` at least, until the holder says more. A refusal is remembered for about one lease,
   * so that holders see `wanted`.
   */
  acquire(request: PoolRequest): Promise<Result<PoolLease, PoolRefusal>>;

  /** The holder opened a session in its slot. */
  register(lease: PoolLease, session: OpenedSession): Promise<Result<PoolLease, 'lost'>>;

  /** Extends leases of one target, all in one round trip. Answers one result for each, in order. */
  renew(renewals: readonly PoolRenewal[], leaseTtlMs: number): Promise<readonly RenewedLease[]>;

  /**
   * Gives the session back, clean and with nothing running in it. A slot in which none was registered drains: one may
   * still open in it.
   */
  release(lease: PoolLease, lifetime: SessionLifetime): Promise<Result<null, 'lost'>>;

  /** The session is closed (`aliveForMs` 0, the slot is free at once) or closing (the slot counts so long). */
  discard(lease: PoolLease, aliveForMs: number): Promise<Result<null, 'lost'>>;

  /**
   * Leases the idle session of the target that was not used for longest, or an abandoned dirty one, of any key: for the
   * caller to close it and make room. Never for running statements.
   */
  reclaim(request: {
    readonly target: string;
    readonly holder: string;
    readonly leaseId: string;
    readonly leaseTtlMs: number;
  }): Promise<Result<PoolLease, 'none_idle'>>;

  /** Slots that count, in a stable order: of a target, or of one tenant in it. */
  list(selector: { readonly target: string; readonly tenantId?: string }, page: PageRequest): Promise<Page<PoolSlot>>;
}

export const SessionPoolStore = Symbol('SessionPoolStore');
