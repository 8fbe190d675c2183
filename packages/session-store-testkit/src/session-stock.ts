import { newSessionId } from '@mooring/session-store';
import type { SessionRef, StoreBackend } from '@mooring/session-store';

const CREATED_AT_ONCE = 20;
const LIFETIME_MS = 3_600_000;

/** Sessions of one user, for the specs of what sweeps, lists or moves them. */
export async function createSessions(
  store: Pick<StoreBackend, 'sessions'>,
  count: number,
  idleTimeoutMs: number,
): Promise<SessionRef[]> {
  const owner = { tenantId: 'acme', subjectId: 'ann' };
  const refs = Array.from({ length: count }, () => ({ tenantId: owner.tenantId, id: newSessionId(owner) }));
  const times = { idleTimeoutMs, lifetimeMs: LIFETIME_MS };
  for (let from = 0; from < count; from += CREATED_AT_ONCE) {
    const some = refs.slice(from, from + CREATED_AT_ONCE);
    await Promise.all(some.map((ref) => store.sessions.create({ ...owner, ...ref, data: {}, ...times })));
  }
  return refs;
}

/** Sessions that a sweep would delete, as far as the store counts them at once; 0 only when there are none. */
export async function countDue(store: Pick<StoreBackend, 'sweep'>): Promise<number> {
  const counted = await store.sweep({ target: 'sessions', limit: 100_000, dryRun: true });
  return counted.ok ? counted.value.deleted : -1;
}

export async function countLive(store: Pick<StoreBackend, 'sessions'>, refs: readonly SessionRef[]): Promise<number> {
  const found = await Promise.all(refs.map((ref) => store.sessions.get(ref)));
  return found.filter(({ ok }) => ok).length;
}
