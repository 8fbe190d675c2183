import { timingSafeEqual } from 'node:crypto';
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
import { corrupt } from '../errors.ts';

/** A row of `sessions`, with the `notBefore` of its subject. */
export interface SessionRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly subject_id: string | null;
  readonly version: number;
  readonly created_at: EpochMs;
  readonly authenticated_at: EpochMs;
  readonly last_seen_at: EpochMs;
  readonly idle_timeout_ms: number;
  readonly lifetime_ms: number;
  readonly idle_expires_at: EpochMs;
  readonly absolute_expires_at: EpochMs;
  readonly verifier: Digest | null;
  /** A JSON list, newest first. */
  readonly retired_verifiers: string;
  /** Whether the newest retired verifier may still count: not after the subject proved who it is again. */
  readonly grace: number;
  readonly rotated_at: EpochMs | null;
  /** The move of the subject's `notBefore` that let this session be. */
  readonly spared_at: EpochMs | null;
  readonly revoked_at: EpochMs | null;
  readonly data: string;
  readonly not_before: EpochMs | null;
}

/** After the end of all sessions of the subject that came before, also by a clock that is behind it. */
export function authenticationAt(notBefore: EpochMs | null, now: EpochMs): EpochMs {
  return notBefore !== null && notBefore > now ? notBefore + 1 : now;
}

export function newRow(
  session: NewSession,
  json: string,
  version: number,
  { now, notBefore }: { readonly now: EpochMs; readonly notBefore: EpochMs | null },
): SessionRow {
  return {
    tenant_id: session.tenantId,
    id: session.id,
    subject_id: session.subjectId,
    version,
    created_at: now,
    authenticated_at: authenticationAt(notBefore, now),
    last_seen_at: now,
    idle_timeout_ms: session.idleTimeoutMs,
    lifetime_ms: session.lifetimeMs,
    idle_expires_at: now + Math.min(session.idleTimeoutMs, session.lifetimeMs),
    absolute_expires_at: now + session.lifetimeMs,
    verifier: session.verifier ?? null,
    retired_verifiers: '[]',
    grace: 0,
    rotated_at: null,
    spared_at: null,
    revoked_at: null,
    data: json,
    not_before: null,
  };
}

/** When the session was revoked, by itself or with its subject. One that had expired before its subject's was not. */
export function revokedAt(row: SessionRow): EpochMs | null {
  if (row.revoked_at !== null) return row.revoked_at;
  const { not_before: notBefore } = row;
  return notBefore !== null && isCutOff(row) && notBefore < deadlineOf(row) ? notBefore : null;
}

export function stateOf(row: SessionRow, now: EpochMs): 'live' | Exclude<Liveness, 'not_found'> {
  if (revokedAt(row) !== null) return 'revoked';
  if (now >= row.absolute_expires_at) return 'expired_absolute';
  if (now >= row.idle_expires_at) return 'expired_idle';
  // Expired already when its subject was revoked, by a clock that was set back since.
  return isCutOff(row) ? 'revoked' : 'live';
}

function isCutOff({
  not_before: notBefore,
  authenticated_at: authenticatedAt,
  spared_at: sparedAt,
}: SessionRow): boolean {
  return notBefore !== null && notBefore >= authenticatedAt && notBefore > (sparedAt ?? -1);
}

function deadlineOf(row: SessionRow): EpochMs {
  return Math.min(row.idle_expires_at, row.absolute_expires_at);
}

/** What a presented digest is to the session. No digest presented: nothing to compare. */
export function standingOf(
  operation: string,
  row: SessionRow,
  presented: Digest | undefined,
  graceMs: number,
  now: EpochMs,
): 'current' | 'previous' | 'retired' | 'mismatch' {
  if (presented === undefined || isSame(presented, row.verifier)) return 'current';
  const retired = retiredOf(operation, row);
  const place = retired.findIndex((digest) => isSame(presented, digest));
  if (place === 0 && row.grace === 1 && isWithin(graceMs, row.rotated_at ?? 0, now)) return 'previous';
  return place < 0 ? 'mismatch' : 'retired';
}

/** Of a rotation by a clock that was set back since, no more is known than of one long ago. */
function isWithin(graceMs: number, rotatedAt: EpochMs, now: EpochMs): boolean {
  return Math.abs(now - rotatedAt) < graceMs;
}

export function touched(row: SessionRow, now: EpochMs): SessionRow {
  return {
    ...row,
    last_seen_at: now,
    idle_expires_at: Math.min(now + row.idle_timeout_ms, row.absolute_expires_at),
  };
}

export function rotated(
  operation: string,
  row: SessionRow,
  next: Digest,
  reauthenticated: boolean,
  now: EpochMs,
): SessionRow {
  const retired = retiredOf(operation, row);
  const kept = (row.verifier === null ? retired : [row.verifier, ...retired]).slice(0, RETIRED_VERIFIERS_KEPT);
  const successor: SessionRow = {
    ...row,
    version: row.version + 1,
    verifier: next,
    retired_verifiers: JSON.stringify(kept),
    grace: reauthenticated ? 0 : 1,
    rotated_at: now,
  };
  if (!reauthenticated) return successor;
  const authenticatedAt = Math.max(row.authenticated_at, authenticationAt(row.not_before, now));
  return touched({ ...successor, authenticated_at: authenticatedAt, absolute_expires_at: now + row.lifetime_ms }, now);
}

/** A tombstone stays until the session would have ended anyway. */
export function sweepAt(row: SessionRow): EpochMs {
  return row.revoked_at === null ? deadlineOf(row) : row.absolute_expires_at;
}

export function summaryOf(operation: string, row: SessionRow): SessionSummary {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    subjectId: row.subject_id,
    data: dataOf(operation, row.data),
    version: row.version,
    createdAt: row.created_at,
    authenticatedAt: row.authenticated_at,
    lastSeenAt: row.last_seen_at,
    idleTimeoutMs: row.idle_timeout_ms,
    idleExpiresAt: row.idle_expires_at,
    absoluteExpiresAt: row.absolute_expires_at,
    rotatedAt: row.rotated_at,
  };
}

export function recordOf(operation: string, row: SessionRow): SessionRecord {
  return { ...summaryOf(operation, row), verifier: row.verifier };
}

function dataOf(operation: string, json: string): SessionData {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    throw corrupt(operation, 'its data is not JSON');
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw corrupt(operation, 'its data is not a JSON object');
  }
  return data as SessionData;
}

function retiredOf(operation: string, row: SessionRow): readonly Digest[] {
  let retired: unknown;
  try {
    retired = JSON.parse(row.retired_verifiers);
  } catch {
    throw corrupt(operation, 'its retired verifiers are not JSON');
  }
  if (!Array.isArray(retired) || !retired.every((digest) => typeof digest === 'string')) {
    throw corrupt(operation, 'its retired verifiers are no list');
  }
  return retired;
}

function isSame(presented: Digest, stored: Digest | null): boolean {
  if (stored === null) return false;
  const [left, right] = [Buffer.from(presented), Buffer.from(stored)];
  return left.length === right.length && timingSafeEqual(left, right);
}
