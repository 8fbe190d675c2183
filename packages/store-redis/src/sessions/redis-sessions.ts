import { RETIRED_VERIFIERS_KEPT, ok, refused } from '@mooring/session-store';
import type {
  CreateOptions,
  EpochMs,
  Liveness,
  NewSession,
  Page,
  PageRequest,
  Result,
  RevokeSelector,
  Rotation,
  SessionOwner,
  SessionPatch,
  SessionRecord,
  SessionRef,
  SessionStore,
  SessionSummary,
  TouchOptions,
  TouchedSession,
} from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import type { Keys } from '../keys.ts';
import type { RedisServer } from '../server.ts';
import { CREATE, GET, REVOKE, REVOKE_WHERE, ROTATE, TOUCH, UPDATE } from './scripts.ts';
import { SessionLists } from './session-lists.ts';
import { IDLE_DIGITS, dataOf, recordOf } from './session-row.ts';

/** How many sessions `revokeWhere` marks one by one. Beyond that they are only cut off, and not counted. */
const MOST_MARKED = 1000;

/** A record begins with a digit, a refusal is a word. */
type Found<Refusal extends string> = Refusal | `${number}`;

function isRefusal<Refusal extends string>(answer: Found<Refusal>): answer is Refusal {
  return answer.charCodeAt(0) > 57;
}

/** Sessions as fields of 256 hashes for each tenant, each operation one script. */
export class RedisSessions implements SessionStore {
  private readonly lists: SessionLists;

  constructor(
    private readonly server: RedisServer,
    private readonly keys: Keys,
    private readonly validation: Validation,
    namespace: string,
  ) {
    this.lists = new SessionLists(server, keys, validation, namespace);
  }

  async create(session: NewSession, options: CreateOptions = {}): Promise<Result<SessionRecord, 'exists' | 'limit'>> {
    const operation = 'sessions.create';
    const json = this.validation.newSession(operation, session, options);
    const { tenantId, id, subjectId, idleTimeoutMs, lifetimeMs, verifier = null } = session;
    const created = this.server.run(operation, CREATE, this.keys.session(session).all, [
      tenantId,
      id,
      subjectId ?? '',
      String(idleTimeoutMs).padStart(IDLE_DIGITS, '0'),
      lifetimeMs,
      verifier ?? '',
      json,
      options.maxPerSubject ?? '',
      options.onLimit === 'evict-oldest' || options.replace === 'dead' ? 1 : '',
    ]);
    // While the server works.
    const data = dataOf(operation, json);
    const answer = await created;
    if (answer === 'exists' || answer === 'limit') return refused(answer);
    const [now, version = 1] = Array.isArray(answer) ? (answer as readonly unknown[]) : [answer];
    const createdAt = Number(now);
    return ok({
      tenantId,
      id,
      subjectId,
      data,
      version: Number(version),
      createdAt,
      authenticatedAt: createdAt,
      lastSeenAt: createdAt,
      idleTimeoutMs,
      idleExpiresAt: createdAt + Math.min(idleTimeoutMs, lifetimeMs),
      absoluteExpiresAt: createdAt + lifetimeMs,
      verifier,
      rotatedAt: null,
    });
  }

  async get(ref: SessionRef): Promise<Result<SessionRecord, Liveness>> {
    const operation = 'sessions.get';
    this.validation.ref(operation, ref);
    const answer = (await this.server.run(operation, GET, this.keys.session(ref).records, [ref.id])) as Found<Liveness>;
    return isRefusal(answer) ? refused(answer) : ok(recordOf(operation, ref, answer));
  }

  async touch(
    ref: SessionRef,
    options: TouchOptions = {},
  ): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.touch';
    const { presented, graceMs = 0, minIntervalMs = 0 } = options;
    this.validation.touch(operation, ref, options);
    const args = [ref.id, presented ?? '', graceMs, minIntervalMs];
    return touched(
      operation,
      ref,
      await this.server.run(operation, TOUCH, this.keys.session(ref).recordsAndIndex, args),
    );
  }

  async update(
    ref: SessionRef,
    expectedVersion: number,
    patch: SessionPatch,
  ): Promise<Result<SessionRecord, Liveness | 'conflict'>> {
    const operation = 'sessions.update';
    this.validation.ref(operation, ref);
    const json = this.validation.patch(operation, expectedVersion, patch);
    const answer = (await this.server.run(operation, UPDATE, this.keys.session(ref).all, [
      ref.id,
      ref.tenantId,
      expectedVersion,
      json ?? '',
      patch.idleTimeoutMs ?? '',
    ])) as Found<Liveness | 'conflict'>;
    return isRefusal(answer) ? refused(answer) : ok(recordOf(operation, ref, answer));
  }

  async rotate(ref: SessionRef, rotation: Rotation): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.rotate';
    this.validation.rotation(operation, ref, rotation);
    const { presented, graceMs, next, reauthenticated = false } = rotation;
    const args = [ref.id, presented, graceMs, next, reauthenticated ? 1 : '', RETIRED_VERIFIERS_KEPT];
    return touched(operation, ref, await this.server.run(operation, ROTATE, this.keys.session(ref).all, args));
  }

  async revoke(ref: SessionRef, reason: string): Promise<Result<{ readonly revokedAt: EpochMs }, 'not_found'>> {
    const operation = 'sessions.revoke';
    this.validation.revocation(operation, ref, reason);
    const answer = await this.server.run(operation, REVOKE, this.keys.session(ref).recordsAndIndex, [ref.id, reason]);
    return answer === 'not_found' ? refused(answer) : ok({ revokedAt: Number(answer) });
  }

  async revokeWhere(
    selector: RevokeSelector,
    reason: string,
  ): Promise<{ readonly notBefore: EpochMs; readonly revoked?: number }> {
    const operation = 'sessions.revokeWhere';
    const { tenantId, subjectId, exceptId } = selector;
    this.validation.revocations(operation, selector, reason);
    const [notBefore, revoked] = (await this.server.run(
      operation,
      REVOKE_WHERE,
      this.keys.subject(tenantId, subjectId).all,
      [subjectId, tenantId, exceptId ?? '', reason, MOST_MARKED],
    )) as readonly [unknown, unknown];
    const counted = Number(revoked);
    return { notBefore: Number(notBefore), ...(counted < 0 ? {} : { revoked: counted }) };
  }

  list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    return this.lists.list(owner, page);
  }
}

function touched(
  operation: string,
  ref: SessionRef,
  answer: unknown,
): Result<TouchedSession, Liveness | 'mismatch' | 'reused'> {
  // A record by itself is of who holds the current verifier.
  const superseded = typeof answer !== 'string';
  const found = (superseded ? (answer as readonly unknown[])[0] : answer) as Found<Liveness | 'mismatch' | 'reused'>;
  return isRefusal(found) ? refused(found) : ok({ session: recordOf(operation, ref, found), superseded });
}
