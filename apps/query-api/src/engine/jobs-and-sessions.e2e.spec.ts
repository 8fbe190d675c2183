import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthTokens } from '@mooring/auth-tokens';
import type { ServiceProcess } from '@mooring/services';
import { RunRecords } from '@mooring/session-sweeper';
import type { RunRecord } from '@mooring/session-sweeper';
import { createPostgresStore } from '@mooring/store-postgres';
import { logins, sqlClient, until } from '../sql/sql.fixture.ts';
import { PATIENT, client, startStack } from '../stack.fixture.ts';
import type { Stack } from '../stack.fixture.ts';

let stack: Stack;
/** With it, the catalog is in the database that processes share. */
let folder: string;
let service: ServiceProcess;
let tokens: AuthTokens;
let token: Record<'ann' | 'uma' | 'bob' | 'root' | 'stranger', string>;
let jobId: string;
beforeAll(async () => {
  stack = await startStack();
  tokens = await stack.tokens();
  folder = await mkdtemp(join(tmpdir(), 'mooring-data-'));
  service = await stack.start({ MOORING_DATA_DIR: folder });
  const login = logins(tokens);
  const { acme, globex } = stack.tenants;
  token = {
    ann: await login('ann', acme),
    uma: await login('uma', acme, 'user'),
    bob: await login('bob', acme, 'user'),
    root: await login('root', acme, 'system'),
    stranger: await login('cy', globex),
  };
  jobId = String((await client(service, token.uma).begin({ sql: 'select pg_sleep(600)' }))['id']);
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

const as = (who: keyof typeof token) => sqlClient(service, token[who]);
const seen = async (who: keyof typeof token, sql: string): Promise<unknown[][]> =>
  (await as(who).rows(sql)) as unknown[][];

describe('system.sessions', () => {
  const sql = "select session_id, user_id, state from system.sessions where kind = 'login'";

  it('shows the logins of the tenant to its dbas, their own to others, under ids that end them', async () => {
    const all = await seen('ann', sql);
    expect(all.map(([, user]) => String(user)).sort()).toEqual(['ann', 'bob', 'root', 'uma']);
    const [own] = await seen('bob', sql);
    expect([own?.slice(1), await seen('bob', sql)]).toEqual([['bob', 'idle'], [own]]);
    expect((await seen('stranger', sql)).map(([, user]) => user)).toEqual(['cy']);
    const ref = { tenantId: stack.tenants.acme, id: String(own?.[0]) };
    expect(await tokens.revokeSession(ref, 'bob', 'spec')).toMatchObject({ ok: true });
    expect((await seen('ann', sql)).map(([, user]) => String(user)).sort()).toEqual(['ann', 'root', 'uma']);
  });

  it('has nothing of a token', async () => {
    const rows = JSON.stringify(await seen('root', 'select * from system.sessions'));
    for (const secret of Object.values(token).map((text) => text.split('.').at(-1) ?? text)) {
      expect(rows).not.toContain(secret);
    }
  });
});

it('system.warehouse_sessions shows the slots of the tenant to its dbas alone, those of other processes, too', async () => {
  const { tenants, env } = stack;
  const user = `tenant_${tenants.acme}`;
  const namespace = `sales_${tenants.acme}`;
  const place = `cluster 'main' database '${env['MOORING_WAREHOUSE_DATABASE']}' db_user 'tenant_{tenant}'`;
  await as('ann').rows(`create storage cold type redshift ${place}; create namespace ${namespace} storage cold`);
  await as('ann').rows({ namespace, sql: 'select 1' });
  await as('ann').rows({ namespace, sql: 'begin; select 1; rollback' });
  const sql = 'select session_id, state, opened_at, expires_at, storage, database_user from system.warehouse_sessions';
  const slot = [expect.any(String), expect.any(String), expect.any(String), expect.any(String)];
  const other = sqlClient(await stack.start({ MOORING_DATA_DIR: folder }), token.ann);
  const rows = (await other.rows(`${sql} where session_id is not null order by storage`)) as unknown[][];
  expect(rows).toEqual(
    expect.arrayContaining([
      [...slot, null, user],
      [...slot, 'cold', user],
    ]),
  );
  expect(await seen('uma', sql)).toEqual([]);
  expect(await seen('stranger', sql)).toEqual([]);
});

describe('system.jobs and KILL JOB', () => {
  const sql = 'select job_id, user_id, kind, state, message from system.jobs';

  it('are about queries that were sent: one’s own, for a dba the tenant’s', async () => {
    const row = [jobId, 'uma', 'query', 'running', 'select pg_sleep(600)'];
    expect([await seen('uma', sql), await seen('ann', sql)]).toEqual([[row], [row]]);
    expect(await seen('stranger', sql)).toEqual([]);
    for (const text of [`kill job '${jobId}'`, "kill job 'no-such-job-anywhere'", "kill job '?'"]) {
      expect((await as('stranger').post(text)).body).toMatchObject({ status: 404, code: 'object_not_found' });
    }
    const [killed] = (await as('ann').post(`kill job '${jobId}'`)).body['results'] as object[];
    expect(killed).toMatchObject({ rowCount: 1 });
    const uma = client(service, token.uma);
    await until(async () => (await uma.get(jobId)).body['status'] === 'cancelled');
    expect((await as('uma').post(`kill job '${jobId}'`)).body['results']).toMatchObject([{ rowCount: 0 }]);
    await until(async () => (await seen('uma', sql))[0]?.[3] === 'cancelled');
  });

  it('are about runs of the cleanup worker for the role system', async () => {
    const url = stack.env['DATABASE_URL'] ?? '';
    const store = await createPostgresStore({ url, namespace: 'tasks', poolSize: 1, ...PATIENT });
    const runs = new RunRecords(store.sessions);
    const id = runs.newId('sweep-auth');
    await runs.create(id, RUNNING);
    const own = `${sql} where kind = 'sweep-auth'`;
    expect(await seen('ann', own)).toEqual([]);
    expect((await as('ann').post(`kill job '${id}'`)).status).toBe(404);
    expect(await seen('root', own)).toEqual([[id, null, 'sweep-auth', 'running', '7 removed']]);
    expect((await as('root').post(`kill job '${id}'`)).body['results']).toMatchObject([{ rowCount: 1 }]);
    expect((await runs.find(id))?.record).toMatchObject({ status: 'killed', endedAt: expect.any(Number) });
    expect((await as('root').post(`kill job '${id}'`)).body['results']).toMatchObject([{ rowCount: 0 }]);
    await store.close();
  });
});

const RUNNING: RunRecord = {
  task: 'sweep-auth',
  trigger: 'schedule',
  dryRun: false,
  dueAt: null,
  status: 'running',
  instance: 'worker/1',
  attempt: 1,
  startedAt: 1,
  updatedAt: 1,
  endedAt: null,
  progress: { step: 'sessions', removed: 7 },
  removed: 0,
  report: {},
  failure: null,
};
