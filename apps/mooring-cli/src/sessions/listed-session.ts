import type { SessionOwner, SessionStore, SessionSummary } from '@mooring/session-store';

/** A session as it is printed: neither its verifier nor its data, which is its application's. */
export interface ListedSession {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  /** When it ends unless it is used. */
  readonly idleExpiresAt: string;
  /** When it ends whatever its use. */
  readonly endsAt: string;
}

const PAGE = 500;

export async function* eachSession(
  sessions: Pick<SessionStore, 'list'>,
  owner: SessionOwner,
): AsyncGenerator<SessionSummary, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await sessions.list(owner, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Up to `limit` of them, and whether there are more. */
export async function listSessions(
  sessions: Pick<SessionStore, 'list'>,
  owner: SessionOwner,
  limit: number,
): Promise<{ readonly sessions: readonly SessionSummary[]; readonly more: boolean }> {
  const listed: SessionSummary[] = [];
  for await (const session of eachSession(sessions, owner)) {
    if (listed.length === limit) return { sessions: listed, more: true };
    listed.push(session);
  }
  return { sessions: listed, more: false };
}

export function shownSession(session: SessionSummary): ListedSession {
  return {
    id: session.id,
    tenantId: session.tenantId,
    userId: session.subjectId,
    createdAt: timeOf(session.createdAt),
    lastSeenAt: timeOf(session.lastSeenAt),
    idleExpiresAt: timeOf(session.idleExpiresAt),
    endsAt: timeOf(session.absoluteExpiresAt),
  };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
