import type { SessionData, SessionRecord, SessionRef } from '@mooring/session-store';
import { corrupt } from '../errors.ts';

/** Where the lines of a record begin whose width is fixed; `record-script.ts` writes them. */
const IDLE = 0;
const SEEN = 16;
const AUTHENTICATED = 32;
const ABSOLUTE = 48;
const IDLE_FOR = 64;
const VERIFIER = 76;
const TIME_WIDTH = 15;

/** Reads a record. It is called for each verified request, and numbers are read without making texts of them first. */
export function recordOf(operation: string, ref: SessionRef, raw: string): SessionRecord {
  const line = (from: number): number => {
    const end = raw.indexOf('\n', from);
    if (end < 0) throw unreadable(operation);
    return end;
  };
  const whole = (from: number, to: number): number => {
    let number = 0;
    for (let place = from; place < to; place += 1) {
      const digit = raw.charCodeAt(place) - 48;
      if (!(digit >= 0 && digit <= 9)) throw unreadable(operation);
      number = number * 10 + digit;
    }
    return number;
  };
  const time = (from: number): number => whole(from, from + TIME_WIDTH);
  const verifierEnd = line(VERIFIER);
  const subjectEnd = line(verifierEnd + 1);
  const versionEnd = line(subjectEnd + 1);
  const lifetimeEnd = line(versionEnd + 1 + TIME_WIDTH + 1);
  const rotatedEnd = line(lifetimeEnd + 1);
  return {
    tenantId: ref.tenantId,
    id: ref.id,
    subjectId: subjectEnd === verifierEnd + 1 ? null : raw.slice(verifierEnd + 1, subjectEnd),
    data: dataOf(operation, raw.slice(raw.lastIndexOf('\n') + 1)),
    version: whole(subjectEnd + 1, versionEnd),
    createdAt: time(versionEnd + 1),
    authenticatedAt: time(AUTHENTICATED),
    lastSeenAt: time(SEEN),
    idleTimeoutMs: whole(IDLE_FOR, VERIFIER - 1),
    idleExpiresAt: time(IDLE),
    absoluteExpiresAt: time(ABSOLUTE),
    verifier: verifierEnd === VERIFIER ? null : raw.slice(VERIFIER, verifierEnd),
    rotatedAt: rotatedEnd === lifetimeEnd + 1 ? null : whole(lifetimeEnd + 1, rotatedEnd),
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

function unreadable(operation: string): Error {
  return corrupt(operation, 'it has not the form of a session');
}
