import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { ApiError, validation } from './errors.ts';
import type { Faults } from './faults.ts';
import type { Limits } from './options.ts';
import { targetOf } from './place.ts';
import type { Place } from './place.ts';
import { isSameRole } from './principal.ts';
import type { Principal } from './principal.ts';

export type SessionStatus = 'AVAILABLE' | 'BUSY' | 'CLOSED';

/** One PostgreSQL connection that stays open between statements. */
export interface Session {
  readonly id: string;
  readonly owner: Principal;
  readonly place: Place;
  /** Grows from one session to the next. */
  readonly sequence: number;
  readonly createdAt: number;
  updatedAt: number;
  status: SessionStatus;
  keepAliveSeconds: number;
  /** When it closes if nothing runs in it; not set while something does. */
  idleUntil: number | undefined;
  currentStatementId: string | undefined;
  /** Opened by the first statement. */
  connection: Promise<Client> | undefined;
  /** Ends the backend, with what it runs. */
  terminate: (() => Promise<void>) | undefined;
  /** Statements that run now; never more than one. */
  running: number;
  /** Stops what runs in it, when it is closed over it. */
  abort: (() => void) | undefined;
}

const REAP_EVERY_MS = 50;

/** Sessions by their clock: idle time counts from the end of a statement, age from the opening. */
export class Sessions {
  opened = 0;
  mostOpen = 0;
  private readonly byId = new Map<string, Session>();
  private readonly reaper: NodeJS.Timeout;

  constructor(
    private readonly limits: Limits,
    private readonly faults: Faults,
    private readonly now: () => number,
  ) {
    this.reaper = setInterval(() => this.reap(), REAP_EVERY_MS);
    this.reaper.unref();
  }

  open(owner: Principal, place: Place, keepAliveSeconds: number): Session {
    const active = this.active().filter((session) => targetOf(session.place) === targetOf(place)).length;
    if (active >= this.limits.maxSessions) {
      throw new ApiError(
        'ActiveSessionsExceededException',
        `The number of active sessions exceeds ${this.limits.maxSessions}.`,
      );
    }
    const now = this.now();
    const session: Session = {
      id: randomUUID(),
      owner,
      place,
      sequence: this.opened + 1,
      createdAt: now,
      updatedAt: now,
      status: 'BUSY',
      keepAliveSeconds,
      idleUntil: undefined,
      currentStatementId: undefined,
      connection: undefined,
      terminate: undefined,
      running: 0,
      abort: undefined,
    };
    this.byId.set(session.id, session);
    this.opened += 1;
    this.mostOpen = Math.max(this.mostOpen, this.active().length);
    return session;
  }

  /** The session when it is free. A busy and a closed one are refused in the same words, as the service does. */
  free(id: string, owner: Principal): Session {
    const session = this.find(id, owner);
    if (session === undefined) throw validation(`Session with Id: ${id} is invalid`);
    if (session.status !== 'AVAILABLE') throw validation('Session is not available');
    return session;
  }

  /** Sessions of others are not there. */
  find(id: string, owner: Principal): Session | undefined {
    this.reap();
    const session = this.byId.get(id);
    return session !== undefined && isSameRole(session.owner, owner) ? session : undefined;
  }

  ofOwner(owner: Principal): Session[] {
    this.reap();
    return [...this.byId.values()].filter((session) => isSameRole(session.owner, owner));
  }

  active(): Session[] {
    return [...this.byId.values()].filter((session) => session.status !== 'CLOSED');
  }

  occupy(session: Session, statementId: string, abort: () => void): void {
    session.status = 'BUSY';
    session.currentStatementId = statementId;
    session.idleUntil = undefined;
    session.updatedAt = this.now();
    session.abort = abort;
  }

  vacate(session: Session): void {
    session.currentStatementId = undefined;
    session.abort = undefined;
    if (session.status === 'CLOSED') return;
    const now = this.now();
    session.status = 'AVAILABLE';
    session.updatedAt = now;
    session.idleUntil = now + session.keepAliveSeconds * 1_000;
  }

  async close(session: Session): Promise<void> {
    if (session.status === 'CLOSED') return;
    const wasBusy = session.status === 'BUSY';
    session.status = 'CLOSED';
    session.updatedAt = this.now();
    session.currentStatementId = undefined;
    session.idleUntil = undefined;
    session.abort?.();
    session.abort = undefined;
    if (wasBusy) await session.terminate?.().catch(() => undefined);
    const client = await session.connection?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  lose(id: string): boolean {
    const session = this.byId.get(id);
    if (session === undefined || session.status === 'CLOSED') return false;
    void this.close(session);
    return true;
  }

  async closeAll(): Promise<void> {
    clearInterval(this.reaper);
    await Promise.all(this.active().map((session) => this.close(session)));
  }

  private reap(): void {
    const now = this.now();
    const { loseSessionAfterMs } = this.faults;
    for (const session of this.byId.values()) {
      if (session.status === 'CLOSED') {
        if (now - session.updatedAt >= this.limits.retentionMs) this.byId.delete(session.id);
        continue;
      }
      const age = now - session.createdAt;
      const idledOut = session.idleUntil !== undefined && now >= session.idleUntil + this.limits.sessionReapDelayMs;
      const tooOld = age >= this.limits.sessionLifetimeMs;
      if (idledOut || tooOld || (loseSessionAfterMs > 0 && age >= loseSessionAfterMs)) void this.close(session);
    }
  }
}
