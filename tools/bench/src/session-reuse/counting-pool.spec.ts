import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, type PostgresServer } from '@mooring/services';
import { createPostgresStore, type PostgresStore } from '@mooring/store-postgres';
import { CountingPool } from './counting-pool.ts';

describe('CountingPool', () => {
  let server: PostgresServer;
  let counting: CountingPool;
  let store: PostgresStore;

  beforeAll(async () => {
    server = await startPostgres();
    counting = new CountingPool(server.url);
    store = await createPostgresStore({ pool: counting.pool, namespace: 'bench' });
  });
  afterAll(async () => {
    await store.close();
    await counting.close();
    await server.stop();
  });

  it('sees the round trip of a store operation, so that none seen means none made', async () => {
    const { roundTrips } = await counting.count(() => store.ping());
    expect(roundTrips).toBe(1);
  });

  it('does not take the round trips of others for those of the work', async () => {
    const before = counting.all;
    const other = store.ping();
    const { roundTrips } = await counting.count(async () => undefined);
    await other;
    expect(roundTrips).toBe(0);
    expect(counting.all - before).toBe(1);
  });
});
