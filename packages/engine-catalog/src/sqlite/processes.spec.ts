import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Connection, query } from '@mooring/store-sqlite/file';
import { startClientProcess } from '@mooring/services';
import type { SqliteCatalogOptions } from '../index.ts';
import { processConformance, startAll } from '../processes.fixture.ts';
import type { Client } from '../processes.fixture.ts';
import { failureOf, keyOf, recordOf } from '../samples.fixture.ts';
import { CatalogFolder } from './catalog-folder.fixture.ts';

/** Processes are started, and on a busy machine that takes a while. */
jest.setTimeout(180_000);

let folder: CatalogFolder;

beforeAll(async () => {
  folder = await CatalogFolder.make();
});

afterAll(() => folder?.remove());

function startClient(options: SqliteCatalogOptions): Promise<Client> {
  return startClientProcess({ module: new URL('../index.ts', import.meta.url), open: 'createSqliteCatalog', options });
}

describe('processes that share a file', () => {
  let file: string;
  let clients: [Client, Client];
  const start = (): Promise<Client> => startClient({ file, busyTimeoutMs: 30_000 });

  beforeAll(async () => {
    file = folder.newFile();
    clients = (await startAll(2, start)) as [Client, Client];
  });

  afterAll(async () => {
    for (const client of clients ?? []) await client.end();
  });

  const check = (): void => {
    const connection = new Connection(file);
    const result = connection.one(query('pragma integrity_check'));
    connection.close();
    expect(result).toMatchObject({ integrity_check: 'ok' });
  };

  processConformance({ clients: () => clients, start, check });

  it('may start at once on a new one', async () => {
    const fresh = folder.newFile();
    const six = await startAll(6, () => startClient({ file: fresh, busyTimeoutMs: 30_000 }));
    const created = await Promise.all(six.map(({ store }) => store.create(keyOf('orders'), recordOf('orders'))));
    expect(created.filter(({ ok }) => ok)).toHaveLength(1);
    await Promise.all(six.map((client) => client.end()));
  });
});

describe('a program that keeps the write lock', () => {
  it('lets others read, and ends their writes in time with the event loop running', async () => {
    const file = folder.newFile();
    const catalog = await folder.open({ file, busyTimeoutMs: 1500 });
    await catalog.create(keyOf('orders'), recordOf('orders'));
    const holder = new Connection(file);
    holder.exec('begin immediate');
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    try {
      expect(await failureOf(catalog.remove(keyOf('orders')))).toMatchObject({ code: 'timeout', retryable: true });
      expect(turns).toBeGreaterThan(5);
      expect(await catalog.get(keyOf('orders'))).toEqual(recordOf('orders'));
      holder.exec('rollback');
      expect(await catalog.remove(keyOf('orders'))).toMatchObject({ ok: true });
    } finally {
      clearInterval(ticking);
      holder.close();
    }
  });
});
