import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startClientProcess, startDynamo, testDynamo } from '@mooring/services';
import type { ClientProcess, DynamoServer, TestDynamo } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { crashConformance, linearizability, processConformance } from '@mooring/session-store-testkit';
import type { CrashHarness, ProcessHarness } from '@mooring/session-store-testkit';
import { PATIENT, times } from './dynamo.fixture.ts';
import { createTable } from './index.ts';
import type { DynamoStoreOptions } from './index.ts';

/** How many histories are recorded, each with how many calls of each caller: a call takes some milliseconds here. */
const HISTORIES = { rounds: Number(process.env['MOORING_TEST_HISTORIES'] ?? 1), callsEach: 12 };

type Client = ClientProcess<StoreBackend>;

function startClient(options: DynamoStoreOptions): Promise<Client> {
  const module = new URL('./index.ts', import.meta.url);
  return startClientProcess({ module, open: 'createDynamoStore', options: { ...PATIENT, ...options } });
}

describe('on a table that several processes share', () => {
  let dynamo: TestDynamo;
  let table: string;
  let clients: [Client, Client];
  const start = (): Promise<Client> => startClient({ table, endpoint: dynamo.url, namespace: 'processes' });

  beforeAll(async () => {
    dynamo = await testDynamo();
    table = dynamo.tableName();
    await createTable({ ...PATIENT, table, endpoint: dynamo.url });
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
    const made = await Promise.all(times(4, () => createTable({ ...PATIENT, table: own, endpoint: dynamo.url })));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
  });
});

describe('on a server that keeps its data', () => {
  let folder: string | undefined;
  let server: DynamoServer;
  let clients: [Client, Client];
  const start = (): Promise<Client> => startClient({ table: 'crash', endpoint: server.url, namespace: 'crash' });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mooring-spec-'));
    server = await startDynamo({ dataDir: folder });
    await createTable({ ...PATIENT, table: 'crash', endpoint: server.url });
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
    callLimitMs: 3000,
    stores: () => [clients[0].store, clients[1].store],
    start,
    killServer: () => server.kill(),
    restartServer: () => server.restart(),
  };
  crashConformance({ describe, it }, harness);
  linearizability({ describe, it }, harness, HISTORIES);
});
