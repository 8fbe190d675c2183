import { createMemoryStore } from '@mooring/store-memory';
import type { BenchBackend } from './backend.ts';

/** In the process itself: there is no client to compare with. */
export const memory: BenchBackend = {
  name: 'memory',
  remote: false,
  start: async () => ({
    open: async () => {
      const store = createMemoryStore({ maxEntries: 16_000_000, maxBytes: 2 ** 34 });
      return { store, raw: [], peers: [], tidy: async () => undefined, close: () => store.close() };
    },
    stop: async () => undefined,
  }),
};
