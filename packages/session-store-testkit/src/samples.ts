import { createHash } from 'node:crypto';
import { newSessionId } from '@mooring/session-store';
import type {
  Digest,
  NewSession,
  Page,
  PageRequest,
  PoolLease,
  PoolRequest,
  SessionRecord,
  SessionRef,
  StoreBackend,
} from '@mooring/session-store';
import { accepted } from './expectations.ts';

export const DAY_MS = 86_400_000;

/** As a session's verifier is stored. */
export function digest(verifier: string): Digest {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** A session of ann at acme: a minute idle, an hour in all. */
export function sessionOf(change: Partial<NewSession> = {}): NewSession {
  const { tenantId = 'acme', subjectId = 'ann' } = change;
  return {
    id: newSessionId({ tenantId, subjectId }),
    data: {},
    idleTimeoutMs: 60_000,
    lifetimeMs: 3_600_000,
    ...change,
    tenantId,
    subjectId,
  };
}

export async function created(store: StoreBackend, change: Partial<NewSession> = {}): Promise<SessionRecord> {
  return accepted(await store.sessions.create(sessionOf(change)));
}

export function refOf({ tenantId, id }: SessionRef): SessionRef {
  return { tenantId, id };
}

export async function isAlive(store: StoreBackend, ref: SessionRef): Promise<boolean> {
  return (await store.sessions.get(refOf(ref))).ok;
}

/** All pages of a list, read to the last. */
export async function allPages<T>(limit: number, read: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let page = await read({ limit }); ; page = await read({ limit, cursor: page.cursor })) {
    items.push(...page.items);
    if (page.items.length > limit) throw new Error(`a page of ${limit} has ${page.items.length} items`);
    if (page.cursor === undefined) return items;
  }
}

export const LIFETIME = { usableForMs: 50_000, aliveForMs: 70_000 } as const;

let leases = 0;

/** A request of host-1 for a session of acme: caps of 2 and 4, leases of 10 s. */
export function poolRequest(change: Partial<PoolRequest> = {}): PoolRequest {
  return {
    key: { target: 'warehouse', tenantId: 'acme', identity: 'reader' },
    holder: 'host-1',
    leaseId: `lease-${++leases}`,
    leaseTtlMs: 10_000,
    maxPerKey: 2,
    maxPerTarget: 4,
    aliveForMs: 70_000,
    ...change,
  };
}

/** A slot in which a session was opened. */
export async function openedSession(
  store: StoreBackend,
  sessionId: string,
  change: Partial<PoolRequest> = {},
): Promise<PoolLease> {
  const lease = accepted(await store.pool.acquire(poolRequest(change)));
  return accepted(await store.pool.register(lease, { sessionId, ...LIFETIME, retireAfterMs: DAY_MS }));
}
