import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for a store's file. */
export interface StoreFolder {
  readonly path: string;
  readonly file: string;
  /** All bytes in the folder, one character each. */
  dump(): Promise<string>;
  remove(): Promise<void>;
}

export async function storeFolder(): Promise<StoreFolder> {
  const path = await mkdtemp(join(tmpdir(), 'mooring-sqlite-'));
  return {
    path,
    file: join(path, 'store.db'),
    async dump() {
      const files = await readdir(path);
      return (await Promise.all(files.map((file) => readFile(join(path, file), 'latin1')))).join('\n');
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
