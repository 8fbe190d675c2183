import { RETIRED_VERIFIERS_KEPT } from '@mooring/session-store';
import type {
  Digest,
  EpochMs,
  Liveness,
  NewSession,
  SessionData,
  SessionRecord,
  SessionSummary,
} from '@mooring/session-store';

export interface SessionRow extends Omit<SessionRecord, 'data'> {
  /** The data as JSON: each reader gets an object of its own. */
  readonly json: string;
  readonly sequence: number;
  readonly lifetimeMs: number;
  /** Newest first; the first is the previous one. */
  readonly retired: readonly Digest[];
  /** Whether the previous verifier may still count: not after the subject proved who it is again. */
  readonly grace: boolean;
  readonly revokedAt: EpochMs | null;
  readonly revokeReason: string | null;
}

/** After the end of all sessions of the subject that came before, also when the clock was set back since. */
export function authenticationAt(notBefore: EpochMs | undefined, now: EpochMs): EpochMs {
  return notBefore !== undefined && notBefore > now ? notBefore + 1 : now;
}

export function newRow(session: NewSession, json: string, sequence: number, version: number, now: EpochMs): SessionRow {
  return {
    tenantId: session.tenantId,
    id: session.id,
    subjectId: session.subjectId,
    json,
    sequence,
    version,
    createdAt: now,
    authenticatedAt: now,
    lastSeenAt: now,
    idleTimeoutMs: session.idleTimeoutMs,
    lifetimeMs: session.lifetimeMs,
    idleExpiresAt: now + Math.min(session.idleTimeoutMs, session.lifetimeMs),
    absoluteExpiresAt: now + session.lifetimeMs,
    verifier: session.verifier ?? null,
    rotatedAt: null,
    retired: [],
    grace: false,
    revokedAt: null,
    revokeReason: null,
  };
}

/** Why the row is no live session, or undefined when it is one. */
export function deathOf(row: SessionRow, now: EpochMs): Exclude<Liveness, 'not_found'> | undefined {
  if (row.revokedAt !== null) return 'revoked';
  if (now >= row.absoluteExpiresAt) return 'expired_absolute';
  return now >= row.idleExpiresAt ? 'expired_idle' : undefined;
}

/** A tombstone stays until the session would have ended anyway. */
export function deadlineOf(row: SessionRow): EpochMs {
  return row.revokedAt === null ? Math.min(row.idleExpiresAt, row.absoluteExpiresAt) : row.absoluteExpiresAt;
}

export function charactersOf(row: SessionRow): number {
  return row.json.length + row.retired.length * 43 + (row.subjectId?.length ?? 0) + (row.revokeReason?.length ?? 0);
}

/** What a presented digest is to the session. No digest presented: nothing to compare. */
export function standingOf(
  row: SessionRow,
  presented: Digest | undefined,
  graceMs: number,
  now: EpochMs,
): 'current' | 'previous' | 'retired' | 'mismatch' {
  if (presented === undefined || presented === row.verifier) return 'current';
  if (row.grace && presented === row.retired[0] && isWithin(graceMs, row.rotatedAt ?? 0, now)) return 'previous';
  return row.retired.includes(presented) ? 'retired' : 'mismatch';
}

/** Of a rotation by a clock that was set back since, no more is known than of one long ago. */
function isWithin(graceMs: number, rotatedAt: EpochMs, now: EpochMs): boolean {
  return Math.abs(now - rotatedAt) < graceMs;
}

export function touched(row: SessionRow, now: EpochMs): SessionRow {
  return { ...row, lastSeenAt: now, idleExpiresAt: Math.min(now + row.idleTimeoutMs, row.absoluteExpiresAt) };
}

/** `authenticatedAt`: of a subject who proved again who it is. */
export function rotated(row: SessionRow, next: Digest, now: EpochMs, authenticatedAt: EpochMs | undefined): SessionRow {
  const retired = row.verifier === null ? row.retired : [row.verifier, ...row.retired];
  const successor: SessionRow = {
    ...row,
    version: row.version + 1,
    verifier: next,
    retired: retired.slice(0, RETIRED_VERIFIERS_KEPT),
    rotatedAt: now,
    grace: authenticatedAt === undefined,
  };
  if (authenticatedAt === undefined) return successor;
  return touched({ ...successor, authenticatedAt, absoluteExpiresAt: now + row.lifetimeMs }, now);
}

export function revokedRow(row: SessionRow, at: EpochMs, reason: string): SessionRow {
  return { ...row, revokedAt: at, revokeReason: reason };
}

export function summaryOf(row: SessionRow): SessionSummary {
  return {
    tenantId: row.tenantId,
    id: row.id,
    subjectId: row.subjectId,
    data: JSON.parse(row.json) as SessionData,
    version: row.version,
    createdAt: row.createdAt,
    authenticatedAt: row.authenticatedAt,
    lastSeenAt: row.lastSeenAt,
    idleTimeoutMs: row.idleTimeoutMs,
    idleExpiresAt: row.idleExpiresAt,
    absoluteExpiresAt: row.absoluteExpiresAt,
    rotatedAt: row.rotatedAt,
  };
}

export function recordOf(row: SessionRow): SessionRecord {
  return { ...summaryOf(row), verifier: row.verifier };
}
