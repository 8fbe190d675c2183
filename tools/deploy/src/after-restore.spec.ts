import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { newSessionId } from '@mooring/session-store';
import { createPostgresStore } from '@mooring/store-postgres';
import { Client } from 'pg';
import { readText } from './deployment-files.fixture.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await testPostgres();
});
afterAll(() => postgres.stop());

it('ends tokens and epochs and forgets the pool, and leaves the rest', async () => {
  const url = await postgres.createDatabase();
  const client = new Client({ connectionString: url });
  const [auth, queries] = await Promise.all(
    ['auth', 'queries'].map((namespace) => createPostgresStore({ url, namespace, poolSize: 1 })),
  );
  if (auth === undefined || queries === undefined) throw new Error('no store');
  const lasting = { idleTimeoutMs: 60_000, lifetimeMs: 60_000, data: {} };
  const session = (tenantId: string) => ({
    tenantId,
    subjectId: null,
    id: newSessionId({ tenantId, subjectId: null }),
  });
  const token = session('acme');
  const epoch = session('mooring.failover');
  const query = session('acme');
  await auth.sessions.create({ ...lasting, ...token });
  await queries.sessions.create({ ...lasting, ...epoch });
  await queries.sessions.create({ ...lasting, ...query });
  await queries.pool.acquire({
    key: { target: 'warehouse', tenantId: 'acme', identity: 'dev' },
    holder: 'pod',
    leaseId: 'lease',
    leaseTtlMs: 60_000,
    maxPerKey: 1,
    maxPerTarget: 1,
    aliveForMs: 60_000,
  });

  await client.connect();
  await client.query(readText('postgres/after-restore.sql'));
  await client.end();

  expect(await auth.sessions.get(token)).toEqual({ ok: false, reason: 'not_found' });
  expect(await queries.sessions.get(epoch)).toEqual({ ok: false, reason: 'not_found' });
  expect(await queries.sessions.get(query)).toMatchObject({ ok: true });
  expect((await queries.pool.list({ target: 'warehouse' }, { limit: 10 })).items).toEqual([]);
  await Promise.all([auth.close(), queries.close()]);
});
