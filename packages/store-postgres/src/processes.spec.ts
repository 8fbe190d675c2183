import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startClientProcess, startPostgres, testPostgres } from '@mooring/services';
import type { ClientProcess, PostgresServer, TestPostgres } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { crashConformance, linearizability, processConformance } from '@mooring/session-store-testkit';
import type { CrashHarness, ProcessHarness } from '@mooring/session-store-testkit';
import type { PostgresStoreOptions } from './index.ts';
import { PATIENT, times } from './postgres.fixture.ts';

/** How many histories are recorded. */
const ROUNDS = Number(process.env['MOORING_TEST_HISTORIES'] ?? 1);

type Client = ClientProcess<StoreBackend>;

function startClient(options: PostgresStoreOptions): Promise<Client> {
  const module = new URL('./index.ts', import.meta.url);
  return startClientProcess({ module, open: 'createPostgresStore', options: { ...PATIENT, ...options } });
}

describe('on a server that several processes share', () => {
  let postgres: TestPostgres;
  let url: string;
  let clients: [Client, Client];
  const start = (): Promise<Client> => startClient({ url, namespace: 'processes' });

  beforeAll(async () => {
    postgres = await testPostgres();
    url = await postgres.createDatabase();
    clients = await Promise.all([start(), start()]);
  });

  afterAll(async () => {
    for (const client of clients ?? []) await client.end();
    await postgres?.stop();
  });

  const harness: ProcessHarness = { name: 'postgres', stores: () => [clients[0].store, clients[1].store], start };
  processConformance({ describe, it }, harness);
  linearizability({ describe, it }, harness, { rounds: ROUNDS });

  it('eight processes that open at once on an empty database all work', async () => {
    const empty = await postgres.createDatabase();
    const eight = await Promise.all(times(8, () => startClient({ url: empty, namespace: 'processes' })));
    const leases = await Promise.all(
      eight.map(({ store }, index) => store.leases.acquire('starter', `process-${index}`, 60_000)),
    );
    expect(leases.filter(({ ok }) => ok)).toHaveLength(1);
    await Promise.all(eight.map((client) => client.end()));
  });
});

describe('on a server that syncs to disk', () => {
  let folder: string | undefined;
  let server: PostgresServer;
  let clients: [Client, Client];
  const start = (): Promise<Client> => startClient({ url: server.url, namespace: 'crash' });

  beforeAll(async () => {
    folder = await mkdtemp(join(await realpath(tmpdir()), 'mooring-spec-'));
    server = await startPostgres({ dataDir: join(folder, 'data') });
    clients = await Promise.all([start(), start()]);
  });

  afterAll(async () => {
    for (const client of clients ?? []) await client.end();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const harness: CrashHarness = {
    name: 'postgres',
    survives: ['sessions', 'budgets', 'leases', 'pool'],
    callLimitMs: 3000,
    stores: () => [clients[0].store, clients[1].store],
    start,
    killServer: () => server.kill(),
    restartServer: () => server.restart(),
  };
  crashConformance({ describe, it }, harness);
  linearizability({ describe, it }, harness, { rounds: ROUNDS });
});
