import { ok, refused } from '@mooring/session-store';
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
import { listName } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import type { Access, Database } from '../database.ts';
import { pageOf } from '../paging.ts';
import type { Position } from '../paging.ts';
import { newRow, recordOf, revokedAt, rotated, standingOf, stateOf, summaryOf, touched } from './session-row.ts';
import type { SessionRow } from './session-row.ts';
import * as table from './session-table.ts';

type Touched = Result<TouchedSession, Liveness | 'mismatch' | 'reused'>;

/** Sessions as rows of one table, tombstones included. */
export class SqliteSessions implements SessionStore {
  constructor(
    private readonly database: Database,
    private readonly validation: Validation,
  ) {}

  async create(session: NewSession, options: CreateOptions = {}): Promise<Result<SessionRecord, 'exists' | 'limit'>> {
    const operation = 'sessions.create';
    const json = this.validation.newSession(operation, session, options);
    const { maxPerSubject, onLimit = 'reject' } = options;
    return this.database.write(operation, (access) => {
      if (maxPerSubject !== undefined && session.subjectId !== null) {
        if (table.find(access, session) !== undefined) return refused('exists');
        const live = table.liveOf(access, session.tenantId, session.subjectId);
        const tooMany = live.slice(0, Math.max(0, live.length - maxPerSubject + 1));
        if (tooMany.length > 0 && onLimit === 'reject') return refused('limit');
        for (const oldest of tooMany) table.end(access, oldest, access.now, 'evicted');
      }
      const version = options.replace === 'dead' ? takePlace(access, session) : 1;
      const row = newRow(session, json, version, { now: access.now, notBefore: table.notBeforeOf(access, session) });
      return table.insert(access, row) ? ok(recordOf(operation, row)) : refused('exists');
    });
  }

  async get(ref: SessionRef): Promise<Result<SessionRecord, Liveness>> {
    const operation = 'sessions.get';
    this.validation.ref(operation, ref);
    return this.database.read(operation, (access) => {
      const found = live(access, ref);
      return found.ok ? ok(recordOf(operation, found.value)) : found;
    });
  }

  async touch(ref: SessionRef, options: TouchOptions = {}): Promise<Touched> {
    const operation = 'sessions.touch';
    const { presented, graceMs = 0, minIntervalMs = 0 } = options;
    this.validation.touch(operation, ref, options);
    /** The answer, or undefined when it takes a write that `access` may not do. */
    const answer = (access: Access, mayWrite: boolean): Touched | undefined => {
      const found = live(access, ref);
      if (!found.ok) return found;
      const row = found.value;
      const standing = standingOf(operation, row, presented, graceMs, access.now);
      if (standing === 'mismatch') return refused('mismatch');
      if (standing === 'retired') return mayWrite ? reused(access, ref) : undefined;
      const superseded = standing === 'previous';
      if (access.now - row.last_seen_at < minIntervalMs) return ok({ session: recordOf(operation, row), superseded });
      if (!mayWrite) return undefined;
      return ok({ session: recordOf(operation, table.slide(access, touched(row, access.now))), superseded });
    };
    const read = minIntervalMs > 0 ? await this.database.read(operation, (access) => answer(access, false)) : undefined;
    return read ?? this.database.write(operation, (access) => answer(access, true) ?? refused('not_found'));
  }

  async update(
    ref: SessionRef,
    expectedVersion: number,
    patch: SessionPatch,
  ): Promise<Result<SessionRecord, Liveness | 'conflict'>> {
    const operation = 'sessions.update';
    this.validation.ref(operation, ref);
    const json = this.validation.patch(operation, expectedVersion, patch);
    return this.database.write(operation, (access) => {
      const found = live(access, ref);
      if (!found.ok) return found;
      const row = found.value;
      if (row.version !== expectedVersion) return refused('conflict');
      const { idleTimeoutMs } = patch;
      const updated: SessionRow = {
        ...row,
        version: row.version + 1,
        ...(json === undefined ? {} : { data: json }),
        ...(idleTimeoutMs === undefined
          ? {}
          : {
              idle_timeout_ms: idleTimeoutMs,
              idle_expires_at: Math.min(access.now + idleTimeoutMs, row.absolute_expires_at),
            }),
      };
      return ok(recordOf(operation, table.replace(access, updated)));
    });
  }

  async rotate(ref: SessionRef, rotation: Rotation): Promise<Touched> {
    const operation = 'sessions.rotate';
    const { presented, next, graceMs, reauthenticated = false } = rotation;
    this.validation.rotation(operation, ref, rotation);
    return this.database.write(operation, (access): Touched => {
      const found = live(access, ref);
      if (!found.ok) return found;
      const row = found.value;
      const standing = standingOf(operation, row, presented, graceMs, access.now);
      if (standing === 'mismatch') return refused('mismatch');
      if (standing === 'retired') return reused(access, ref);
      if (standing === 'previous') return ok({ session: recordOf(operation, row), superseded: true });
      const successor = table.replace(access, rotated(operation, row, next, reauthenticated, access.now));
      return ok({ session: recordOf(operation, successor), superseded: false });
    });
  }

  async revoke(ref: SessionRef, reason: string): Promise<Result<{ readonly revokedAt: EpochMs }, 'not_found'>> {
    const operation = 'sessions.revoke';
    this.validation.revocation(operation, ref, reason);
    return this.database.write(operation, (access) => {
      const row = table.find(access, ref);
      if (row === undefined) return refused('not_found');
      return ok({ revokedAt: row.revoked_at ?? table.end(access, ref, revokedAt(row) ?? access.now, reason) });
    });
  }

  async revokeWhere(
    selector: RevokeSelector,
    reason: string,
  ): Promise<{ readonly notBefore: EpochMs; readonly revoked: number }> {
    const operation = 'sessions.revokeWhere';
    const { tenantId, subjectId, exceptId } = selector;
    this.validation.revocations(operation, selector, reason);
    return this.database.write(operation, (access) => {
      const alive = table.liveOf(access, tenantId, subjectId);
      const notBefore = table.moveNotBefore(access, tenantId, subjectId);
      let revoked = 0;
      for (const session of alive) {
        if (session.id === exceptId) {
          table.spare(access, session, notBefore);
        } else {
          table.end(access, session, notBefore, reason);
          revoked += 1;
        }
      }
      return { notBefore, revoked };
    });
  }

  async list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    const operation = 'sessions.list';
    const { tenantId } = owner;
    const subjectId = owner.subjectId ?? null;
    this.validation.owner(operation, owner);
    const list = listName('sqlite.sessions', this.database.namespace, tenantId, subjectId);
    const first: Position = subjectId === null ? [''] : [Number.MAX_SAFE_INTEGER, ''];
    const start = this.validation.position(operation, list, page, first);
    return this.database.read(operation, (access) =>
      pageOf<SessionRow, SessionSummary>(
        list,
        page,
        start,
        {
          after: (position, limit) =>
            subjectId === null
              ? table.pageOfTenant(access, tenantId, position, limit)
              : table.pageOfSubject(access, tenantId, subjectId, position, limit),
          positionOf: (row) => (subjectId === null ? [row.id] : [row.created_at, row.id]),
          isShown: (row) => stateOf(row, access.now) === 'live',
        },
        (row) => summaryOf(operation, row),
      ),
    );
  }
}

/** Removes a dead session of this id that is nobody's, and answers the version that the next one has. */
function takePlace(access: Access, ref: SessionRef): number {
  const row = table.find(access, ref);
  if (row === undefined || row.subject_id !== null || stateOf(row, access.now) === 'live') return 1;
  table.remove(access, ref);
  return row.version + 1;
}

function live(access: Access, ref: SessionRef): Result<SessionRow, Liveness> {
  const row = table.find(access, ref);
  if (row === undefined) return refused('not_found');
  const state = stateOf(row, access.now);
  return state === 'live' ? ok(row) : refused(state);
}

function reused(access: Access, ref: SessionRef): Result<never, 'reused'> {
  table.end(access, ref, access.now, 'reused');
  return refused('reused');
}
