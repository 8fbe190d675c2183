import { ROLES } from '@mooring/engine';
import type { AuditEvent } from '@mooring/engine';
import type { AuditRow } from '../catalog-tables.ts';
import { corrupt } from '../errors.ts';
import { fields, nameOf, nullOr, oneOf, text, time, whole } from '../records/shape.ts';

/** Kinds of statements and codes of errors grow: what an older process wrote, or a newer one, is an event all the same. */
const EVENT = fields({
  at: time,
  tenantId: text,
  userId: text,
  role: oneOf(...ROLES),
  asUserId: nullOr(text),
  action: text,
  target: text,
  outcome: nameOf<AuditEvent['outcome']>({ done: true, denied: true, failed: true }),
  code: nullOr(text),
  rowsAffected: nullOr(whole),
  queryId: nullOr(text),
  requestId: nullOr(text),
  clientAddress: nullOr(text),
});

/** @throws EngineError `unavailable` */
export function eventIn(table: string, { id, at, event: json }: AuditRow, tenantId: string): AuditEvent {
  let event: Partial<AuditEvent> | null;
  try {
    event = JSON.parse(json) as Partial<AuditEvent> | null;
  } catch {
    throw corrupt(table, id, 'it is no JSON');
  }
  if (!EVENT(event)) throw corrupt(table, id, 'it is no event');
  const found = event as AuditEvent;
  if (found.tenantId !== tenantId || Math.floor(found.at) !== at) throw corrupt(table, id, 'it is of another place');
  return found;
}
