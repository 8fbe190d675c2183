import type { SessionData, SessionRecord, SessionRef } from '@mooring/session-store';
import { corrupt } from '../errors.ts';

/** Lines before the data; `record-script.ts` writes them. */
const LINES = 17;

/** Reads a record. The order of its lines is that of the pattern in `record-script.ts`. */
export function recordOf(operation: string, ref: SessionRef, raw: unknown): SessionRecord {
  const lines = typeof raw === 'string' ? raw.split('\n') : [];
  if (lines.length !== LINES + 1) throw corrupt(operation, 'it has not the form of a session');
  const [, subject, version, created, authenticated, seen, idleFor, , idle, absolute, verifier, rotated] = lines;
  return {
    tenantId: ref.tenantId,
    id: ref.id,
    subjectId: subject === '' || subject === undefined ? null : subject,
    data: dataOf(operation, lines[LINES] ?? ''),
    version: Number(version),
    createdAt: Number(created),
    authenticatedAt: Number(authenticated),
    lastSeenAt: Number(seen),
    idleTimeoutMs: Number(idleFor),
    idleExpiresAt: Number(idle),
    absoluteExpiresAt: Number(absolute),
    verifier: verifier === '' || verifier === undefined ? null : verifier,
    rotatedAt: rotated === '' ? null : Number(rotated),
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
