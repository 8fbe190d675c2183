import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SESSION_ID_PATTERN } from '@mooring/session-store';
import type { Digest, SessionRef } from '@mooring/session-store';

/** 256 bits in base64url. */
const VERIFIER = /^[A-Za-z0-9_-]{43}$/;
const CHECKSUM_LENGTH = 6;
/** With a prefix of 16 characters, a tenant of 256 that take three bytes each, and an id of 128. */
const LONGEST_TOKEN = 1220;
/** What no store has sessions of: a tenant that is too long, or has characters that some backend can't store. */
const LONGEST_TENANT = 256;
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

/** What a token says: where its session is, and that its holder may use it. */
export interface TokenParts extends SessionRef {
  readonly verifier: string;
}

/** The secret of a token. It is never stored. */
export function newVerifier(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a verifier: its SHA-256. A secret of 256 bits needs no slow hash. */
export function digestOf(verifier: string): Digest {
  return hash('sha256', verifier, 'base64url');
}

/**
 * `<prefix>_<tenant>.<session id>.<verifier><checksum>`, all of it base64url: a prefix that scanners for secrets find, the
 * tenant and id that find the session, 256 secret bits, and a CRC-32 by which junk is told without a store.
 */
export function formatToken(prefix: string, { tenantId, id, verifier }: TokenParts): string {
  const body = `${prefix}_${Buffer.from(tenantId).toString('base64url')}.${id}.${verifier}`;
  return body + checksumOf(body);
}

/** The parts of a token, or undefined for what is none. */
export function parseToken(prefix: string, token: unknown): TokenParts | undefined {
  if (typeof token !== 'string' || token.length > LONGEST_TOKEN || !token.startsWith(`${prefix}_`)) return undefined;
  const body = token.slice(0, -CHECKSUM_LENGTH);
  if (token.slice(-CHECKSUM_LENGTH) !== checksumOf(body)) return undefined;
  const [tenant = '', id = '', verifier = '', ...more] = body.slice(prefix.length + 1).split('.');
  if (more.length > 0 || !SESSION_ID_PATTERN.test(id) || !VERIFIER.test(verifier)) return undefined;
  const tenantId = Buffer.from(tenant, 'base64url').toString('utf8');
  // Only one spelling of a tenant is taken, so that a token has one form.
  if (tenantId === '' || Buffer.from(tenantId).toString('base64url') !== tenant) return undefined;
  if (tenantId.length > LONGEST_TENANT || UNSTORABLE.test(tenantId)) return undefined;
  return { tenantId, id, verifier };
}

/** A name for a session in logs: it neither finds the session nor is part of a token. */
export function sessionLabel(id: string): string {
  return hash('sha256', `mooring session ${id}`, 'base64url').slice(0, 12);
}

function checksumOf(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64url');
}
