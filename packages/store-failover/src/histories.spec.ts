import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startClientProcess } from '@mooring/services';
import type { ClientProcess } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { linearizability } from '@mooring/session-store-testkit';
import type { FailoverProcessOptions } from './failover-process.fixture.ts';
import { Servers } from './servers.fixture.ts';

/** How many histories are recorded. */
const ROUNDS = Number(process.env['MOORING_TEST_HISTORIES'] ?? 1);

type Client = ClientProcess<StoreBackend>;

let servers: Servers;
let clients: [Client, Client];

function start(): Promise<Client> {
  const options: FailoverProcessOptions = {
    databaseUrl: servers.databaseUrl,
    redisUrl: servers.redis.url,
    namespace: 'histories',
  };
  const module = new URL('./failover-process.fixture.ts', import.meta.url);
  return startClientProcess({ module, open: 'openFailover', options });
}

beforeAll(async () => {
  servers = await Servers.start();
  clients = await Promise.all([start(), start()]);
});

afterAll(async () => {
  for (const client of clients ?? []) await client.end();
  await servers?.stop();
});

const stores = (): [StoreBackend, StoreBackend] => [clients[0].store, clients[1].store];

linearizability({ describe, it }, { name: 'failover', stores, start }, { rounds: ROUNDS });

linearizability(
  { describe, it },
  {
    name: 'failover, its redis killed with a process and back again',
    stores,
    start: async () => {
      const client = await start();
      return {
        store: client.store,
        async kill() {
          await Promise.all([client.kill(), servers.redis.kill()]);
          await servers.redis.restart();
        },
      };
    },
  },
  { rounds: ROUNDS, seed: 1000 },
);
