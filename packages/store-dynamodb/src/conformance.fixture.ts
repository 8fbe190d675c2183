import { inspect } from 'node:util';
import type { Clock } from '@mooring/session-store';
import type { ConformanceHarness } from '@mooring/session-store-testkit';
import { startFaultProxy, testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import { PATIENT, RawTable, WatchedClient } from './dynamo.fixture.ts';
import { createDynamoStore, createTable } from './index.ts';

let dynamo: TestDynamo;
let table: string;
let raw: RawTable;
const COLLECTED_WITHIN_MS = 2 * 86_400_000;

/** By namespace, what its clients decide by. */
const clocks = new Map<string, Clock>();

export async function startBackend(): Promise<void> {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
  raw = new RawTable(dynamo.url, table);
}

export async function stopBackend(): Promise<void> {
  await dynamo?.stop();
}

export const dynamoHarness: ConformanceHarness = {
  name: 'dynamodb',
  // Each request is one to a single process, which also makes the tests' machine busy.
  floodKeys: 400,
  modelRuns: 10,
  capabilities: {
    clock: 'process',
    expiryResolutionMs: 1,
    listConsistency: 'strong',
    durable: true,
    shared: true,
    maxDataBytes: 262_144,
  },
  open(options) {
    if (options.clock !== undefined) clocks.set(options.namespace, options.clock);
    return createDynamoStore({ table, endpoint: dynamo.url, ...PATIENT, ...options });
  },
  raw: {
    dump: async (namespace) => inspect(await raw.items(namespace), { depth: Infinity, maxArrayLength: null }),
    // dynalite collects nothing; DynamoDB does within two days after the time to live.
    size: async (namespace, laterMs) => {
      const then = ((clocks.get(namespace)?.now() ?? Date.now()) + laterMs - COLLECTED_WITHIN_MS) / 1000;
      return (await raw.items(namespace)).filter(({ collectAt }) => Number(collectAt) > then).length;
    },
    damageSession: (namespace, ref) => raw.changeSession(namespace, ref, 'SET body = :body', { ':body': 'no JSON' }),
    dropIndexEntry: (namespace, ref) => raw.changeSession(namespace, ref, 'REMOVE ix'),
  },
  wire: {
    async open(options) {
      const watched = new WatchedClient(dynamo.url, true);
      const store = await createDynamoStore({ ...PATIENT, table, client: watched.client, ...options });
      const close = store.close.bind(store);
      store.close = async () => {
        await close();
        watched.close();
      };
      return { store, sent: () => watched.sent.length };
    },
    exceptions: {
      'sessions.create': 'looks at the notBefore of its subject after it wrote the session',
      'sessions.create with an id that is taken': 'as above',
      'sessions.create with a maximum': 'counts and claims a place first',
      'sessions.create with a maximum that is reached': 'counts, then tells a taken id from a reached maximum',
      'sessions.create in the place of the oldest': 'counts and claims a place first',
      'sessions.touch with a retired verifier': 'ends the session with a second write',
      'sessions.list of a tenant': 'asks one partition after the other',
      'sessions.revokeWhere': 'marks each session of the subject',
      'attempts.recordFailure': 'one write for each key, all at once',
      'sweep of sessions': 'asks each of the 16 shards of the index',
    },
  },
  faults: async () => {
    const proxy = await startFaultProxy({ target: dynamo.url });
    return {
      open: (options) =>
        createDynamoStore({ table, endpoint: proxy.url(dynamo.url), requestTimeoutMs: 1500, ...options }),
      cut: () => proxy.cut(),
      hang: () => proxy.hang(),
      delay: (ms) => proxy.delay(ms),
      heal: () => proxy.heal(),
      connections: () => proxy.connections,
      close: () => proxy.close(),
    };
  },
  pristine: async () => {
    const own = dynamo.tableName();
    return {
      async open(options) {
        await createTable({ ...PATIENT, table: own, endpoint: dynamo.url });
        return createDynamoStore({ ...PATIENT, table: own, endpoint: dynamo.url, ...options });
      },
      remove: async () => {},
    };
  },
  logs: { reason: 'the store writes no log' },
};
