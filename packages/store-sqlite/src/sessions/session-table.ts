import type { EpochMs, NewSession, SessionRef } from '@mooring/session-store';
import type { Access } from '../database.ts';
import type { Position } from '../paging.ts';
import { sweepAt } from './session-row.ts';
import type { SessionRow } from './session-row.ts';
import { query } from '../file/connection.ts';

const COLUMNS = `t.tenant_id, t.id, t.subject_id, t.version, t.created_at, t.authenticated_at, t.last_seen_at,
  t.idle_timeout_ms, t.lifetime_ms, t.idle_expires_at, t.absolute_expires_at, t.verifier, t.retired_verifiers, t.grace,
  t.rotated_at, t.spared_at, t.revoked_at, t.data, n.not_before`;

const SELECT = `select ${COLUMNS} from sessions t left join subjects n
  on n.namespace = t.namespace and n.tenant_id = t.tenant_id and n.subject_id = t.subject_id`;

const FIND = query<SessionRow>(`${SELECT} where t.namespace = ? and t.tenant_id = ? and t.id = ?`);

const INSERT = `insert into sessions (
    namespace, tenant_id, id, subject_id, version, created_at, authenticated_at, last_seen_at, idle_timeout_ms,
    lifetime_ms, idle_expires_at, absolute_expires_at, sweep_at, verifier, data
  ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (namespace, tenant_id, id) do nothing`;

const TOUCH = `update sessions set last_seen_at = ?, idle_expires_at = ?, sweep_at = ?
  where namespace = ? and tenant_id = ? and id = ?`;

const REPLACE = `update sessions set
    version = ?, authenticated_at = ?, last_seen_at = ?, idle_timeout_ms = ?, idle_expires_at = ?,
    absolute_expires_at = ?, sweep_at = ?, verifier = ?, retired_verifiers = ?, grace = ?, rotated_at = ?, data = ?
  where namespace = ? and tenant_id = ? and id = ?`;

const END = `update sessions set revoked_at = ?, revoke_reason = ?, sweep_at = absolute_expires_at
  where namespace = ? and tenant_id = ? and id = ?`;

const REMOVE = `delete from sessions where namespace = ? and tenant_id = ? and id = ?`;

const SPARE = `update sessions set spared_at = ? where namespace = ? and tenant_id = ? and id = ?`;

/** Without their data, which may be large. */
const LIVE_OF_SUBJECT = query<SessionRef>(`select t.tenant_id as tenantId, t.id
  from sessions t left join subjects n
    on n.namespace = t.namespace and n.tenant_id = t.tenant_id and n.subject_id = t.subject_id
  where t.namespace = ?1 and t.tenant_id = ?2 and t.subject_id = ?3
    and t.revoked_at is null and t.idle_expires_at > ?4 and t.absolute_expires_at > ?4
    and (n.not_before is null or n.not_before < t.authenticated_at or n.not_before <= coalesce(t.spared_at, -1))
  order by t.created_at, t.id`);

const PAGE_OF_TENANT = query<SessionRow>(
  `${SELECT} where t.namespace = ? and t.tenant_id = ? and t.id > ? order by t.id limit ?`,
);

const PAGE_OF_SUBJECT = query<SessionRow>(`${SELECT} where t.namespace = ? and t.tenant_id = ? and t.subject_id = ?
  and (t.created_at, t.id) < (?, ?) order by t.created_at desc, t.id desc limit ?`);

const NOT_BEFORE = query<{ not_before: EpochMs }>(
  `select not_before from subjects where namespace = ? and tenant_id = ? and subject_id = ?`,
);

const LATEST = query<{ deadline: EpochMs | null; authentication: EpochMs | null }>(`select
    max(absolute_expires_at) as deadline,
    max(authenticated_at) filter (where revoked_at is null) as authentication
  from sessions where namespace = ? and tenant_id = ? and subject_id = ?`);

const MOVE_NOT_BEFORE = `insert into subjects (namespace, tenant_id, subject_id, not_before, keep_until)
  values (?, ?, ?, ?, ?)
  on conflict (namespace, tenant_id, subject_id) do update set
    not_before = excluded.not_before, keep_until = max(keep_until, excluded.keep_until)`;

/** It matters to sessions that a clock which was set back creates later. */
const NOT_BEFORE_KEPT_MS = 86_400_000;

export function find(access: Access, ref: SessionRef): SessionRow | undefined {
  return access.one(FIND, access.namespace, ref.tenantId, ref.id);
}

/** Whether the id was free. */
export function insert(access: Access, row: SessionRow): boolean {
  const inserted = access.run(
    INSERT,
    access.namespace,
    row.tenant_id,
    row.id,
    row.subject_id,
    row.version,
    row.created_at,
    row.authenticated_at,
    row.last_seen_at,
    row.idle_timeout_ms,
    row.lifetime_ms,
    row.idle_expires_at,
    row.absolute_expires_at,
    sweepAt(row),
    row.verifier,
    row.data,
  );
  return inserted === 1;
}

export function slide(access: Access, row: SessionRow): SessionRow {
  access.run(TOUCH, row.last_seen_at, row.idle_expires_at, sweepAt(row), access.namespace, row.tenant_id, row.id);
  return row;
}

export function replace(access: Access, row: SessionRow): SessionRow {
  access.run(
    REPLACE,
    row.version,
    row.authenticated_at,
    row.last_seen_at,
    row.idle_timeout_ms,
    row.idle_expires_at,
    row.absolute_expires_at,
    sweepAt(row),
    row.verifier,
    row.retired_verifiers,
    row.grace,
    row.rotated_at,
    row.data,
    access.namespace,
    row.tenant_id,
    row.id,
  );
  return row;
}

export function remove(access: Access, { tenantId, id }: SessionRef): void {
  access.run(REMOVE, access.namespace, tenantId, id);
}

/** Leaves a tombstone. */
export function end(access: Access, { tenantId, id }: SessionRef, at: EpochMs, reason: string): EpochMs {
  access.run(END, at, reason, access.namespace, tenantId, id);
  return at;
}

/** Lets the session be although its subject's `notBefore` moved. */
export function spare(access: Access, { tenantId, id }: SessionRef, notBefore: EpochMs): void {
  access.run(SPARE, notBefore, access.namespace, tenantId, id);
}

/** Live sessions of a subject, oldest first. */
export function liveOf(access: Access, tenantId: string, subjectId: string): readonly SessionRef[] {
  return access.all(LIVE_OF_SUBJECT, access.namespace, tenantId, subjectId, access.now);
}

export function pageOfTenant(access: Access, tenantId: string, after: Position, limit: number): readonly SessionRow[] {
  return access.all(PAGE_OF_TENANT, access.namespace, tenantId, ...after, limit);
}

export function pageOfSubject(
  access: Access,
  tenantId: string,
  subjectId: string,
  before: Position,
  limit: number,
): readonly SessionRow[] {
  return access.all(PAGE_OF_SUBJECT, access.namespace, tenantId, subjectId, ...before, limit);
}

export function notBeforeOf(access: Access, { tenantId, subjectId }: NewSession): EpochMs | null {
  if (subjectId === null) return null;
  return access.one(NOT_BEFORE, access.namespace, tenantId, subjectId)?.not_before ?? null;
}

/** Moves the subject's `notBefore` to now, or to its newest session by a clock that was ahead; never back. */
export function moveNotBefore(access: Access, tenantId: string, subjectId: string): EpochMs {
  const owner = [access.namespace, tenantId, subjectId] as const;
  const latest = access.one(LATEST, ...owner);
  const before = access.one(NOT_BEFORE, ...owner)?.not_before ?? 0;
  const notBefore = Math.max(access.now, before, latest?.authentication ?? 0);
  access.run(MOVE_NOT_BEFORE, ...owner, notBefore, Math.max(notBefore + NOT_BEFORE_KEPT_MS, latest?.deadline ?? 0));
  return notBefore;
}
