import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteStore } from '@mooring/store-sqlite';
import type { BenchBackend } from './backend.ts';

/** In the process itself: there is no client to compare with. */
export const sqlite: BenchBackend = {
  name: 'sqlite',
  remote: false,
  start: async ({ durable }) => {
    const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-sqlite-'));
    let files = 0;
    return {
      open: async () => {
        files += 1;
        const file = join(folder, `sessions-${files}.db`);
        const synchronous = durable ? 'full' : 'normal';
        const store = await createSqliteStore({ file, namespace: 'bench', synchronous });
        return { store, raw: [], peers: [], tidy: async () => undefined, close: () => store.close() };
      },
      stop: () => rm(folder, { recursive: true, force: true }),
    };
  },
};
