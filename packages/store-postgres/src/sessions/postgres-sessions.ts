import { ok, refused } from '@mooring/session-store';
import type {
  CreateOptions,
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
import type { Database } from '../database.ts';
import { listName, pageOf, positionIn } from '../paging.ts';
import { collided } from '../errors.ts';
import { dataOf, recordOf } from './session-row.ts';
import type { CreatedSession, FoundSession, PresentedSession, SessionRow } from './session-row.ts';
import {
  CREATE,
  CREATE_LIMITED,
  CREATE_OVER_DEAD,
  GET,
  LIST_OF_SUBJECT,
  LIST_OF_TENANT,
  REVOKE,
  REVOKE_WHERE,
  ROTATE,
  TOUCH,
  UPDATE,
} from './statements.ts';

/** A touch that collides with another change of the session looks again. */
const TOUCH_ROUNDS = 5;

/** Sessions as rows of `mooring_sessions`, each operation one prepared statement. */
export class PostgresSessions implements SessionStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async create(session: NewSession, options: CreateOptions = {}): Promise<Result<SessionRecord, 'exists' | 'limit'>> {
    const operation = 'sessions.create';
    const json = this.validation.newSession(operation, session, options);
    const verifier = session.verifier ?? null;
    const values = [
      session.tenantId,
      session.id,
      session.subjectId,
      json,
      session.idleTimeoutMs,
      session.lifetimeMs,
      verifier,
    ];
    const limited = options.maxPerSubject !== undefined;
    const row = await this.database.one<CreatedSession>(
      operation,
      limited ? CREATE_LIMITED : options.replace === 'dead' ? CREATE_OVER_DEAD : CREATE,
      limited ? [...values, options.maxPerSubject, options.onLimit === 'evict-oldest'] : values,
    );
    if (row === undefined) return refused('exists');
    if (row.outcome !== 'created') return refused(row.outcome);
    const now = row.created_at;
    return ok({
      tenantId: session.tenantId,
      id: session.id,
      subjectId: session.subjectId,
      data: dataOf(operation, json),
      version: row.version ?? 1,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      idleTimeoutMs: session.idleTimeoutMs,
      idleExpiresAt: now + Math.min(session.idleTimeoutMs, session.lifetimeMs),
      absoluteExpiresAt: now + session.lifetimeMs,
      verifier,
      rotatedAt: null,
    });
  }

  async get(ref: SessionRef): Promise<Result<SessionRecord, Liveness>> {
    const operation = 'sessions.get';
    this.validation.ref(operation, ref);
    const row = await this.database.one<FoundSession>(operation, GET, [ref.tenantId, ref.id]);
    if (row === undefined) return refused('not_found');
    return row.state === 'live' ? ok(recordOf(operation, ref, row)) : refused(row.state);
  }

  async touch(
    ref: SessionRef,
    options: TouchOptions = {},
  ): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.touch';
    const { presented, graceMs = 0, minIntervalMs = 0 } = options;
    this.validation.ref(operation, ref);
    if (presented !== undefined) this.validation.digest(operation, 'presented', presented);
    this.validation.duration(operation, 'graceMs', graceMs, 0);
    this.validation.duration(operation, 'minIntervalMs', minIntervalMs, 0);
    for (let round = 1; ; round += 1) {
      const row = await this.database.one<PresentedSession & { missed: boolean }>(operation, TOUCH, [
        ref.tenantId,
        ref.id,
        presented ?? null,
        graceMs,
        minIntervalMs,
      ]);
      if (row?.missed !== true) return touched(operation, ref, row);
      if (round === TOUCH_ROUNDS) throw collided(operation);
    }
  }

  async update(
    ref: SessionRef,
    expectedVersion: number,
    patch: SessionPatch,
  ): Promise<Result<SessionRecord, Liveness | 'conflict'>> {
    const operation = 'sessions.update';
    this.validation.ref(operation, ref);
    const json = this.validation.patch(operation, expectedVersion, patch);
    const row = await this.database.one<SessionRow & { state: 'live' | Liveness | 'conflict' }>(operation, UPDATE, [
      ref.tenantId,
      ref.id,
      expectedVersion,
      json ?? null,
      patch.idleTimeoutMs ?? null,
    ]);
    if (row === undefined) return refused('not_found');
    return row.state === 'live' ? ok(recordOf(operation, ref, row)) : refused(row.state);
  }

  async rotate(ref: SessionRef, rotation: Rotation): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.rotate';
    this.validation.ref(operation, ref);
    this.validation.digest(operation, 'presented', rotation.presented);
    this.validation.digest(operation, 'next', rotation.next);
    this.validation.duration(operation, 'graceMs', rotation.graceMs, 0);
    const row = await this.database.one<PresentedSession>(operation, ROTATE, [
      ref.tenantId,
      ref.id,
      rotation.presented,
      rotation.graceMs,
      rotation.next,
      rotation.reauthenticated ?? false,
    ]);
    return touched(operation, ref, row);
  }

  async revoke(ref: SessionRef, reason: string): Promise<Result<{ readonly revokedAt: number }, 'not_found'>> {
    const operation = 'sessions.revoke';
    this.validation.ref(operation, ref);
    this.validation.text(operation, 'reason', reason);
    const row = await this.database.one<{ revoked_at: number }>(operation, REVOKE, [ref.tenantId, ref.id, reason]);
    return row === undefined ? refused('not_found') : ok({ revokedAt: row.revoked_at });
  }

  async revokeWhere(
    selector: RevokeSelector,
    reason: string,
  ): Promise<{ readonly notBefore: number; readonly revoked: number }> {
    const operation = 'sessions.revokeWhere';
    const { tenantId, subjectId, exceptId } = selector;
    this.validation.text(operation, 'tenantId', tenantId);
    this.validation.text(operation, 'subjectId', subjectId);
    this.validation.text(operation, 'reason', reason);
    if (exceptId !== undefined) this.validation.ref(operation, { tenantId, id: exceptId });
    const row = await this.database.one<{ not_before: number; revoked: number }>(operation, REVOKE_WHERE, [
      tenantId,
      subjectId,
      exceptId ?? null,
      reason,
    ]);
    return { notBefore: row?.not_before ?? 0, revoked: row?.revoked ?? 0 };
  }

  async list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    const operation = 'sessions.list';
    const { tenantId } = owner;
    const subjectId = owner.subjectId ?? null;
    this.validation.text(operation, 'tenantId', tenantId);
    if (subjectId !== null) this.validation.text(operation, 'subjectId', subjectId);
    this.validation.page(operation, page);
    const list = listName('sessions', this.database.namespace, tenantId, subjectId);
    const summaryOf = (row: SessionRow & { id: string }): SessionSummary => {
      const { verifier: _, ...summary } = recordOf(operation, { tenantId, id: row.id }, row);
      return summary;
    };
    if (subjectId === null) {
      const [after] = positionIn(this.validation, operation, list, page, ['string'], ['']);
      const rows = await this.database.all<SessionRow & { id: string }>(operation, LIST_OF_TENANT, [
        tenantId,
        after,
        page.limit + 1,
      ]);
      return pageOf(list, page, rows, (row) => [row.id], summaryOf);
    }
    const [createdBefore, idBefore] = positionIn(
      this.validation,
      operation,
      list,
      page,
      ['number', 'string'],
      [Number.MAX_SAFE_INTEGER, ''],
    );
    const rows = await this.database.all<SessionRow & { id: string }>(operation, LIST_OF_SUBJECT, [
      tenantId,
      subjectId,
      createdBefore,
      idBefore,
      page.limit + 1,
    ]);
    return pageOf(list, page, rows, (row) => [row.created_at, row.id], summaryOf);
  }
}

function touched(
  operation: string,
  ref: SessionRef,
  row: PresentedSession | undefined,
): Result<TouchedSession, Liveness | 'mismatch' | 'reused'> {
  if (row === undefined) return refused('not_found');
  if (row.state !== 'live') return refused(row.state);
  if (row.standing === 'retired') return refused('reused');
  if (row.standing === 'mismatch') return refused('mismatch');
  return ok({ session: recordOf(operation, ref, row), superseded: row.standing === 'previous' });
}
