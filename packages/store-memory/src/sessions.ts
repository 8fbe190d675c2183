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
import { keyOf } from './key.ts';
import type { MemorySpace } from './memory-space.ts';
import { pageOf } from './paging.ts';
import { OwnerIndexes } from './sequence-index.ts';
import {
  authenticationAt,
  charactersOf,
  deadlineOf,
  deathOf,
  newRow,
  recordOf,
  revokedRow,
  rotated,
  standingOf,
  summaryOf,
  touched,
} from './session-row.ts';
import type { SessionRow } from './session-row.ts';
import type { Table } from './table.ts';

/** How long a subject's `notBefore` is kept. It only matters to sessions created by a clock that was set back. */
const NOT_BEFORE_KEPT_MS = 3_600_000;

interface SubjectRow {
  readonly notBefore: EpochMs;
}

/** A row per session, tombstones included, and two indexes in the order of creation. */
export class MemorySessions implements SessionStore {
  readonly rows: Table<SessionRow>;
  private readonly subjects: Table<SubjectRow>;
  private readonly ofTenant = new OwnerIndexes();
  private readonly ofSubject = new OwnerIndexes();

  constructor(private readonly space: MemorySpace) {
    this.rows = space.table<SessionRow>({
      deadline: deadlineOf,
      characters: charactersOf,
      removed: (row) => this.unindex(row),
    });
    this.subjects = space.table<SubjectRow>({
      deadline: ({ notBefore }) => notBefore + NOT_BEFORE_KEPT_MS,
      characters: () => 0,
    });
  }

  async create(session: NewSession, options: CreateOptions = {}): Promise<Result<SessionRecord, 'exists' | 'limit'>> {
    const operation = 'sessions.create';
    const now = this.space.enter(operation);
    const json = this.space.validation.newSession(operation, session, options);
    const key = keyOf(session.tenantId, session.id);
    const before = this.rows.get(key);
    if (before !== undefined && !(options.replace === 'dead' && isReplaceable(before, now))) return refused('exists');
    const { maxPerSubject, onLimit = 'reject' } = options;
    const oldest = maxPerSubject === undefined ? [] : this.tooMany(session, maxPerSubject, now);
    if (oldest.length > 0 && onLimit === 'reject') return refused('limit');

    const version = before === undefined ? 1 : before.version + 1;
    const notBefore = this.notBeforeOf(session.tenantId, session.subjectId);
    const authenticatedAt = authenticationAt(notBefore, now);
    const row = { ...newRow(session, json, this.space.nextSequence(), version, now), authenticatedAt };
    this.rows.grow(operation, key, row);
    if (before !== undefined) this.unindex(before);
    this.index(row);
    for (const live of oldest) this.end(live, now, 'evicted');
    if (notBefore !== undefined && row.authenticatedAt <= notBefore) this.end(row, notBefore, 'not before');
    return ok(recordOf(row));
  }

  async get(ref: SessionRef): Promise<Result<SessionRecord, Liveness>> {
    const operation = 'sessions.get';
    const now = this.space.enter(operation);
    this.space.validation.ref(operation, ref);
    const found = this.live(ref, now);
    return found.ok ? ok(recordOf(found.value)) : found;
  }

  async touch(
    ref: SessionRef,
    options: TouchOptions = {},
  ): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.touch';
    const now = this.space.enter(operation);
    const { validation } = this.space;
    const { presented, graceMs = 0, minIntervalMs = 0 } = options;
    validation.touch(operation, ref, options);
    const found = this.live(ref, now);
    if (!found.ok) return found;
    const row = found.value;
    const standing = standingOf(row, presented, graceMs, now);
    if (standing === 'mismatch') return refused('mismatch');
    if (standing === 'retired') return this.reused(row, now);
    const due = now - row.lastSeenAt >= minIntervalMs;
    return ok({ session: recordOf(due ? this.replace(touched(row, now)) : row), superseded: standing === 'previous' });
  }

  async update(
    ref: SessionRef,
    expectedVersion: number,
    patch: SessionPatch,
  ): Promise<Result<SessionRecord, Liveness | 'conflict'>> {
    const operation = 'sessions.update';
    const now = this.space.enter(operation);
    this.space.validation.ref(operation, ref);
    const json = this.space.validation.patch(operation, expectedVersion, patch);
    const found = this.live(ref, now);
    if (!found.ok) return found;
    const row = found.value;
    if (row.version !== expectedVersion) return refused('conflict');
    const { idleTimeoutMs } = patch;
    const updated: SessionRow = {
      ...row,
      version: row.version + 1,
      ...(json === undefined ? {} : { json }),
      ...(idleTimeoutMs === undefined
        ? {}
        : { idleTimeoutMs, idleExpiresAt: Math.min(now + idleTimeoutMs, row.absoluteExpiresAt) }),
    };
    this.rows.grow(operation, keyOf(ref.tenantId, ref.id), updated);
    return ok(recordOf(updated));
  }

  async rotate(ref: SessionRef, rotation: Rotation): Promise<Result<TouchedSession, Liveness | 'mismatch' | 'reused'>> {
    const operation = 'sessions.rotate';
    const now = this.space.enter(operation);
    const { validation } = this.space;
    validation.rotation(operation, ref, rotation);
    const found = this.live(ref, now);
    if (!found.ok) return found;
    const row = found.value;
    const standing = standingOf(row, rotation.presented, rotation.graceMs, now);
    if (standing === 'mismatch') return refused('mismatch');
    if (standing === 'retired') return this.reused(row, now);
    if (standing === 'previous') return ok({ session: recordOf(row), superseded: true });
    const authenticatedAt = rotation.reauthenticated === true ? this.reauthenticationAt(row, now) : undefined;
    const successor = this.replace(rotated(row, rotation.next, now, authenticatedAt));
    return ok({ session: recordOf(successor), superseded: false });
  }

  async revoke(ref: SessionRef, reason: string): Promise<Result<{ readonly revokedAt: EpochMs }, 'not_found'>> {
    const operation = 'sessions.revoke';
    const now = this.space.enter(operation);
    this.space.validation.revocation(operation, ref, reason);
    const row = this.rows.get(keyOf(ref.tenantId, ref.id));
    if (row === undefined) return refused('not_found');
    return ok({ revokedAt: row.revokedAt ?? this.end(row, now, reason) });
  }

  async revokeWhere(
    selector: RevokeSelector,
    reason: string,
  ): Promise<{ readonly notBefore: EpochMs; readonly revoked: number }> {
    const operation = 'sessions.revokeWhere';
    const now = this.space.enter(operation);
    const { validation } = this.space;
    const { tenantId, subjectId, exceptId } = selector;
    validation.revocations(operation, selector, reason);
    const alive = [...this.liveOf(tenantId, subjectId, now)];
    const before = this.notBeforeOf(tenantId, subjectId) ?? 0;
    const notBefore = alive.reduce((latest, row) => Math.max(latest, row.authenticatedAt), Math.max(now, before));
    this.subjects.put(keyOf(tenantId, subjectId), { notBefore });
    let revoked = 0;
    for (const row of alive) {
      if (row.id === exceptId) continue;
      this.end(row, notBefore, reason);
      revoked++;
    }
    return { notBefore, revoked };
  }

  async list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    const operation = 'sessions.list';
    const now = this.space.enter(operation);
    const { validation, namespace } = this.space;
    const { tenantId } = owner;
    const subjectId = owner.subjectId ?? null;
    validation.owner(operation, owner);
    const list = listName('memory.sessions', namespace, tenantId, subjectId);
    const [start] = validation.position(operation, list, page, [subjectId === null ? 0 : Infinity]);
    const keys =
      subjectId === null
        ? this.ofTenant.of(tenantId)?.after(start)
        : this.ofSubject.of(keyOf(tenantId, subjectId))?.before(start);
    return pageOf(list, page, this.liveAmong(keys ?? [], now), summaryOf);
  }

  /** The oldest live sessions that must go for one more to fit. */
  private tooMany(session: NewSession, maxPerSubject: number, now: EpochMs): readonly SessionRow[] {
    const live = [...this.liveOf(session.tenantId, session.subjectId ?? '', now)];
    return live.slice(0, Math.max(0, live.length - maxPerSubject + 1));
  }

  /** Oldest first. */
  private liveOf(tenantId: string, subjectId: string, now: EpochMs): Iterable<SessionRow> {
    return this.liveAmong(this.ofSubject.of(keyOf(tenantId, subjectId))?.after(0) ?? [], now);
  }

  private *liveAmong(keys: Iterable<string>, now: EpochMs): Generator<SessionRow> {
    for (const key of keys) {
      const row = this.rows.get(key);
      if (row !== undefined && deathOf(row, now) === undefined) yield row;
    }
  }

  private live(ref: SessionRef, now: EpochMs): Result<SessionRow, Liveness> {
    const row = this.rows.get(keyOf(ref.tenantId, ref.id));
    if (row === undefined) return refused('not_found');
    const death = deathOf(row, now);
    return death === undefined ? ok(row) : refused(death);
  }

  private reused(row: SessionRow, now: EpochMs): Result<never, 'reused'> {
    this.end(row, now, 'reused');
    return refused('reused');
  }

  private end(row: SessionRow, at: EpochMs, reason: string): EpochMs {
    this.replace(revokedRow(row, at, reason));
    return at;
  }

  private replace(row: SessionRow): SessionRow {
    this.rows.put(keyOf(row.tenantId, row.id), row);
    return row;
  }

  private reauthenticationAt({ tenantId, subjectId, authenticatedAt }: SessionRow, now: EpochMs): EpochMs {
    return Math.max(authenticatedAt, authenticationAt(this.notBeforeOf(tenantId, subjectId), now));
  }

  private notBeforeOf(tenantId: string, subjectId: string | null): EpochMs | undefined {
    return subjectId === null ? undefined : this.subjects.get(keyOf(tenantId, subjectId))?.notBefore;
  }

  private index(row: SessionRow): void {
    const key = keyOf(row.tenantId, row.id);
    this.ofTenant.add(row.tenantId, row.sequence, key);
    if (row.subjectId !== null) this.ofSubject.add(keyOf(row.tenantId, row.subjectId), row.sequence, key);
  }

  private unindex(row: SessionRow): void {
    this.ofTenant.remove(row.tenantId, row.sequence);
    if (row.subjectId !== null) this.ofSubject.remove(keyOf(row.tenantId, row.subjectId), row.sequence);
  }
}

/** Nobody's and dead: another may take its place. */
function isReplaceable(row: SessionRow, now: EpochMs): boolean {
  return row.subjectId === null && deathOf(row, now) !== undefined;
}
