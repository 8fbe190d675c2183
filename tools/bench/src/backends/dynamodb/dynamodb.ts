import { startDynamo, startFaultProxy } from '@mooring/services';
import { createDynamoStore, createTable } from '@mooring/store-dynamodb';
import { createEach, ShiftedClock, type Stock } from '../../stock/stock.ts';
import { Ends, type BenchBackend, type OpenSettings, type Rivals } from '../backend.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { bytesOfTable } from './item-sizes.ts';

/** dynalite is slow, and a benchmark is no place to give up early. */
const TIMEOUT = { requestTimeoutMs: 30_000 };

let tables = 0;

async function newTable(endpoint: string): Promise<string> {
  tables += 1;
  const table = `bench-${tables}`;
  await createTable({ endpoint, table });
  return table;
}

async function openRivals(server: string, { delayMs }: OpenSettings): Promise<Rivals> {
  const ends = new Ends();
  try {
    const counting = await startCountingProxy(server);
    ends.add(() => counting.close());
    let endpoint = counting.url;
    if (delayMs > 0) {
      const proxy = await startFaultProxy({ target: endpoint });
      ends.add(() => proxy.close());
      proxy.delay(delayMs);
      endpoint = proxy.url(endpoint);
    }
    const table = await newTable(server);
    const store = await createDynamoStore({ endpoint, table, namespace: 'bench', ...TIMEOUT });
    ends.add(() => store.close());
    return {
      store,
      raw: [],
      peers: [],
      requests: () => counting.requests,
      tidy: async () => undefined,
      close: () => ends.all(),
    };
  } catch (error) {
    await ends.all();
    throw error;
  }
}

async function openStock(endpoint: string): Promise<Stock> {
  const clock = new ShiftedClock();
  const table = await newTable(endpoint);
  const store = await createDynamoStore({ endpoint, table, namespace: 'bench', clock, ...TIMEOUT });
  return {
    store,
    clock,
    most: 1000,
    fill: (visitors) => createEach(store, visitors, 8),
    bytes: () => bytesOfTable(endpoint, table),
    tidy: async () => undefined,
    close: () => store.close(),
  };
}

/** On dynalite: how many requests an operation takes is the service's as well, how long they take is not. */
export const dynamodb: BenchBackend = {
  name: 'dynamodb',
  remote: true,
  promised: false,
  effort: 0.05,
  measured: ['ratios', 'memory'],
  start: async () => {
    const server = await startDynamo();
    return {
      open: (settings) => openRivals(server.url, settings),
      openStock: () => openStock(server.url),
      stop: () => server.stop(),
    };
  },
};
