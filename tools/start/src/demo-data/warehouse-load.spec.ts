import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, type PostgresServer } from '@mooring/services';
import { Client } from 'pg';
import { loadWarehouseData, showToTenants } from './warehouse-load.ts';

describe('loadWarehouseData', () => {
  let server: PostgresServer;
  let client: Client;

  beforeAll(async () => {
    server = await startPostgres();
    client = new Client({ connectionString: server.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  const neverAborted = new AbortController().signal;

  async function count(sql: string): Promise<number> {
    const { rows } = await client.query<{ n: string }>(sql);
    return Number(rows[0]?.n);
  }

  it('leaves nothing behind when it is interrupted', async () => {
    const aborted = AbortSignal.abort(new Error('stop'));
    await expect(loadWarehouseData(client, 1000, aborted)).rejects.toThrow();
    expect(await count(`select count(*) n from pg_tables where schemaname = 'public'`)).toBe(0);
    expect(await count('select count(*) n from mooring_start.loaded')).toBe(0);
  });

  it('loads typed rows that join', async () => {
    const loaded = await loadWarehouseData(client, 5000, neverAborted);
    expect(loaded).toEqual({ flights: 5000, airports: 3376, kept: false });
    expect(await count('select count(*) n from flights')).toBe(5000);
    const first = await client.query(
      'select departed_at::text, delay_minutes, distance_miles, origin, destination from flights limit 1',
    );
    expect(first.rows).toEqual([
      {
        departed_at: '2001-01-01 00:01:00',
        delay_minutes: 33,
        distance_miles: 2176,
        origin: 'LAS',
        destination: 'PHL',
      },
    ]);
    expect(
      await count(
        `select count(*) n from flights f
         where not exists (select from airports a where a.iata = f.origin)
            or not exists (select from airports a where a.iata = f.destination)`,
      ),
    ).toBe(0);
    expect(await count('select count(*) n from airports where state is null')).toBe(12);
  });

  it('keeps what is loaded', async () => {
    await client.query('delete from flights where origin = $1', ['LAS']);
    const before = await count('select count(*) n from flights');
    expect(await loadWarehouseData(client, 2000, neverAborted)).toMatchObject({ kept: true, flights: 5000 });
    expect(await count('select count(*) n from flights')).toBe(before);
  });

  it('shows them to each tenant in a schema of its own, and leaves what is there', async () => {
    await showToTenants(client, ['acme', 'globex']);
    await client.query('drop view warehouse_acme.flights; create table warehouse_acme.flights (mine int)');
    await showToTenants(client, ['acme', 'globex']);
    await client.query('begin; set local role tenant_globex');
    try {
      const shown = await count('select count(*) n from warehouse_globex.flights');
      expect(shown).toBe(await count('select count(*) n from flights'));
      const hidden = client.query('select * from warehouse_acme.airports');
      await expect(hidden).rejects.toThrow(/permission denied for schema/);
    } finally {
      await client.query('rollback');
    }
    expect(await count('select count(mine) n from warehouse_acme.flights')).toBe(0);
  });

  it('loads anew when somebody dropped a table', async () => {
    await client.query('drop table airports cascade');
    expect(await loadWarehouseData(client, 2000, neverAborted)).toMatchObject({ kept: false, flights: 2000 });
  });

  it('loads anew when the tables were those of another revision', async () => {
    await client.query(`update mooring_start.loaded set source = 'older'`);
    expect(await loadWarehouseData(client, 2000, neverAborted)).toMatchObject({ kept: false, flights: 2000 });
    expect(await count('select count(*) n from mooring_start.loaded')).toBe(1);
  });
});
