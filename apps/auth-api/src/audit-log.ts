import type { AuthEvent } from '@mooring/auth-tokens';
import type { Logger, Metrics } from '@mooring/nest-runtime';
import type { User } from '@mooring/users';
import type { Caller } from './login/token-claims.ts';

export type AdministrationEvent = 'user_created' | 'user_changed' | 'user_unlocked' | 'password_changed';

/** Every type of an event, and whether somebody should look at it. */
const TYPES: Readonly<Record<AuthEvent['type'] | AdministrationEvent, boolean>> = {
  token_issued: false,
  token_rotated: false,
  token_replayed: false,
  token_revoked: false,
  tokens_revoked: false,
  sessions_exceeded: false,
  token_reused: true,
  token_refused: false,
  login_succeeded: false,
  login_failed: false,
  login_locked: true,
  user_created: false,
  user_changed: false,
  user_unlocked: false,
  password_changed: false,
};

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
    // From the start: to Prometheus, what begins with 1 has not increased, and the first one would raise no alert.
    for (const type of Object.keys(TYPES)) events.inc({ type }, 0);
    this.count = (type) => events.inc({ type });
  }

  /** For `onEvent` of tokens and the login guard. */
  readonly onEvent = (event: AuthEvent): void => {
    this.count(event.type);
    this.logger[TYPES[event.type] ? 'warn' : 'info']({ audit: { ...event } }, 'Audit');
  };

  administration(type: AdministrationEvent, by: Caller, user: Pick<User, 'id' | 'tenantId' | 'role'>): void {
    this.count(type);
    const { id, tenantId, role } = user;
    this.logger.info({ audit: { type, by: by.id, byTenantId: by.tenantId, userId: id, tenantId, role } }, 'Audit');
  }
}
