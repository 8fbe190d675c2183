import type { SystemSource } from '@mooring/engine';
import { targetName } from '@mooring/redshift-sessions';
import type { SessionPoolStore } from '@mooring/session-store';
import type { TargetSettings } from '../../warehouse-target.ts';
import { everyItem } from './every-item.ts';
import type { PoolOwners } from './pool-owners.ts';

/** The tenant's slots in the pool of the configured warehouse, those that nobody opened a session in yet, too. */
export function pooledSessions(
  pool: Pick<SessionPoolStore, 'list'>,
  { cluster, workgroup }: TargetSettings,
  region: string,
  owners: PoolOwners,
): SystemSource {
  const place = workgroup === undefined ? { clusterIdentifier: cluster ?? '' } : { workgroupName: workgroup };
  const target = targetName(place, region);
  return async ({ tenantId }) => {
    const slots = await everyItem((page) => pool.list({ target, tenantId }, page));
    const owned = slots.length === 0 ? undefined : await owners.of(tenantId);
    return slots.map(({ key, sessionId, state, dirty, openedAt, usableUntil, aliveUntil }) => ({
      tenantId: key.tenantId,
      userId: null,
      values: {
        session_id: sessionId,
        storage: owned?.get(key.identity)?.storage ?? null,
        database_user: owned?.get(key.identity)?.databaseUser ?? null,
        state: dirty ? `${state}, changed` : state,
        opened_at: timeOf(openedAt),
        expires_at: timeOf(usableUntil ?? aliveUntil),
      },
    }));
  };
}

function timeOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
