import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startClientProcess, startDynamo, testDynamo } from '@mooring/services';
import type { ClientProcess, DynamoServer, TestDynamo } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { crashConformance, linearizability, processConformance } from '@mooring/session-store-testkit';
import type { CrashHarness, ProcessHarness } from '@mooring/session-store-testkit';
import { times } from './dynamo.fixture.ts';
import { createTable } from './index.ts';
import type { DynamoStoreOptions } from './index.ts';

/** Processes are started, and on a busy machine that takes a while. */
jest.setTimeout(120_000);

/** How many histories are recorded, each with how many calls of each caller: a call takes some milliseconds here. */
const HISTORIES = { rounds: Number(process.env['MOORING_TEST_HISTORIES'] ?? 1), callsEach: 12 };

type Client = ClientProcess<StoreBackend>;

function startClient(options: DynamoStoreOptions): Promise<Client> {
  const module = new URL('./index.ts', import.meta.url);
  return startClientProcess({ module, open: 'createDynamoStore', options });
}

describe('on a table that several processes share', () => {
  let dynamo: TestDynamo;
  let table: string;
  let clients: [Client, Client];
  const start = (): Promise<Client> =>
    startClient({ table, endpoint: dynamo.url, namespace: 'processes', requestTimeoutMs: 10_000 });

  beforeAll(async () => {
    dynamo = await testDynamo();
    table = dynamo.tableName();
    await createTable({ table, endpoint: dynamo.url });
    clients = await Promise.all([start(), start()]);
  });

  afterAll(async () => {
    for (const client of clients ?? []) await client.end();
    await dynamo?.stop();
  });

  const harness: ProcessHarness = { name: 'dynamodb', stores: () => [clients[0].store, clients[1].store], start };
  processConformance({ describe, it }, harness);
  linearizability({ describe, it }, harness, HISTORIES);

  it('four processes that make the table at once all make it or find it', async () => {
    const own = dynamo.tableName();
    const made = await Promise.all(times(4, () => createTable({ table: own, endpoint: dynamo.url })));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
  });
});

describe('on a server that keeps its data', () => {
  const LIMITS = { requestTimeoutMs: 3000 };
  let folder: string | undefined;
  let server: DynamoServer;
  let clients: [Client, Client];
  const start = (): Promise<Client> =>
    startClient({ table: 'crash', endpoint: server.url, namespace: 'crash', ...LIMITS });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mooring-spec-'));
    server = await startDynamo({ dataDir: folder });
    await createTable({ table: 'crash', endpoint: server.url });
    clients = await Promise.all([start(), start()]);
  });

  afterAll(async () => {
    for (const client of clients ?? []) await client.end();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const harness: CrashHarness = {
    name: 'dynamodb',
    survives: ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'],
    // A call that waits for others of its process ends within twice the limit of a request.
    callLimitMs: LIMITS.requestTimeoutMs * 2 + 500,
    stores: () => [clients[0].store, clients[1].store],
    start,
    killServer: () => server.kill(),
    restartServer: () => server.restart(),
  };
  crashConformance({ describe, it }, harness);
  linearizability({ describe, it }, harness, HISTORIES);
});
