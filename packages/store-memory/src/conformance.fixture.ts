import { inspect } from 'node:util';
import type { ConformanceHarness } from '@mooring/session-store-testkit';
import { createMemoryStore } from './index.ts';
import type { MemoryStore } from './index.ts';

/** Rows of the store, which nobody else can see. */
function rowsOf(store: MemoryStore): unknown[] {
  const ports = [store.sessions, store.limits, store.attempts, store.budgets, store.leases, store.pool];
  return ports.map((port) => {
    const { entries } = (port as unknown as { rows: { entries: Map<string, { row: unknown }> } }).rows;
    return [...entries].map(([key, { row }]) => [key, row]);
  });
}

/** By namespace, the store that was opened last in it. */
const stores = new Map<string, MemoryStore>();
const logged: string[] = [];

function storeIn(namespace: string): MemoryStore {
  const store = stores.get(namespace);
  if (store === undefined) throw new Error('no store was opened in this namespace');
  return store;
}

const NO_WIRE = { reason: 'its operations stay in the process' };

export const memoryHarness: ConformanceHarness = {
  name: 'memory',
  capabilities: createMemoryStore().capabilities,
  async open(options) {
    const store = createMemoryStore({
      ...options,
      production: true,
      allowProduction: true,
      warn: (message) => void logged.push(message),
    });
    stores.set(options.namespace, store);
    return store;
  },
  raw: {
    dump: async (namespace) => inspect(rowsOf(storeIn(namespace)), { depth: Infinity, maxArrayLength: null }),
    size: async (namespace) => storeIn(namespace).usage.entries,
    damageSession: { reason: 'a record is an object of the process, which nothing else can reach' },
    dropIndexEntry: { reason: 'a record and its places in the indexes change in one turn of the process' },
  },
  wire: NO_WIRE,
  faults: NO_WIRE,
  pristine: { reason: 'each store begins empty' },
  logs: () => logged,
};
