import { createHash, randomUUID } from 'node:crypto';
import type { SessionStoreOptions, StoreChoice } from './options.ts';
import { serverPlace } from './server-place.ts';

/** Memory is another store in each process. */
const THIS_PROCESS = randomUUID();

/**
 * Eight hex digits that are the same wherever the same servers are named, with whatever credentials, and tell nothing of them:
 * whether processes share a store can be seen by comparing these. One server under two names has two.
 */
export function storeMark(options: Omit<SessionStoreOptions, 'namespace'>, choice: StoreChoice): string {
  const places = choice === 'failover' ? (['postgres', 'redis'] as const) : [choice];
  const named = places.map((place) => (place === 'memory' ? THIS_PROCESS : serverPlace(options, place).place));
  return createHash('sha256')
    .update(JSON.stringify([choice, ...named]))
    .digest('hex')
    .slice(0, 8);
}
