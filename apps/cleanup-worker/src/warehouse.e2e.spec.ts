import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRedshiftDataLocal } from '@mooring/redshift-data-local';
import type { RedshiftDataLocal } from '@mooring/redshift-data-local';
import { AwsDataApi, CallRate, createDataApiClient } from '@mooring/redshift-sessions';
import { testPostgres } from '@mooring/services';
import type { TestPostgres } from '@mooring/services';
import { systemClock } from '@mooring/session-store';
import type { SessionPoolStore } from '@mooring/session-store';
import { JumpClock } from './jump-clock.fixture.ts';
import { startService } from './service.fixture.ts';
import type { Answer, Service } from './service.fixture.ts';
import { until } from './store.fixture.ts';

const TASK = 'warehouse-sessions';
const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
const clock = new JumpClock();
let postgres: TestPostgres;
let local: RedshiftDataLocal;
let service: Service;
let pool: SessionPoolStore;
let database: string;
let api: AwsDataApi;
let names = 0;

beforeAll(async () => {
  Object.assign(process.env, credentials);
  postgres = await testPostgres();
  const postgresUrl = await postgres.createDatabase();
  database = new URL(postgresUrl).pathname.slice(1);
  local = await startRedshiftDataLocal({ postgresUrl });
  service = await startService(clock, {
    MOORING_WAREHOUSE_CLUSTER: 'main',
    MOORING_WAREHOUSE_QUOTA_PERCENT: '10000',
    MOORING_WAREHOUSE_SCHEDULE: '0 0 1 1 *',
    MOORING_WAREHOUSE_GRACE_SECONDS: '60',
    MOORING_WAREHOUSE_CLOSE_UNKNOWN: 'true',
    AWS_ENDPOINT_URL_REDSHIFT_DATA: local.url,
  });
  ({ pool } = await service.server.open('pool'));
  // What was due at the start is not to come in between.
  await until(async () => (await lastRun())?.['status'] === 'done');
  api = new AwsDataApi(
    createDataApiClient({ endpoint: local.url, region: 'us-east-1' }),
    new CallRate(systemClock, 100),
  );
});

afterAll(async () => {
  await service?.stop();
  await local?.close();
  await postgres?.stop();
});

/** Opened as the pool does, with a transaction that nobody ends. */
async function openSession(): Promise<string> {
  names += 1;
  const accepted = await api.execute('begin', {
    place: { ClusterIdentifier: 'main', Database: database, DbUser: 'tenant_acme' },
    keepAliveSeconds: 600,
    statementName: `spec-${names}`,
    clientToken: `spec-${names}`,
    waitSeconds: 5,
  });
  return accepted.sessionId ?? '';
}

/** Held by a process that never comes back. */
async function abandon(sessionId: string, dirty: boolean): Promise<void> {
  const key = { target: 'us-east-1/cluster/main', tenantId: 'acme', identity: 'reader' };
  const lifetime = { usableForMs: 540_000, aliveForMs: 660_000 };
  const caps = { maxPerKey: 9, maxPerTarget: 9, aliveForMs: 660_000 };
  const slot = await pool.acquire({ key, holder: 'dead', leaseId: sessionId, leaseTtlMs: 600_000, ...caps });
  if (!slot.ok) throw new Error(slot.reason);
  const lease = await pool.register(slot.value, { sessionId, ...lifetime, retireAfterMs: 3_600_000 });
  if (!lease.ok) throw new Error(lease.reason);
  await pool.renew([{ lease: lease.value, lifetime, dirty }], 1);
}

const run = (dryRun = false): Promise<Answer> => service.run(TASK, { dryRun });

async function lastRun(): Promise<Record<string, unknown> | undefined> {
  const { body } = await service.ask('GET', `/tasks/${TASK}/runs?limit=1`, { role: 'dba' });
  return (body['runs'] as Record<string, unknown>[])[0];
}

const openSessions = async (): Promise<string[]> => {
  const listed = await api.listSessions({ ClusterIdentifier: 'main' });
  return listed.map(({ sessionId }) => sessionId).sort();
};

describe('the comparison with the warehouse', () => {
  it('closes what was abandoned with changes and what nobody knows, and nothing else', async () => {
    const [dirty, clean, unknown] = [await openSession(), await openSession(), await openSession()];
    await abandon(dirty, true);
    await abandon(clean, false);
    await until(async () => {
      const { items } = await pool.list({ target: 'us-east-1/cluster/main' }, { limit: 9 });
      return items.length === 2 && items.every(({ state }) => state === 'abandoned');
    });
    expect(await run()).toMatchObject({
      status: 200,
      body: { status: 'done', removed: 0, report: { open: 3, slots: 2, abandoned: 1, unknown: 1, gone: 0 } },
    });
    clock.jump(61_000);
    expect(await run(true)).toMatchObject({ body: { status: 'done', removed: 2 } });
    expect(await openSessions()).toEqual([dirty, clean, unknown].sort());
    expect(await run()).toMatchObject({ body: { status: 'done', removed: 2 } });
    await until(async () => (await openSessions()).length === 1);
    expect(await openSessions()).toEqual([clean]);
    const metrics = await service.metrics();
    expect(metrics).toMatch(/^mooring_warehouse_sessions_closed_total\{.*reason="abandoned".*\} 1$/m);
    expect(metrics).toMatch(/^mooring_warehouse_sessions\{.*state="open".*\} 3$/m);
  });

  it('is done by one process at a time', async () => {
    const { leases } = await service.server.open('pool');
    const lease = await leases.acquire(TASK, 'another', 600_000);
    expect(await run()).toMatchObject({ status: 409, body: { code: 'task_running' } });
    if (lease.ok) await leases.release(lease.value);
    expect(await run()).toMatchObject({ status: 200, body: { status: 'done' } });
  });

  it('says so when the warehouse does not answer', async () => {
    await local.close();
    expect(await run()).toMatchObject({
      status: 200,
      body: { status: 'failed', failure: { code: expect.stringMatching(/^un/) } },
    });
    expect(await lastRun()).toMatchObject({ status: 'failed', trigger: 'request' });
  });
});
