import type { AuthTokens } from '@mooring/auth-tokens';
import type { SystemSource } from '@mooring/engine';
import { everyItem } from './every-item.ts';
import { seenOwner } from './seen-owner.ts';

/** Logins of the session store, under the ids that the auth API ends them by. */
export function loginSessions(tokens: Pick<AuthTokens, 'list'>): SystemSource {
  return async (principal) => {
    const sessions = await everyItem((page) => tokens.list(seenOwner(principal), page));
    return sessions.map(({ tenantId, subjectId, id, ...times }) => ({
      tenantId,
      userId: subjectId,
      values: {
        session_id: id,
        user_id: subjectId,
        kind: 'login',
        state: 'idle',
        opened_at: new Date(times.createdAt).toISOString(),
        last_used_at: new Date(times.lastSeenAt).toISOString(),
        expires_at: new Date(Math.min(times.idleExpiresAt, times.absoluteExpiresAt)).toISOString(),
      },
    }));
  };
}
