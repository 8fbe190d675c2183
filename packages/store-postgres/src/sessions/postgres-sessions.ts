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
import { listName } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import type { Database, Statement } from '../database.ts';
import { pageOf } from '../paging.ts';
import { SessionAnswer, dataOf } from './session-answer.ts';
import type { AnswerRow, SessionState } from './session-answer.ts';
import {
  CREATE,
  CREATE_OF_SUBJECT,
  CREATE_OVER_DEAD,
  GET,
  LIST_OF_SUBJECT,
  LIST_OF_TENANT,
  REVOKE,
  REVOKE_WHERE,
  ROTATE,
  TOUCH,
  UPDATE,
  VERIFY,
} from './statements.ts';

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
    const { tenantId, id, subjectId, idleTimeoutMs, lifetimeMs } = session;
    const values = [tenantId, id, json, idleTimeoutMs, lifetimeMs, verifier];
    const { maxPerSubject = null, onLimit, replace } = options;
    const answer =
      subjectId === null
        ? await this.answer(operation, replace === 'dead' ? CREATE_OVER_DEAD : CREATE, values)
        : await this.answer(operation, CREATE_OF_SUBJECT, [
            ...values,
            subjectId,
            maxPerSubject,
            onLimit === 'evict-oldest',
          ]);
    if (answer === null) return refused('exists');
    const [outcome, now, version] = JSON.parse(answer) as ['created', number, number?] | ['exists' | 'limit', number?];
    if (outcome !== 'created') return refused(outcome);
    return ok({
      tenantId,
      id,
      subjectId,
      data: dataOf(operation, json),
      version: version ?? 1,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      idleTimeoutMs,
      idleExpiresAt: now + Math.min(idleTimeoutMs, lifetimeMs),
      absoluteExpiresAt: now + lifetimeMs,
      verifier,
      rotatedAt: null,
    });
  }

  async get(ref: SessionRef): Promise<Result<SessionRecord, Liveness>> {
    const operation = 'sessions.get';
    this.validation.ref(operation, ref);
    const answer = await this.find(operation, GET, [ref.tenantId, ref.id]);
    if (answer === undefined) return refused('not_found');
    return answer.state === 'live' ? ok(answer.record(ref)) : refused(answer.state as Liveness);
  }

  async touch(
    ref: SessionRef,
    options: TouchOptions = {},
  ): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.touch';
    const { presented, graceMs = 0, minIntervalMs = 0 } = options;
    this.validation.touch(operation, ref, options);
    const statement = minIntervalMs > 0 ? VERIFY : TOUCH;
    const values = [ref.tenantId, ref.id, presented ?? null, graceMs, minIntervalMs];
    return touched(ref, await this.find(operation, statement, values));
  }

  async update(
    ref: SessionRef,
    expectedVersion: number,
    patch: SessionPatch,
  ): Promise<Result<SessionRecord, Liveness | 'conflict'>> {
    const operation = 'sessions.update';
    this.validation.ref(operation, ref);
    const json = this.validation.patch(operation, expectedVersion, patch);
    const answer = await this.find(operation, UPDATE, [
      ref.tenantId,
      ref.id,
      expectedVersion,
      json ?? null,
      patch.idleTimeoutMs ?? null,
    ]);
    if (answer === undefined) return refused('not_found');
    return answer.state === 'live' ? ok(answer.record(ref)) : refused(answer.state);
  }

  async rotate(ref: SessionRef, rotation: Rotation): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.rotate';
    this.validation.rotation(operation, ref, rotation);
    const { presented, graceMs, next, reauthenticated = false } = rotation;
    const values = [ref.tenantId, ref.id, presented, graceMs, next, reauthenticated];
    return touched(ref, await this.find(operation, ROTATE, values));
  }

  async revoke(ref: SessionRef, reason: string): Promise<Result<{ readonly revokedAt: number }, 'not_found'>> {
    const operation = 'sessions.revoke';
    this.validation.revocation(operation, ref, reason);
    const revokedAt = await this.answer(operation, REVOKE, [ref.tenantId, ref.id, reason]);
    return revokedAt === null ? refused('not_found') : ok({ revokedAt: Number(revokedAt) });
  }

  async revokeWhere(
    selector: RevokeSelector,
    reason: string,
  ): Promise<{ readonly notBefore: number; readonly revoked: number }> {
    const operation = 'sessions.revokeWhere';
    const { tenantId, subjectId, exceptId } = selector;
    this.validation.revocations(operation, selector, reason);
    const values = [tenantId, subjectId, exceptId ?? null, reason];
    const answer = await this.answer(operation, REVOKE_WHERE, values);
    const [notBefore, revoked] = JSON.parse(answer ?? '[0,0]') as [number, number];
    return { notBefore, revoked };
  }

  async list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    const operation = 'sessions.list';
    const { tenantId } = owner;
    const subjectId = owner.subjectId ?? null;
    this.validation.owner(operation, owner);
    const list = listName('postgres.sessions', this.database.namespace, tenantId, subjectId);
    const read = async (statement: Statement, values: unknown[]): Promise<SessionSummary[]> =>
      (await this.database.all<AnswerRow>(operation, statement, values)).map(({ answer }) => {
        const found = new SessionAnswer(operation, answer ?? '');
        const { verifier: _, ...summary } = found.record({ tenantId, id: found.id });
        return summary;
      });
    if (subjectId === null) {
      const [after] = this.validation.position(operation, list, page, ['']);
      const found = await read(LIST_OF_TENANT, [tenantId, after, page.limit + 1]);
      return pageOf(list, page, found, ({ id }) => [id], itself);
    }
    const [createdBefore, idBefore] = this.validation.position(operation, list, page, [Number.MAX_SAFE_INTEGER, '']);
    const found = await read(LIST_OF_SUBJECT, [tenantId, subjectId, createdBefore, idBefore, page.limit + 1]);
    return pageOf(list, page, found, ({ createdAt, id }) => [createdAt, id], itself);
  }

  /** Null where the statement answered nothing. */
  private async answer(operation: string, statement: Statement, values: unknown[]): Promise<string | null> {
    return (await this.database.one<AnswerRow>(operation, statement, values))?.answer ?? null;
  }

  private async find(operation: string, statement: Statement, values: unknown[]): Promise<SessionAnswer | undefined> {
    const answer = await this.answer(operation, statement, values);
    return answer === null ? undefined : new SessionAnswer(operation, answer);
  }
}

function itself(summary: SessionSummary): SessionSummary {
  return summary;
}

function touched(
  ref: SessionRef,
  answer: SessionAnswer | undefined,
): Result<TouchedSession, Liveness | 'mismatch' | 'reused'> {
  if (answer === undefined) return refused('not_found');
  const { state, standing } = answer;
  if (state !== 'live') return refused(state as Exclude<SessionState, 'live'>);
  if (standing === 'retired') return refused('reused');
  if (standing === 'mismatch') return refused('mismatch');
  return ok({ session: answer.record(ref), superseded: standing === 'previous' });
}
