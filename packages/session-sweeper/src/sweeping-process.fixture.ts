import type { StoreBackend } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';
import { createRedisStore } from '@mooring/store-redis';
import { SessionSweeper } from './session-sweeper.ts';
import type { SweepOptions } from './options.ts';
import type { SweepReport } from './report.ts';

export interface Place {
  readonly kind: 'postgres' | 'redis';
  readonly url: string;
  readonly namespace: string;
}

/** A sweeper in a process of its own, as the specs call it. */
export interface SweepingProcess {
  sweep(): Promise<SweepReport>;
  /** Rows deleted so far, also by a sweep under way. */
  deleted(): Promise<number>;
  close(): Promise<void>;
}

export function openPlace({ kind, url, namespace }: Place): Promise<StoreBackend> {
  return kind === 'postgres' ? createPostgresStore({ url, namespace }) : createRedisStore({ url, namespace });
}

export async function openSweeper({
  place,
  options,
}: {
  readonly place: Place;
  readonly options: Partial<SweepOptions>;
}): Promise<SweepingProcess> {
  const store = await openPlace(place);
  const sweeper = new SessionSweeper({ store, options });
  let deleted = 0;
  return {
    sweep: () => {
      const before = deleted;
      return sweeper.run({ onProgress: (progress) => (deleted = before + progress.deleted) });
    },
    deleted: async () => deleted,
    close: () => store.close(),
  };
}
