import { hash, randomBytes } from 'node:crypto';

/** What a session id looks like: two characters of partition, then at least 14 of the base64url alphabet. */
export const SESSION_ID_PATTERN = /^[A-Za-z0-9_-]{16,128}$/;

/**
 * The first two characters of an id are its partition. A session and its subject's `notBefore` share it, so that a
 * store that is spread over machines (Redis Cluster) finds both in one place and checks them in one command.
 * 256 partitions, from a hash of tenant and subject.
 */
export function partitionOf(tenantId: string, subjectId: string): string {
  return hash('sha256', JSON.stringify([tenantId, subjectId]), 'hex').slice(0, 2);
}

/** A new session id: the partition and 128 random bits. Without a subject the partition is random too. */
export function newSessionId(owner: { readonly tenantId: string; readonly subjectId: string | null }): string {
  return sessionIdFrom(owner, randomBytes(17));
}

/**
 * The id for given bytes, at least 16 of them: for ids that must be found again (an idempotency key, another system's
 * session id), hash what they stand for with SHA-256.
 */
export function sessionIdFrom(
  owner: { readonly tenantId: string; readonly subjectId: string | null },
  bytes: Uint8Array,
): string {
  const buffer = Buffer.from(bytes);
  const partition =
    owner.subjectId === null
      ? buffer.subarray(buffer.length - 1).toString('hex')
      : partitionOf(owner.tenantId, owner.subjectId);
  return partition + buffer.subarray(0, Math.max(16, buffer.length - 1)).toString('base64url');
}
