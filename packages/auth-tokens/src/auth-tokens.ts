import { newSessionId, ok, refused, systemClock } from '@mooring/session-store';
import type {
  Clock,
  EpochMs,
  Page,
  PageRequest,
  Result,
  SessionData,
  SessionOwner,
  SessionRecord,
  SessionRef,
  SessionStore,
  SessionSummary,
} from '@mooring/session-store';
import type { AuthEventDetails, AuthEventListener, TokenRefusal } from './events.ts';
import { settingsOf } from './options.ts';
import type { AuthTokenOptions, AuthTokenSettings } from './options.ts';
import { newTokenData, successorOf, toSessionData, tokenDataOf } from './session-data.ts';
import type { ClientDetails, TokenData } from './session-data.ts';
import { digestOf, formatToken, newVerifier, parseToken, sessionLabel } from './token.ts';

export interface NewToken {
  readonly tenantId: string;
  readonly subjectId: string;
  /** What each verification answers, such as a role. A change of it ends the subject's sessions, or it would be stale. */
  readonly claims?: SessionData;
  /** Lives for `rememberMe` instead of `lifetime`. */
  readonly rememberMe?: boolean;
  readonly client?: ClientDetails;
}

/** Who holds a token that is good. */
export interface Principal extends SessionRef {
  readonly subjectId: string;
  readonly claims: SessionData;
  readonly authenticatedAt: EpochMs;
  /** Slides with use. */
  readonly idleExpiresAt: EpochMs;
  /** The token is good for at most that long. */
  readonly absoluteExpiresAt: EpochMs;
  /** It was replaced a moment ago: rotate it to get its successor. */
  readonly superseded: boolean;
}

export interface IssuedToken {
  /** A secret: for the one that it is issued to, in a body or header, never in a URL. */
  readonly token: string;
  readonly principal: Principal;
}

/** A session as its owner sees it. */
export interface TokenSession extends SessionRef {
  readonly subjectId: string;
  readonly client: ClientDetails;
  readonly createdAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  readonly idleExpiresAt: EpochMs;
  readonly absoluteExpiresAt: EpochMs;
  readonly rememberMe: boolean;
}

interface Presented {
  readonly principal: Principal;
  readonly session: SessionRecord;
  readonly verifier: string;
  readonly data: TokenData;
}

type OfSubject = SessionRef & { readonly subjectId?: string | null };

export interface AuthTokensParts {
  readonly sessions: SessionStore;
  readonly options?: AuthTokenOptions;
  readonly onEvent?: AuthEventListener;
  /** Dates the events. Deadlines are the store's. */
  readonly clock?: Pick<Clock, 'now'>;
}

/**
 * Opaque tokens over sessions: known to every process that shares the store, gone everywhere once revoked. Failures of the
 * store reject with its `StoreError`: then a token is neither good nor bad.
 */
export class AuthTokens {
  private readonly settings: AuthTokenSettings;

  constructor(private readonly parts: AuthTokensParts) {
    this.settings = settingsOf(parts.options ?? {});
  }

  /** A session and its first token. `limit` only where `onLimit` is `reject`. One round trip. */
  async issue(request: NewToken): Promise<Result<IssuedToken, 'limit'>> {
    const { tenantId, subjectId, claims = {}, rememberMe = false, client = {} } = request;
    const { maxPerSubject, onLimit } = this.settings;
    const verifier = newVerifier();
    const created = await this.parts.sessions.create(
      {
        tenantId,
        subjectId,
        id: newSessionId({ tenantId, subjectId }),
        data: toSessionData(newTokenData(claims, client, rememberMe)),
        ...(rememberMe ? this.settings.rememberMe : this.settings.lifetime),
        verifier: digestOf(verifier),
      },
      maxPerSubject === undefined ? {} : { maxPerSubject, onLimit },
    );
    if (!created.ok) {
      if (created.reason !== 'limit')
        throw new Error('a random session id was taken: the random source repeats itself');
      this.report({ type: 'sessions_exceeded', tenantId, subjectId });
      return refused('limit');
    }
    this.report({ type: 'token_issued', ...labelled(created.value) });
    return ok(this.issued(created.value, claims, verifier));
  }

  /**
   * Who holds the token, and slides its idle deadline. Every reason for refusing is `invalid`; events tell them apart. Junk
   * is refused without the store; else it is one round trip.
   */
  async verify(token: unknown): Promise<Result<Principal, 'invalid'>> {
    const found = await this.examine(token);
    return found.ok ? found : refused('invalid');
  }

  /** As `verify`, and says why a token was refused: for caches and logs, never for whoever presented it. */
  async examine(token: unknown): Promise<Result<Principal, TokenRefusal>> {
    const found = await this.present(token);
    return found.ok ? ok(found.value.principal) : found;
  }

  /**
   * Replaces the token by its successor. Of several that rotate one token at once, all get the same successor; so does
   * one that comes within the grace. Later, a replaced token ends its session: a copy of it is out.
   */
  async rotate(token: unknown): Promise<Result<IssuedToken, 'invalid'>> {
    const found = await this.present(token);
    if (!found.ok) return refused('invalid');
    const { principal, session, verifier, data } = found.value;
    const next = successorOf(verifier, data);
    if (principal.superseded) return this.replayed(session, data, next);
    const rotated = await this.parts.sessions.rotate(principal, {
      presented: digestOf(verifier),
      next: digestOf(next),
      graceMs: this.settings.rotationGraceMs,
    });
    if (!rotated.ok) {
      this.refuse(rotated.reason, session);
      return refused('invalid');
    }
    if (rotated.value.superseded) return this.replayed(rotated.value.session, data, next);
    this.report({ type: 'token_rotated', ...labelled(session) });
    return ok(this.issued(rotated.value.session, data.claims, next));
  }

  /** Ends the token's session. True when it was good. */
  async revoke(token: unknown, reason = 'logout'): Promise<boolean> {
    const found = await this.present(token);
    if (!found.ok) return false;
    await this.end(found.value.principal, reason);
    return true;
  }

  /** Ends one session of a subject, if it is theirs: with a token or without. */
  async revokeSession(ref: SessionRef, subjectId: string, reason: string): Promise<Result<null, 'not_found'>> {
    const found = await this.parts.sessions.get(ref);
    if (!found.ok || found.value.subjectId !== subjectId) return refused('not_found');
    await this.end({ ...ref, subjectId }, reason);
    return ok(null);
  }

  /** Ends all sessions of a subject, also those of logins under way; `exceptId` is the one that asks. One round trip. */
  async revokeAll(
    owner: { readonly tenantId: string; readonly subjectId: string; readonly exceptId?: string },
    reason: string,
  ): Promise<{ readonly revoked: number | null }> {
    const { revoked = null } = await this.parts.sessions.revokeWhere(owner, reason);
    const { tenantId, subjectId } = owner;
    this.report({ type: 'tokens_revoked', tenantId, subjectId, reason, count: revoked });
    return { revoked };
  }

  /** Live sessions of a subject, newest first, or of a tenant in a stable order. Nothing in them is secret. */
  async list(owner: SessionOwner, page: PageRequest): Promise<Page<TokenSession>> {
    const { items, cursor } = await this.parts.sessions.list(owner, page);
    const sessions = items.flatMap((summary) => shown(summary));
    return cursor === undefined ? { items: sessions } : { items: sessions, cursor };
  }

  private async present(token: unknown): Promise<Result<Presented, TokenRefusal>> {
    const parts = parseToken(this.settings.prefix, token);
    if (parts === undefined) return this.refuse('malformed');
    const { verifier, ...ref } = parts;
    const { touchIntervalMs, rotationGraceMs } = this.settings;
    const touched = await this.parts.sessions.touch(ref, {
      presented: digestOf(verifier),
      graceMs: rotationGraceMs,
      minIntervalMs: touchIntervalMs,
    });
    if (!touched.ok) return this.refuse(touched.reason, ref);
    const { session, superseded } = touched.value;
    const data = tokenDataOf(session);
    if (data === undefined || session.subjectId === null) return this.refuse('mismatch', ref);
    const principal = principalOf(session, session.subjectId, data.claims, superseded);
    return ok({ principal, session, verifier, data });
  }

  private async end(ref: SessionRef & { readonly subjectId: string }, reason: string): Promise<void> {
    const { tenantId, id } = ref;
    const ended = await this.parts.sessions.revoke({ tenantId, id }, reason);
    if (ended.ok) this.report({ type: 'token_revoked', reason, ...labelled(ref) });
  }

  private replayed(session: SessionRecord, { claims }: TokenData, next: string): Result<IssuedToken, 'invalid'> {
    // Ended and begun anew meanwhile by a proof of who it is: the holder of the token before has no part in that.
    if (session.verifier !== digestOf(next)) {
      this.refuse('mismatch', session);
      return refused('invalid');
    }
    this.report({ type: 'token_replayed', ...labelled(session) });
    return ok(this.issued(session, claims, next));
  }

  private issued(session: SessionRecord, claims: SessionData, verifier: string): IssuedToken {
    const { tenantId, id, subjectId } = session;
    return {
      token: formatToken(this.settings.prefix, { tenantId, id, verifier }),
      principal: principalOf(session, subjectId ?? '', claims, false),
    };
  }

  private refuse(reason: TokenRefusal, session?: OfSubject): Result<never, TokenRefusal> {
    if (reason === 'reused' && session !== undefined) this.report({ type: 'token_reused', ...labelled(session) });
    else
      this.report({ type: 'token_refused', reason, session: session === undefined ? null : sessionLabel(session.id) });
    return refused(reason);
  }

  private report(event: AuthEventDetails): void {
    this.parts.onEvent?.({ ...event, at: (this.parts.clock ?? systemClock).now() });
  }
}

function labelled({ tenantId, subjectId = null, id }: OfSubject) {
  return { tenantId, subjectId, session: sessionLabel(id) };
}

function principalOf(session: SessionRecord, subjectId: string, claims: SessionData, superseded: boolean): Principal {
  const { tenantId, id, authenticatedAt, idleExpiresAt, absoluteExpiresAt } = session;
  return { tenantId, id, subjectId, claims, authenticatedAt, idleExpiresAt, absoluteExpiresAt, superseded };
}

function shown(summary: SessionSummary): TokenSession[] {
  const data = tokenDataOf(summary);
  if (data === undefined || summary.subjectId === null) return [];
  const { tenantId, subjectId, id, createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt } = summary;
  const { client, rememberMe } = data;
  return [{ tenantId, subjectId, id, client, createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt, rememberMe }];
}
