import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startClientProcess } from '@mooring/services';
import type { ClientProcess } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { linearizability } from '@mooring/session-store-testkit';
import { PATIENT, storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

/** How many histories are recorded. */
const ROUNDS = Number(process.env['MOORING_TEST_HISTORIES'] ?? 1);

type Client = ClientProcess<StoreBackend>;

let folder: StoreFolder;
let clients: [Client, Client];

function start(): Promise<Client> {
  const options = { ...PATIENT, file: folder.file, namespace: 'histories' };
  return startClientProcess({ module: new URL('./index.ts', import.meta.url), open: 'createSqliteStore', options });
}

beforeAll(async () => {
  folder = await storeFolder();
  clients = await Promise.all([start(), start()]);
});

afterAll(async () => {
  for (const client of clients ?? []) await client.end();
  await folder?.remove();
});

linearizability(
  { describe, it },
  { name: 'sqlite', stores: () => [clients[0].store, clients[1].store], start },
  { rounds: ROUNDS },
);
