import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from './postgres-server.ts';
import { testPostgres } from './test-postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function listDatabases(): Promise<readonly string[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datname LIKE 'mooring%'",
  );
  await client.end();
  return rows.map(({ datname }) => datname);
}

describe('with a server of somebody else', () => {
  it('makes databases with unique names and drops them, open connections or not, and leaves the server', async () => {
    const postgres = await testPostgres(server.url);
    const urls = await Promise.all([postgres.createDatabase(), postgres.createDatabase(), postgres.createDatabase()]);
    expect(new Set(urls).size).toBe(3);
    expect(await listDatabases()).toHaveLength(3);
    const client = new Client({ connectionString: urls[0] });
    client.on('error', () => undefined);
    await client.connect();
    await postgres.stop();
    expect(await listDatabases()).toEqual([]);
    await client.end().catch(() => undefined);
  });

  it('says what to do when it does not answer, without a password', async () => {
    const postgres = await testPostgres('postgres://someone:secret@127.0.0.1:1/none');
    const error = await postgres.createDatabase().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'unreachable' });
    expect((error as Error).message).toMatch(/127\.0\.0\.1:1\/none.*Remedy/);
    expect((error as Error).message).not.toContain('secret');
    await postgres.stop();
  });
});

describe('with a server of its own', () => {
  it('makes a database that answers', async () => {
    const postgres = await testPostgres(undefined);
    const client = new Client({ connectionString: await postgres.createDatabase() });
    await client.connect();
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    await postgres.stop();
  });
});
