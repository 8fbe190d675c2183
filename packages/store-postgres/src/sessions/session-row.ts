import type { Liveness, SessionData, SessionRecord, SessionRef } from '@mooring/session-store';
import { corrupt } from '../errors.ts';

export interface SessionRow {
  readonly subject_id: string | null;
  readonly data: string;
  readonly version: number;
  readonly created_at: number;
  readonly authenticated_at: number;
  readonly last_seen_at: number;
  readonly idle_timeout_ms: number;
  readonly idle_expires_at: number;
  readonly absolute_expires_at: number;
  readonly verifier: string | null;
  readonly rotated_at: number | null;
}

export interface CreatedSession {
  readonly outcome: 'created' | 'exists' | 'limit';
  readonly created_at: number;
  /** Where it may be another than 1. */
  readonly version?: number;
}

export interface FoundSession extends SessionRow {
  readonly state: 'live' | Liveness;
}

export interface PresentedSession extends FoundSession {
  readonly standing: 'current' | 'previous' | 'retired' | 'mismatch';
}

export function recordOf(operation: string, ref: SessionRef, row: SessionRow): SessionRecord {
  return {
    tenantId: ref.tenantId,
    id: ref.id,
    subjectId: row.subject_id,
    data: dataOf(operation, row.data),
    version: row.version,
    createdAt: row.created_at,
    authenticatedAt: row.authenticated_at,
    lastSeenAt: row.last_seen_at,
    idleTimeoutMs: row.idle_timeout_ms,
    idleExpiresAt: row.idle_expires_at,
    absoluteExpiresAt: row.absolute_expires_at,
    verifier: row.verifier,
    rotatedAt: row.rotated_at,
  };
}

export function dataOf(operation: string, json: string): SessionData {
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
