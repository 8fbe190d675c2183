import type { User } from './user.ts';
import type { Users } from './users.ts';

const REASON = 'user changed';

/** What ends the sessions of a user's tokens, but the one that is excepted. */
export interface TokenRevoker {
  revokeAll(
    owner: { readonly tenantId: string; readonly subjectId: string; readonly exceptId?: string },
    reason: string,
  ): Promise<unknown>;
}

/**
 * Ends a user's sessions after the user changed. The change is written first and notes that they are to end, so a login that
 * races with it either finds it or is ended with the others; and where the process or the store fails in between, `finish`
 * of any process makes up for it.
 */
export class SessionEnds {
  constructor(
    private readonly users: Pick<Users, 'listEnding' | 'sessionsEnded'>,
    private readonly tokens: TokenRevoker,
  ) {}

  /** All sessions but the one that asks. Of a user whose sessions ended already, none. */
  async end(user: User, exceptId?: string): Promise<void> {
    const { id: subjectId, endingTenantId: tenantId } = user;
    if (tenantId === null) return;
    await this.tokens.revokeAll({ tenantId, subjectId, ...(exceptId === undefined ? {} : { exceptId }) }, REASON);
    await this.users.sessionsEnded(user);
  }

  /**
   * Those that should have ended `olderThanMs` ago. Answers how many users it was. A user whose sessions can't be ended, such
   * as by a damaged record, keeps no other waiting, and is told of after them; a store that is away is no use to any.
   */
  async finish(olderThanMs: number): Promise<number> {
    const users = await this.users.listEnding(olderThanMs);
    const failures: unknown[] = [];
    for (const user of users) {
      try {
        await this.end(user);
      } catch (error) {
        if ((error as { readonly retryable?: unknown } | null)?.retryable === true) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return users.length;
  }
}
