import type { SessionData, SessionRecord, SessionRef } from '@mooring/session-store';

/** A copy as it is kept: the epoch and the `valid` mark that it counts under, then the session as JSON. */
export function textOf(epoch: string, valid: string, record: SessionRecord): string {
  return `${epoch}\n${valid}\n${JSON.stringify([
    record.tenantId,
    record.id,
    record.subjectId,
    record.version,
    record.createdAt,
    record.authenticatedAt,
    record.lastSeenAt,
    record.idleTimeoutMs,
    record.idleExpiresAt,
    record.absoluteExpiresAt,
    record.verifier,
    record.rotatedAt,
    record.data,
  ])}`;
}

type Fields = readonly [
  tenantId: string,
  id: string,
  subjectId: string | null,
  version: number,
  createdAt: number,
  authenticatedAt: number,
  lastSeenAt: number,
  idleTimeoutMs: number,
  idleExpiresAt: number,
  absoluteExpiresAt: number,
  verifier: string | null,
  rotatedAt: number | null,
  data: SessionData,
];

const FIELDS = 13;

/** The session of a copy, or undefined when it does not count: of another epoch, mark or session, or damaged. */
export function recordOf(epoch: string, valid: string, ref: SessionRef, text: string): SessionRecord | undefined {
  const start = `${epoch}\n${valid}\n`;
  if (!text.startsWith(start)) return undefined;
  const fields = parsed(text.slice(start.length));
  if (fields === undefined) return undefined;
  const [tenantId, id, subjectId, version, createdAt, authenticatedAt, lastSeenAt, idleTimeoutMs] = fields;
  const [, , , , , , , , idleExpiresAt, absoluteExpiresAt, verifier, rotatedAt, data] = fields;
  if (tenantId !== ref.tenantId || id !== ref.id) return undefined;
  return {
    tenantId,
    id,
    subjectId,
    data,
    version,
    createdAt,
    authenticatedAt,
    lastSeenAt,
    idleTimeoutMs,
    idleExpiresAt,
    absoluteExpiresAt,
    verifier,
    rotatedAt,
  };
}

function parsed(json: string): Fields | undefined {
  try {
    const fields: unknown = JSON.parse(json);
    return Array.isArray(fields) && fields.length === FIELDS ? (fields as unknown as Fields) : undefined;
  } catch {
    return undefined;
  }
}
