import type { SessionStore } from '@mooring/session-store';
import { eachSession } from './listed-session.ts';

export interface Revocation {
  readonly tenantId: string;
  /** All sessions of this user. */
  readonly subjectId: string | undefined;
  /** These; without a user and without ids, all of the tenant. */
  readonly ids: readonly string[];
  readonly reason: string;
  readonly dryRun: boolean;
  /** Ends it after the sessions under way. */
  readonly signal: AbortSignal;
}

export interface RevocationReport {
  readonly revoked: number;
  readonly notFound: readonly string[];
  readonly aborted: boolean;
}

type Sessions = Pick<SessionStore, 'get' | 'list' | 'revoke' | 'revokeWhere'>;

/** So many calls are under way at once. */
const AT_ONCE = 8;

export async function revokeSessions(
  sessions: Sessions,
  what: Revocation,
  progress: (revoked: number) => void,
): Promise<RevocationReport> {
  const { tenantId, subjectId, ids, reason, dryRun } = what;
  if (subjectId !== undefined) return revokeUser(sessions, { tenantId, subjectId }, what);
  const found: AsyncIterable<string> | readonly string[] = ids.length > 0 ? ids : idsOf(sessions, tenantId);
  const notFound: string[] = [];
  let revoked = 0;
  const end = async (id: string): Promise<void> => {
    const ref = { tenantId, id };
    const { ok } = dryRun ? await sessions.get(ref) : await sessions.revoke(ref, reason);
    if (ok) revoked += 1;
    else notFound.push(id);
  };
  let some: Promise<void>[] = [];
  for await (const id of found) {
    if (what.signal.aborted) break;
    some.push(end(id));
    if (some.length < AT_ONCE) continue;
    await Promise.all(some);
    some = [];
    progress(revoked);
  }
  await Promise.all(some);
  return { revoked, notFound: ids.length > 0 ? notFound : [], aborted: what.signal.aborted };
}

/** At once, and also for a login that races with it. */
async function revokeUser(
  sessions: Sessions,
  user: { readonly tenantId: string; readonly subjectId: string },
  { reason, dryRun }: Revocation,
): Promise<RevocationReport> {
  let live = 0;
  for await (const session of eachSession(sessions, user)) if (session.subjectId === user.subjectId) live += 1;
  if (dryRun) return { revoked: live, notFound: [], aborted: false };
  const { revoked = live } = await sessions.revokeWhere(user, reason);
  return { revoked, notFound: [], aborted: false };
}

async function* idsOf(sessions: Sessions, tenantId: string): AsyncGenerator<string, void, undefined> {
  for await (const { id } of eachSession(sessions, { tenantId })) yield id;
}
