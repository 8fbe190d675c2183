import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startClientProcess, startPostgres } from '@mooring/services';
import type { PostgresServer } from '@mooring/services';
import type { PostgresCatalogOptions } from '../index.ts';
import { processConformance, startAll } from '../processes.fixture.ts';
import type { Client } from '../processes.fixture.ts';
import { keyOf, eventOf, recordOf, times } from '../samples.fixture.ts';
import { MIGRATIONS } from './migrations.ts';
import { MIGRATIONS_TABLE } from './schema-migrator.ts';
import { PATIENT, Scratch, eventually } from './scratch.fixture.ts';

/** Processes are started, and on a busy machine that takes a while. */
jest.setTimeout(180_000);

const MODULE = new URL('../index.ts', import.meta.url);

function startClient(options: PostgresCatalogOptions): Promise<Client> {
  return startClientProcess({ module: MODULE, open: 'createPostgresCatalog', options: { ...PATIENT, ...options } });
}

describe('processes that share a database', () => {
  let scratch: Scratch;
  let clients: [Client, Client];
  const start = (): Promise<Client> => startClient({ url: scratch.url });

  beforeAll(async () => {
    scratch = await Scratch.start();
    clients = (await startAll(2, start)) as [Client, Client];
  });

  afterAll(async () => {
    for (const client of clients ?? []) await client.end();
    await scratch?.stop();
  });

  processConformance({ clients: () => clients, start });

  it('may start at once on an empty one: one of them makes the tables', async () => {
    const url = await scratch.createDatabase();
    const six = await startAll(6, () => startClient({ url }));
    const created = await Promise.all(six.map(({ store }) => store.create(keyOf('orders'), recordOf('orders'))));
    expect(created.filter(({ ok }) => ok)).toHaveLength(1);
    const pool = scratch.pool(1, url);
    const { rows } = await pool.query<{ version: number }>(`select version from ${MIGRATIONS_TABLE} order by version`);
    expect(rows.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    await Promise.all(six.map((client) => client.end()));
  });
});

describe('a server that syncs to disk', () => {
  let folder: string | undefined;
  let server: PostgresServer | undefined;
  let client: Client | undefined;

  afterAll(async () => {
    await client?.end();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it('has what it acknowledged after it was killed, and is used again when it is back', async () => {
    folder = await mkdtemp(join(await realpath(tmpdir()), 'mooring-catalog-'));
    server = await startPostgres({ dataDir: join(folder, 'data') });
    client = await startClient({ url: server.url });
    const { store } = client;
    const acknowledged: string[] = [];
    let killed: Promise<void> | undefined;
    const failed = await Promise.all(
      times(4, async (lane) => {
        for (let index = 0; ; index += 1) {
          const name = `t${lane}_${index}`;
          try {
            await store.create(keyOf(name), recordOf(name));
            await store.audit.record(eventOf(1, { requestId: name }));
          } catch (error) {
            return error;
          }
          acknowledged.push(name);
          if (acknowledged.length > 100) killed ??= server?.kill();
        }
      }),
    );
    await killed;
    for (const error of failed) expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    await server.restart();
    await eventually(
      () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      (answers) => answers,
    );
    const there = new Set((await store.list('acme', 'table')).map(({ name }) => name));
    expect(acknowledged.filter((name) => !there.has(name))).toEqual([]);
    const recorded = new Set((await store.audit.recent('acme', 10_000)).map(({ requestId }) => requestId));
    expect(acknowledged.filter((name) => !recorded.has(name))).toEqual([]);
  });
});
