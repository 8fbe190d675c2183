import { createHash, randomBytes } from 'node:crypto';
import { newSessionId } from '@mooring/session-store';
import type { Digest, SessionData } from '@mooring/session-store';
import type { Household, Visitor } from './contender.ts';

export const TENANT = 'bench';
export const IDLE_TIMEOUT_MS = 30 * 60_000;
export const LIFETIME_MS = 12 * 3_600_000;

/** What a session holds: 200 bytes of JSON. */
export const DATA: SessionData = {
  email: 'ann.example@example.com',
  name: 'Ann Example',
  roles: ['reader', 'analyst', 'exporter'],
  locale: 'en-GB',
  theme: 'dark',
  cart: [{ sku: 'A-1001', count: 2 }],
  csrf: 'Yl2Jq0b9m3v8pX5s7wKd1n4tQz',
};

const DIGESTS: readonly Digest[] = Array.from({ length: 4096 }, () =>
  createHash('sha256').update(randomBytes(32)).digest('base64url'),
);
let digests = 0;

/** Made beforehand, so that no arm is charged for it. Repeats itself long after a session has forgotten it. */
export function nextDigest(): Digest {
  digests = (digests + 1) % DIGESTS.length;
  return DIGESTS[digests] as Digest;
}

export function newVisitor(subjectId: string): Visitor {
  const owner = { tenantId: TENANT, subjectId };
  return { ...owner, id: newSessionId(owner), verifier: nextDigest(), version: 1 };
}

let subjects = 0;

/** A subject that nobody had before. */
export function newSubject(): string {
  subjects += 1;
  return `subject-${String(subjects).padStart(9, '0')}`;
}

export function newHousehold(sessions: number): Household {
  const subjectId = newSubject();
  const visitors = Array.from({ length: sessions }, () => newVisitor(subjectId));
  return { tenantId: TENANT, subjectId, visitors };
}
