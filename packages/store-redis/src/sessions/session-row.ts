import type { SessionData, SessionRecord, SessionRef } from '@mooring/session-store';
import { corrupt } from '../errors.ts';

/** Where the lines of a record begin whose width is fixed; `record-script.ts` writes them. */
const IDLE = 0;
const SEEN = 16;
const AUTHENTICATED = 32;
const ABSOLUTE = 48;
const IDLE_FOR = 64;
export const IDLE_DIGITS = 11;
const VERIFIER = 76;
const TIME_DIGITS = 15;

/** Reads a record. It is called for each verified request, and numbers are read without making texts of them first. */
export function recordOf(operation: string, ref: SessionRef, raw: string): SessionRecord {
  const verifierEnd = raw.indexOf('\n', VERIFIER);
  const subjectEnd = raw.indexOf('\n', verifierEnd + 1);
  const versionEnd = raw.indexOf('\n', subjectEnd + 1);
  const lifetimeEnd = raw.indexOf('\n', versionEnd + 1 + TIME_DIGITS + 1);
  const rotatedEnd = raw.indexOf('\n', lifetimeEnd + 1);
  const record = {
    tenantId: ref.tenantId,
    id: ref.id,
    subjectId: subjectEnd === verifierEnd + 1 ? null : raw.slice(verifierEnd + 1, subjectEnd),
    data: dataOf(operation, raw.slice(raw.lastIndexOf('\n') + 1)),
    version: whole(raw, subjectEnd + 1, versionEnd),
    createdAt: time(raw, versionEnd + 1),
    authenticatedAt: time(raw, AUTHENTICATED),
    lastSeenAt: time(raw, SEEN),
    idleTimeoutMs: whole(raw, IDLE_FOR, IDLE_FOR + IDLE_DIGITS),
    idleExpiresAt: time(raw, IDLE),
    absoluteExpiresAt: time(raw, ABSOLUTE),
    verifier: verifierEnd === VERIFIER ? null : raw.slice(VERIFIER, verifierEnd),
    rotatedAt: rotatedEnd === lifetimeEnd + 1 ? null : whole(raw, lifetimeEnd + 1, rotatedEnd),
  };
  const { version, createdAt, authenticatedAt, lastSeenAt, idleTimeoutMs, idleExpiresAt, absoluteExpiresAt } = record;
  const sum = version + createdAt + authenticatedAt + lastSeenAt + idleTimeoutMs + idleExpiresAt + absoluteExpiresAt;
  if (Number.isNaN(sum + (record.rotatedAt ?? 0))) throw corrupt(operation, 'it has not the form of a session');
  return record;
}

/** A whole number of these digits, or not a number. */
function whole(raw: string, from: number, to: number): number {
  let number = from < to ? 0 : Number.NaN;
  for (let place = from; place < to; place += 1) {
    const digit = raw.charCodeAt(place) - 48;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}

function time(raw: string, from: number): number {
  return whole(raw, from, from + TIME_DIGITS);
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
