import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createMemoryStore } from '@mooring/store-memory';
import { createEach, ShiftedClock, type Stock } from '../stock/stock.ts';
import type { BenchBackend } from './backend.ts';

const ROOM = { maxEntries: 16_000_000, maxBytes: 2 ** 34 };

/** Bytes of the heap that are in use, once what nobody holds has been collected. */
function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

function openStock(): Stock {
  const clock = new ShiftedClock();
  const before = usedHeap();
  const store = createMemoryStore({ ...ROOM, clock });
  return {
    store,
    clock,
    fill: (visitors) => createEach(store, visitors),
    bytes: async () => usedHeap() - before,
    tidy: async () => undefined,
    close: () => store.close(),
  };
}

/** In the process itself: there is no client to compare with. */
export const memory: BenchBackend = {
  name: 'memory',
  remote: false,
  promised: false,
  // Sweeping blocks nothing that could be measured beside it: it shares the thread.
  measured: ['ratios', 'load', 'memory'],
  start: async () => ({
    open: async () => {
      const store = createMemoryStore(ROOM);
      return { store, raw: [], peers: [], tidy: async () => undefined, close: () => store.close() };
    },
    openStock: async () => openStock(),
    stop: async () => undefined,
  }),
};
