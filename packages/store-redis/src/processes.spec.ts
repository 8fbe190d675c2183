import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startClientProcess, startRedis, testRedis } from '@mooring/services';
import type { ClientProcess, RedisServer, TestRedis } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { MUTANTS, crashConformance, linearizability, processConformance } from '@mooring/session-store-testkit';
import type { CrashHarness, ProcessHarness } from '@mooring/session-store-testkit';
import { createRedisStore } from './index.ts';
import type { RedisStoreOptions } from './index.ts';

/** Processes are started, and on a busy machine that takes a while. */
jest.setTimeout(180_000);

/** How many histories are recorded. */
const ROUNDS = Number(process.env['MOORING_TEST_HISTORIES'] ?? 1);

type Client = ClientProcess<StoreBackend>;

function startClient(options: RedisStoreOptions): Promise<Client> {
  const module = new URL('./index.ts', import.meta.url);
  return startClientProcess({ module, open: 'createRedisStore', options });
}

describe('on a server that several processes share', () => {
  let redis: TestRedis;
  let clients: [Client, Client];
  let namespace: string;
  const start = (): Promise<Client> => startClient({ url: redis.url, namespace });

  beforeAll(async () => {
    redis = await testRedis();
    namespace = redis.createPrefix();
    clients = await Promise.all([start(), start()]);
  });

  afterAll(async () => {
    for (const client of clients ?? []) await client.end();
    await redis?.stop();
  });

  const harness: ProcessHarness = {
    name: 'redis',
    stores: () => [clients[0].store, clients[1].store],
    start,
    patienceMs: 120_000,
  };
  processConformance({ describe, it }, harness);
  linearizability({ describe, it }, harness, { rounds: ROUNDS });

  it.each([
    'update checks the version, then acts',
    'a lease is checked, then taken',
    'the caps are checked, then acted on',
  ])('histories of clients with a fault are found: %s', async (name) => {
    const mutant = MUTANTS.find((candidate) => candidate.name === name);
    const open = async (): Promise<StoreBackend> => {
      const store = await createRedisStore({ url: redis.url, namespace });
      const broken = mutant?.breaks({ name, capabilities: store.capabilities, open: async () => store });
      return broken?.open({ namespace }) ?? store;
    };
    const faulty = [await open(), await open()] as const;
    const tests: (() => Promise<void>)[] = [];
    const runner = {
      describe: (_: string, body: () => void) => body(),
      it: (_: string, body: () => Promise<void>) => tests.push(body),
    };
    linearizability(runner, { name, stores: () => faulty }, { rounds: 20 });
    let found = '';
    for (const test of tests) if (found === '') found = await test().then(() => '', String);
    for (const store of faulty) await store.close();
    expect(found).toContain('no order explains');
  });

  it('eight processes that open at once all work', async () => {
    const fresh = redis.createPrefix();
    const eight = await Promise.all(Array.from({ length: 8 }, () => startClient({ url: redis.url, namespace: fresh })));
    const leases = await Promise.all(
      eight.map(({ store }, index) => store.leases.acquire('starter', `process-${index}`, 60_000)),
    );
    expect(leases.filter(({ ok }) => ok)).toHaveLength(1);
    await Promise.all(eight.map((client) => client.end()));
  });
});

const LIMITS = { commandTimeoutMs: 10_000, connectTimeoutMs: 10_000 };

describe.each([
  {
    name: 'redis that syncs each write',
    settings: { appendfsync: 'always' },
    isKept: true,
    survives: ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'] as const,
  },
  { name: 'redis without a disk', settings: {}, isKept: false, survives: [] },
])('on $name', ({ name, settings, isKept, survives }) => {
  let folder: string | undefined;
  let server: RedisServer;
  let clients: [Client, Client];
  const start = (): Promise<Client> => startClient({ url: server.url, namespace: 'crash', ...LIMITS });

  beforeAll(async () => {
    if (isKept) folder = await mkdtemp(join(tmpdir(), 'mooring-spec-'));
    server = await startRedis({ settings, ...(folder === undefined ? {} : { dataDir: folder }) });
    clients = await Promise.all([start(), start()]);
  });

  afterAll(async () => {
    for (const client of clients ?? []) await client.end();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const harness: CrashHarness = {
    name,
    survives,
    callLimitMs: LIMITS.commandTimeoutMs + LIMITS.connectTimeoutMs,
    stores: () => [clients[0].store, clients[1].store],
    start,
    killServer: () => server.kill(),
    restartServer: () => server.restart(),
  };
  crashConformance({ describe, it }, harness);
  if (isKept) linearizability({ describe, it }, harness, { rounds: ROUNDS });
});
