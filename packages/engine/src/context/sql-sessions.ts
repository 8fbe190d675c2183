import type { Clock } from '@mooring/session-store';
import { EngineError } from '../errors.ts';
import { SqlSession } from '../executor/sql-session.ts';
import type { Principal } from './principal.ts';

/** The pinned sessions of this process. */
export class SqlSessions {
  private readonly sessions = new Map<string, SqlSession>();

  constructor(
    private readonly clock: Clock,
    private readonly most: number,
  ) {}

  get count(): number {
    return this.sessions.size;
  }

  /** @throws EngineError `too_busy` */
  open(principal: Principal, namespace: string | undefined): SqlSession {
    if (this.sessions.size >= this.most) {
      const message = `there are ${this.most} open sessions in this process: close one, or try again later`;
      throw new EngineError({ code: 'too_busy', message, retryable: true });
    }
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

  async close(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.close()));
  }
}
