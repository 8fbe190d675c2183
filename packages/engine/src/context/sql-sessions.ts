import type { Clock } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import { SqlSession } from '../executor/sql-session.ts';
import type { EngineOptions } from './options.ts';
import type { Principal } from './principal.ts';

/** The pinned sessions of this process. */
export class SqlSessions {
  private readonly sessions = new Map<string, SqlSession>();

  constructor(
    private readonly clock: Clock,
    private readonly options: Pick<EngineOptions, 'maxSessions' | 'maxSessionsPerTenant'>,
  ) {}

  get count(): number {
    return this.sessions.size;
  }

  /** @throws EngineError `too_busy` */
  open(principal: Principal, namespace: string | undefined): SqlSession {
    const { maxSessions, maxSessionsPerTenant } = this.options;
    if (this.list(principal.tenantId).length >= maxSessionsPerTenant) {
      throw tooMany(`the tenant has ${maxSessionsPerTenant} open sessions in this process`);
    }
    if (this.sessions.size >= maxSessions) throw tooMany(`there are ${maxSessions} open sessions in this process`);
    const session = new SqlSession({
      principal,
      namespace,
      openedAt: this.clock.now(),
      keepsState: true,
      isPinned: true,
      onClose: ({ id }) => void this.sessions.delete(id),
    });
    this.sessions.set(session.id, session);
    return session;
  }

  /** Of this user alone. */
  find({ tenantId, userId }: Principal, id: string): SqlSession | undefined {
    const session = this.sessions.get(id);
    const isTheirs = session?.principal.tenantId === tenantId && session.principal.userId === userId;
    return isTheirs ? session : undefined;
  }

  list(tenantId: string): readonly SqlSession[] {
    return [...this.sessions.values()].filter(({ principal }) => principal.tenantId === tenantId);
  }

  /** Never rejects: the engines are closed next, with what a session could not give back. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.sessions.values()].map((session) => session.close()));
  }
}

function tooMany(what: string): EngineError {
  return new EngineError({ code: 'too_busy', message: `${what}: close one, or try again later`, retryable: true });
}
