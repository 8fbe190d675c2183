import { newSessionId } from '@mooring/session-store';
import type { Digest, EpochMs, Liveness, SessionRef } from '@mooring/session-store';

/** What the contract says of one session, as plainly as it can be said. */
export interface ModelSession {
  readonly ref: SessionRef;
  readonly subjectId: string;
  readonly createdAt: EpochMs;
  readonly lifetimeMs: number;
  version: number;
  count: number;
  authenticatedAt: EpochMs;
  lastSeenAt: EpochMs;
  idleTimeoutMs: number;
  idleExpiresAt: EpochMs;
  absoluteExpiresAt: EpochMs;
  /** Newest first: the current one, then the retired ones. */
  verifiers: Digest[];
  rotatedAt: EpochMs | null;
  graceGiven: boolean;
  revokedAt: EpochMs | null;
  /** When it had expired already and all sessions of its subject were ended: either may be said of it. */
  cutOffAt: EpochMs | null;
  /** It was due when a sweep ran: it may be gone. */
  swept: boolean;
}

export type Standing = 'current' | 'previous' | 'retired' | 'mismatch';

/** The sessions of one tenant with a few subjects and a few ids each. */
export class SessionModel {
  readonly sessions = new Map<string, ModelSession>();
  private readonly ids = new Map<string, string>();

  constructor(readonly tenantId: string) {}

  /** The same id for the same subject and number. */
  refOf(subjectId: string, number: number): SessionRef {
    const name = `${subjectId} ${number}`;
    const id = this.ids.get(name) ?? newSessionId({ tenantId: this.tenantId, subjectId });
    this.ids.set(name, id);
    return { tenantId: this.tenantId, id };
  }

  death(session: ModelSession, now: EpochMs): Exclude<Liveness, 'not_found'> | undefined {
    if (session.revokedAt !== null) return 'revoked';
    if (now >= session.absoluteExpiresAt) return 'expired_absolute';
    if (now >= session.idleExpiresAt) return 'expired_idle';
    return undefined;
  }

  /** Ends the live sessions of a subject and answers how many. */
  endAll(subjectId: string, exceptId: string | undefined, now: EpochMs): number {
    let ended = 0;
    for (const session of this.sessions.values()) {
      if (session.subjectId !== subjectId || session.revokedAt !== null) continue;
      if (this.death(session, now) === undefined) {
        if (session.ref.id === exceptId) continue;
        session.revokedAt = now;
        ended++;
      } else {
        session.cutOffAt ??= now;
      }
    }
    return ended;
  }

  /** Oldest first. */
  liveOf(subjectId: string, now: EpochMs): ModelSession[] {
    return [...this.sessions.values()]
      .filter((session) => session.subjectId === subjectId && this.death(session, now) === undefined)
      .sort((one, other) => one.createdAt - other.createdAt);
  }

  standing(session: ModelSession, presented: Digest | undefined, graceMs: number, now: EpochMs): Standing {
    if (presented === undefined) return 'current';
    const place = session.verifiers.indexOf(presented);
    if (place === -1) return 'mismatch';
    if (place === 0) return 'current';
    const inGrace = session.rotatedAt !== null && now < session.rotatedAt + graceMs;
    return place === 1 && session.graceGiven && inGrace ? 'previous' : 'retired';
  }

  touch(session: ModelSession, now: EpochMs): void {
    session.lastSeenAt = now;
    session.idleExpiresAt = Math.min(now + session.idleTimeoutMs, session.absoluteExpiresAt);
  }

  rotate(session: ModelSession, next: Digest, reauthenticated: boolean, now: EpochMs): void {
    session.version++;
    session.verifiers.unshift(next);
    session.rotatedAt = now;
    session.graceGiven = !reauthenticated;
    if (!reauthenticated) return;
    session.authenticatedAt = now;
    session.absoluteExpiresAt = now + session.lifetimeMs;
    this.touch(session, now);
  }

  sweep(now: EpochMs): void {
    for (const session of this.sessions.values()) {
      const { revokedAt, idleExpiresAt, absoluteExpiresAt } = session;
      const end = revokedAt === null ? Math.min(idleExpiresAt, absoluteExpiresAt) : absoluteExpiresAt;
      if (now >= end) session.swept = true;
    }
  }
}
