import type { StoreCapabilities, SweepRequest } from './backend.ts';
import { StoreError } from './errors.ts';
import type { PageRequest } from './page.ts';
import type { PoolKey, PoolRequest, SessionLifetime } from './session-pool.ts';
import { SESSION_ID_PATTERN, partitionOf } from './session-id.ts';
import type { CreateOptions, Digest, NewSession, SessionData, SessionPatch, SessionRef } from './session.ts';

/** 400 days, the longest a browser keeps a cookie (RFC 6265bis). */
export const LONGEST_LIFETIME_MS = 34_560_000_000;
const LONGEST_TEXT = 256;
const DIGEST = /^[A-Za-z0-9_-]{43}$/;
/** Control characters and lone surrogates: what some backend can't store. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

/** In JSON: an escape, and not a backslash in the text before `u0000`. */
const NUL = /(?<!\\)(?:\\\\)*\\u0000/;

/** What every adapter refuses, in the same words: one instance per backend. */
export class Validation {
  constructor(
    private readonly backend: string,
    private readonly capabilities: StoreCapabilities,
  ) {}

  ref(operation: string, ref: SessionRef): void {
    this.text(operation, 'tenantId', ref.tenantId);
    if (typeof ref.id !== 'string' || !SESSION_ID_PATTERN.test(ref.id)) {
      throw this.invalid(operation, 'id must be 16 to 128 characters of A-Z a-z 0-9 _ -; mint it with newSessionId()');
    }
  }

  /** Checks a new session and answers its data as JSON. */
  newSession(operation: string, session: NewSession, options?: CreateOptions): string {
    this.ref(operation, session);
    if (session.subjectId !== null) {
      this.text(operation, 'subjectId', session.subjectId);
      if (!session.id.startsWith(partitionOf(session.tenantId, session.subjectId))) {
        throw this.invalid(operation, 'id is not of the partition of its subject; mint it with newSessionId()');
      }
    }
    this.duration(operation, 'idleTimeoutMs', session.idleTimeoutMs);
    this.duration(operation, 'lifetimeMs', session.lifetimeMs);
    if (session.verifier !== undefined && session.verifier !== null)
      this.digest(operation, 'verifier', session.verifier);
    if (options?.maxPerSubject !== undefined) {
      this.integer(operation, 'maxPerSubject', options.maxPerSubject, 1, 100_000);
      if (session.subjectId === null) throw this.invalid(operation, 'maxPerSubject needs a subjectId');
    }
    if (options?.replace !== undefined && (options.replace !== 'dead' || session.subjectId !== null)) {
      throw this.invalid(operation, 'replace must be "dead", of a session without a subject');
    }
    return this.data(operation, session.data);
  }

  /** Checks a patch and answers its data as JSON, or undefined where it has none. */
  patch(operation: string, expectedVersion: number, patch: SessionPatch): string | undefined {
    this.integer(operation, 'expectedVersion', expectedVersion, 1, Number.MAX_SAFE_INTEGER);
    if (patch.idleTimeoutMs !== undefined) this.duration(operation, 'idleTimeoutMs', patch.idleTimeoutMs);
    return patch.data === undefined ? undefined : this.data(operation, patch.data);
  }

  data(operation: string, data: SessionData): string {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw this.invalid(operation, 'data must be a plain JSON object');
    }
    let json: string;
    try {
      json = JSON.stringify(data);
    } catch (cause) {
      throw this.invalid(operation, 'data must be JSON: no cycles and no BigInt', cause);
    }
    if (json.includes(String.raw`\u0000`) && NUL.test(json))
      throw this.invalid(operation, 'data must not hold the character U+0000');
    const bytes = Buffer.byteLength(json);
    if (bytes > this.capabilities.maxDataBytes) {
      throw new StoreError({
        code: 'too_large',
        backend: this.backend,
        operation,
        message: `data is ${bytes} bytes, the limit is ${this.capabilities.maxDataBytes}; keep a reference to it instead`,
      });
    }
    return json;
  }

  digest(operation: string, name: string, value: Digest): void {
    if (typeof value !== 'string' || !DIGEST.test(value)) {
      throw this.invalid(operation, `${name} must be a SHA-256 digest in base64url, 43 characters`);
    }
  }

  text(operation: string, name: string, value: string): void {
    if (typeof value !== 'string' || value.length === 0 || value.length > LONGEST_TEXT || UNSTORABLE.test(value)) {
      throw this.invalid(operation, `${name} must be 1 to ${LONGEST_TEXT} characters without control characters`);
    }
  }

  duration(operation: string, name: string, value: number, least = 1): void {
    this.integer(operation, name, value, least, LONGEST_LIFETIME_MS, ' milliseconds');
  }

  integer(operation: string, name: string, value: number, least: number, most: number, unit = ''): void {
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw this.invalid(operation, `${name} must be a whole number from ${least} to ${most}${unit}`);
    }
  }

  page(operation: string, page: PageRequest): void {
    this.integer(operation, 'limit', page.limit, 1, 1000);
  }

  poolKey(operation: string, key: PoolKey): void {
    this.text(operation, 'key.target', key.target);
    this.text(operation, 'key.tenantId', key.tenantId);
    this.text(operation, 'key.identity', key.identity);
  }

  poolRequest(operation: string, request: PoolRequest): void {
    this.poolKey(operation, request.key);
    this.text(operation, 'holder', request.holder);
    this.text(operation, 'leaseId', request.leaseId);
    this.duration(operation, 'leaseTtlMs', request.leaseTtlMs);
    this.duration(operation, 'aliveForMs', request.aliveForMs, 0);
    this.integer(operation, 'maxPerKey', request.maxPerKey, 1, 10_000);
    this.integer(operation, 'maxPerTarget', request.maxPerTarget, 1, 10_000);
  }

  lifetime(operation: string, lifetime: SessionLifetime): void {
    this.duration(operation, 'usableForMs', lifetime.usableForMs, 0);
    this.duration(operation, 'aliveForMs', lifetime.aliveForMs, 0);
  }

  sweep(request: SweepRequest): void {
    this.integer('sweep', 'limit', request.limit, 1, 100_000);
    if (request.fence !== undefined) this.text('sweep', 'fence.lease', request.fence.lease);
  }

  invalid(operation: string, message: string, cause?: unknown): StoreError {
    return new StoreError({ code: 'invalid_argument', backend: this.backend, operation, message, cause });
  }
}
