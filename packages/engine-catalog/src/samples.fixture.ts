import type { AuditEvent, CatalogKey, TableRecord } from '@mooring/engine';
import { EngineError } from '@mooring/engine';

export function keyOf(table: string, tenantId = 'acme'): CatalogKey {
  return { tenantId, kind: 'table', key: `sales\t${table}` };
}

export function recordOf(name: string, changes: Partial<TableRecord> = {}): TableRecord {
  return {
    kind: 'table',
    tenantId: 'acme',
    namespace: 'sales',
    name,
    isView: false,
    isExternal: false,
    ownerId: 'u1',
    access: 'private',
    grants: [],
    reads: [],
    state: 'ready',
    version: 1,
    createdAt: 1_767_225_600_000,
    updatedAt: 1_767_225_600_000,
    ...changes,
  };
}

export function eventOf(at: number, changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    at,
    tenantId: 'acme',
    userId: 'u1',
    role: 'user',
    asUserId: null,
    action: 'insert',
    target: 'sales.orders',
    outcome: 'done',
    code: null,
    rowsAffected: 1,
    queryId: null,
    requestId: null,
    clientAddress: null,
    ...changes,
  };
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** What an operation failed with; an error when it did not, or with something that is no `EngineError`. */
export async function failureOf(call: Promise<unknown>): Promise<EngineError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

/** All that an error could tell somebody. */
export function toldBy(error: EngineError): string {
  const told: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    told.push(cause.message, cause.stack ?? '', JSON.stringify(cause, Object.getOwnPropertyNames(cause)));
  }
  return told.join('\n');
}
