import type { EpochMs } from '@mooring/session-store';
import type { EngineErrorCode } from '../errors.ts';
import type { Role } from '../context/role.ts';
import type { StatementKind } from '../sql/statement.ts';

/**
 * That a statement changed something, failed to, or was refused: every DDL, DML, change of users and rights, EXECUTE AS
 * USER, KILL, and whatever was denied. It names objects; it never holds a statement's text, values or passwords.
 */
export interface AuditEvent {
  readonly at: EpochMs;
  readonly tenantId: string;
  /** Who sent it. */
  readonly userId: string;
  readonly role: Role;
  /** As whom it ran, of EXECUTE AS USER. */
  readonly asUserId: string | null;
  /** `parse` of what could not be read as a statement. */
  readonly action: StatementKind | 'parse';
  /** What it is about, such as `sales.orders` or a user's name; several with a comma between them. */
  readonly target: string;
  readonly outcome: 'done' | 'denied' | 'failed';
  /** Of what was denied or failed; null of a failure that is a bug. */
  readonly code: EngineErrorCode | null;
  readonly rowsAffected: number | null;
  readonly queryId: string | null;
  readonly requestId: string | null;
  readonly clientAddress: string | null;
}

/** Where audit events go. A durable one belongs to the application. */
export interface AuditSink {
  /** A failure is told to `onAuditFailure` of the engine context; the statement's answer stays what it is. */
  record(event: AuditEvent): Promise<void>;
  /** The tenant's last events, the newest first. */
  recent(tenantId: string, limit: number): Promise<readonly AuditEvent[]>;
}
