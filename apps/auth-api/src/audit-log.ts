import type { AuthEvent } from '@mooring/auth-tokens';
import type { Logger, Metrics } from '@mooring/nest-runtime';
import type { User } from '@mooring/users';
import type { Caller } from './login/token-claims.ts';

export type AdministrationEvent = 'user_created' | 'user_changed' | 'user_unlocked' | 'password_changed';

/** What somebody should look at. */
const ALARMING: ReadonlySet<string> = new Set(['token_reused', 'login_locked']);

/**
 * A line of the log for each event, with the message `Audit`, and a count by type. Lines have ids and labels; no token, no
 * password, no name of a user.
 */
export class AuditLog {
  private readonly count: (type: string) => void;

  constructor(
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const events = metrics.counter({
      name: 'mooring_auth_events_total',
      help: 'What happened to tokens, logins and users, by the type of the event.',
      labelNames: ['type'],
    });
    this.count = (type) => events.inc({ type });
  }

  /** For `onEvent` of tokens and the login guard. */
  readonly onEvent = (event: AuthEvent): void => {
    this.count(event.type);
    this.logger[ALARMING.has(event.type) ? 'warn' : 'info']({ audit: { ...event } }, 'Audit');
  };

  administration(type: AdministrationEvent, by: Caller, user: Pick<User, 'id' | 'tenantId' | 'role'>): void {
    this.count(type);
    const { id, tenantId, role } = user;
    this.logger.info({ audit: { type, by: by.id, byTenantId: by.tenantId, userId: id, tenantId, role } }, 'Audit');
  }
}
