import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of stores that wait for each other: the machine is busy with other tests. */
export const PATIENT = { busyTimeoutMs: 60_000 };

/** A folder of its own for a store's file. */
export interface StoreFolder {
  readonly path: string;
  readonly file: string;
  remove(): Promise<void>;
}

export async function storeFolder(): Promise<StoreFolder> {
  const path = await mkdtemp(join(tmpdir(), 'mooring-sqlite-'));
  return {
    path,
    file: join(path, 'store.db'),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
