import type { EpochMs } from './clock.ts';
import type { Page, PageRequest } from './page.ts';
import type { Result } from './result.ts';

/** SHA-256 of a verifier, base64url without padding (43 characters). The verifier itself never reaches a store. */
export type Digest = string;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type SessionData = { readonly [key: string]: JsonValue };

/** Where a session is: its tenant and its id, minted by `newSessionId`. */
export interface SessionRef {
  readonly tenantId: string;
  readonly id: string;
}

export interface SessionOwner {
  readonly tenantId: string;
  /** Absent or null: every session of the tenant. */
  readonly subjectId?: string | null;
}

export interface NewSession extends SessionRef {
  /** Who the session belongs to; null for an anonymous one. */
  readonly subjectId: string | null;
  readonly data: SessionData;
  /** Milliseconds without use after which the session is dead, 1 to 34,560,000,000 (400 days). */
  readonly idleTimeoutMs: number;
  /** Milliseconds after which the session is dead whatever its use, 1 to 34,560,000,000 (400 days). */
  readonly lifetimeMs: number;
  readonly verifier?: Digest | null;
}

/**
 * A session as a store keeps it. It is dead when `now >= idleExpiresAt` or `now >= absoluteExpiresAt`, to the
 * millisecond, or when it was revoked, or when it was authenticated at or before its subject's `notBefore`.
 */
export interface SessionRecord extends SessionRef {
  readonly subjectId: string | null;
  readonly data: SessionData;
  /** 1 at creation; grows by one with each `update` and `rotate`. `touch` leaves it. */
  readonly version: number;
  readonly createdAt: EpochMs;
  /** When the subject last proved who it is: creation, or a rotation with `reauthenticated`. */
  readonly authenticatedAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  readonly idleTimeoutMs: number;
  /** Slides with use, never past `absoluteExpiresAt`. */
  readonly idleExpiresAt: EpochMs;
  readonly absoluteExpiresAt: EpochMs;
  readonly verifier: Digest | null;
  readonly rotatedAt: EpochMs | null;
}

/** A session as a list shows it: everything but its verifier. */
export type SessionSummary = Omit<SessionRecord, 'verifier'>;

export type Liveness = 'not_found' | 'expired_idle' | 'expired_absolute' | 'revoked';

export interface CreateOptions {
  /** The most live sessions that the subject may have, this one included. Needs a subject. */
  readonly maxPerSubject?: number;
  /** At the maximum: refuse the new session (default), or revoke the oldest ones. */
  readonly onLimit?: 'reject' | 'evict-oldest';
  /**
   * `dead`: takes the place of a dead session with this id instead of refusing with `exists`; the version goes on from
   * that one's. For ids that stand for a name, such as a cache key. Needs a `subjectId` of null: a session of somebody
   * never comes back.
   */
  readonly replace?: 'dead';
}

export interface TouchOptions {
  /** The digest of the verifier that the caller holds. A session is never touched for a caller with a wrong one. */
  readonly presented?: Digest;
  /** How long after a rotation the previous verifier still counts. Default 0. */
  readonly graceMs?: number;
  /** No write when the session was seen less than this ago. Default 0: each touch writes. */
  readonly minIntervalMs?: number;
}

export interface TouchedSession {
  readonly session: SessionRecord;
  /** The caller holds the previous verifier, within its grace: a successor was issued already. */
  readonly superseded: boolean;
}

export interface SessionPatch {
  /** Replaces the data whole. */
  readonly data?: SessionData;
  /** Replaces the idle timeout and restarts it. */
  readonly idleTimeoutMs?: number;
}

export interface Rotation {
  readonly presented: Digest;
  readonly next: Digest;
  readonly graceMs: number;
  /** The subject proved who it is again: both timeouts restart and `authenticatedAt` moves; no grace is given. */
  readonly reauthenticated?: boolean;
}

export interface RevokeSelector {
  readonly tenantId: string;
  readonly subjectId: string;
  /** A session of the subject that stays alive (the one that asks). */
  readonly exceptId?: string;
}

/** How many retired verifiers a session remembers, to tell a stolen one from a random one. */
export const RETIRED_VERIFIERS_KEPT = 16;

/**
 * Sessions with idle and absolute expiry. Each operation is one round trip, and none but `create` inserts: a late
 * write can't bring a session back. Deadlines are computed with the store's clock.
 */
export interface SessionStore {
  /**
   * Refuses with `exists` for any id that was used before, also by a dead session that is not swept yet, unless
   * `replace` says otherwise.
   */
  create(session: NewSession, options?: CreateOptions): Promise<Result<SessionRecord, 'exists' | 'limit'>>;

  get(ref: SessionRef): Promise<Result<SessionRecord, Liveness>>;

  /**
   * Reads and slides the idle deadline. A `presented` digest must be the current one, or the previous one within
   * `graceMs`; an older or late retired one revokes the session (`reused`), any other is a `mismatch` and changes
   * nothing.
   */
  touch(ref: SessionRef, options?: TouchOptions): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>>;

  /** Compare-and-set: changes the session only at `expectedVersion`. Does not slide the idle deadline by itself. */
  update(
    ref: SessionRef,
    expectedVersion: number,
    patch: SessionPatch,
  ): Promise<Result<SessionRecord, Liveness | 'conflict'>>;

  /**
   * Replaces the verifier when `presented` is the current one. Of several rotations with one verifier exactly one
   * wins; the others answer `superseded` within the grace and change nothing. Reuse and mismatch are as in `touch`.
   */
  rotate(ref: SessionRef, rotation: Rotation): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>>;

  /** Leaves a tombstone until the absolute deadline. Revoking again answers the first time of revocation. */
  revoke(ref: SessionRef, reason: string): Promise<Result<{ readonly revokedAt: EpochMs }, 'not_found'>>;

  /**
   * Ends every session of a subject that was authenticated before now, by moving the subject's `notBefore`: correct
   * also for sessions that no index knows and for logins under way. `revoked` counts the live sessions it ended, where
   * the backend can tell.
   */
  revokeWhere(
    selector: RevokeSelector,
    reason: string,
  ): Promise<{ readonly notBefore: EpochMs; readonly revoked?: number }>;

  /**
   * Live sessions of a subject, newest first, or of a whole tenant in a stable order. A page may hold fewer than asked
   * for; only an absent cursor says that it was the last.
   */
  list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>>;
}

export const SessionStore = Symbol('SessionStore');
