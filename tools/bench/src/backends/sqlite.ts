import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteStore, type SqliteStoreOptions } from '@mooring/store-sqlite';
import { createEach, ShiftedClock, type Stock } from '../stock/stock.ts';
import type { BenchBackend } from './backend.ts';

async function openStock(options: SqliteStoreOptions): Promise<Stock> {
  const clock = new ShiftedClock();
  const store = await createSqliteStore({ ...options, clock });
  return {
    store,
    clock,
    fill: (visitors) => createEach(store, visitors),
    bytes: async () => (await stat(options.file)).size + (await stat(`${options.file}-wal`)).size,
    tidy: async () => undefined,
    close: () => store.close(),
  };
}

/** In the process itself: there is no client to compare with. */
export const sqlite: BenchBackend = {
  name: 'sqlite',
  remote: false,
  promised: false,
  measured: ['ratios', 'load', 'sweep', 'memory'],
  start: async ({ durable }) => {
    const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-sqlite-'));
    let files = 0;
    const newFile = (): SqliteStoreOptions => {
      files += 1;
      const file = join(folder, `sessions-${files}.db`);
      return { file, namespace: 'bench', synchronous: durable ? 'full' : 'normal' };
    };
    return {
      open: async () => {
        const store = await createSqliteStore(newFile());
        return { store, raw: [], peers: [], tidy: async () => undefined, close: () => store.close() };
      },
      openStock: () => openStock(newFile()),
      stop: () => rm(folder, { recursive: true, force: true }),
    };
  },
};
