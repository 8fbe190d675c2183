import type { EpochMs, Liveness } from '@mooring/session-store';

/** Why a token was refused. Callers only ever learn that it was. */
export type TokenRefusal = 'malformed' | 'mismatch' | 'reused' | Liveness;

interface OfSession {
  readonly tenantId: string;
  readonly subjectId: string | null;
  /** From `sessionLabel`: the same for all events of a session. */
  readonly session: string;
}

/** What happened to tokens and logins, for an audit log. Never holds a token, a verifier, a password or a session id. */
export type AuthEvent = { readonly at: EpochMs } & (
  | ({ readonly type: 'token_issued' | 'token_rotated' | 'token_replayed' } & OfSession)
  | ({ readonly type: 'token_revoked'; readonly reason: string } & OfSession)
  | {
      readonly type: 'tokens_revoked';
      readonly tenantId: string;
      readonly subjectId: string;
      readonly reason: string;
      readonly count: number | null;
    }
  | { readonly type: 'sessions_exceeded'; readonly tenantId: string; readonly subjectId: string }
  /** A retired token was presented after its grace: a copy of it is out. Its session was ended. */
  | ({ readonly type: 'token_reused' } & OfSession)
  | { readonly type: 'token_refused'; readonly reason: TokenRefusal; readonly session: string | null }
  | {
      readonly type: 'login_succeeded' | 'login_failed' | 'login_locked';
      readonly tenantId: string;
      readonly account: string;
      readonly address: string;
      /** Until when nobody is let in who matches; null when not locked. */
      readonly lockedUntil: EpochMs | null;
    }
);

type WithoutTime<Event> = Event extends AuthEvent ? Omit<Event, 'at'> : never;
export type AuthEventDetails = WithoutTime<AuthEvent>;

/** Must not throw and is not waited for. */
export type AuthEventListener = (event: AuthEvent) => void;
