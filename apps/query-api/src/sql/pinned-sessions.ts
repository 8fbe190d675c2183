import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { EngineContext, ExecutionContext, SqlExecutor } from '@mooring/engine';
import type { SqlSession } from '@mooring/engine';
import { ProblemError } from '@mooring/nest-runtime';
import type { Principal } from '../api-tokens.ts';
import { QueryApiConfig } from '../config.ts';
import { SessionWatch } from '../queries/session-watch.ts';
import { sqlPrincipal } from './sql-principal.ts';

const LOOK_EVERY_MS = 5000;
const ID = /^([0-9a-f]{12})_([0-9a-f-]{36})$/;

export interface PinnedSession {
  readonly id: string;
  readonly session: SqlSession;
  /** When it ends unless it is used. */
  readonly expiresAt: number;
}

/**
 * The pinned sessions of this process. Their connections live in it, so their ids begin with its own: another process
 * can tell a session that is elsewhere from one that is over.
 */
@Injectable()
export class PinnedSessions implements BeforeApplicationShutdown {
  private readonly logger = new Logger(PinnedSessions.name);
  private readonly process = randomBytes(6).toString('hex');
  private readonly executor = new SqlExecutor();
  private readonly unwatch = new Map<SqlSession, () => void>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(EngineContext) private readonly engine: EngineContext,
    @Inject(SessionWatch) private readonly tokens: SessionWatch,
    @Inject(QueryApiConfig) private readonly config: Pick<QueryApiConfig, 'sqlSessions'>,
  ) {}

  /** It ends with the token that opened it. */
  open(caller: Principal, namespace: string | undefined): PinnedSession {
    const { maxPerUser } = this.config.sqlSessions;
    if (this.list(caller).length >= maxPerUser) {
      const detail = `You have ${maxPerUser} open sessions here, which is the most: close one first.`;
      throw new ProblemError('too_many_sql_sessions', detail);
    }
    const principal = sqlPrincipal(caller);
    const context =
      namespace === undefined
        ? ExecutionContext.create(this.engine, principal)
        : ExecutionContext.inNamespace(this.engine, principal, namespace);
    const session = this.executor.openSession(context);
    this.unwatch.set(
      session,
      this.tokens.watch(caller, () => this.abandon(session)),
    );
    this.timer ??= setInterval(() => this.endUnused(), this.lookEveryMs).unref();
    return this.shown(session);
  }

  list(caller: Principal): readonly PinnedSession[] {
    return this.engine.sessions
      .list(caller.tenantId)
      .filter(({ principal }) => principal.userId === caller.userId)
      .map((session) => this.shown(session));
  }

  /** The caller's own. @throws ProblemError `sql_session_not_found`, `sql_session_elsewhere` */
  get(caller: Principal, id: string): PinnedSession {
    const [, process, sessionId = ''] = ID.exec(id) ?? [];
    if (process !== undefined && process !== this.process) {
      const detail =
        'Another process has the session, or had it until it ended. Send its requests there, or open another one.';
      throw new ProblemError('sql_session_elsewhere', detail);
    }
    const session = this.engine.sessions.find(sqlPrincipal(caller), sessionId);
    if (session !== undefined && this.unwatch.has(session)) return this.shown(session);
    throw new ProblemError('sql_session_not_found', 'You have no session with this id, or not any more.');
  }

  /** Cancels what runs on it, undoes its open transaction and drops its temporary tables. */
  async close(caller: Principal, id: string): Promise<void> {
    await this.end(this.get(caller, id).session);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await Promise.allSettled([...this.unwatch.keys()].map((session) => this.end(session)));
  }

  private get lookEveryMs(): number {
    return Math.min(LOOK_EVERY_MS, this.config.sqlSessions.idleMs / 2);
  }

  private shown(session: SqlSession): PinnedSession {
    const expiresAt = session.lastUsedAt + this.config.sqlSessions.idleMs;
    return { id: `${this.process}_${session.id}`, session, expiresAt };
  }

  private endUnused(): void {
    const now = this.engine.clock.now();
    for (const session of this.unwatch.keys()) {
      if (!session.isBusy && this.shown(session).expiresAt <= now) this.abandon(session);
    }
  }

  /** Ends it with nobody waiting for that. */
  private abandon(session: SqlSession): void {
    this.end(session).catch(() => this.logger.warn('A pinned session could not give its connection back'));
  }

  /** From here on nobody finds it. */
  private async end(session: SqlSession): Promise<void> {
    this.unwatch.get(session)?.();
    this.unwatch.delete(session);
    await session.close();
  }
}
