import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ServiceProcess } from '@mooring/services';
import { Client } from 'pg';
import { Balancer } from './balancer.ts';
import { startDeployment } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { askPod } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { ROOT } from './pods.ts';
import { NAMESPACE, SteadyLoad } from './steady-load.ts';
import { createUser, tokenOf } from './users.ts';

/** Longer than a busy machine keeps the balancer from asking. */
const DRAIN_DELAY_SECONDS = 8;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({
    store: 'postgres',
    // The balancer below asks ten times a second.
    env: { MOORING_DRAIN_DELAY_SECONDS: String(DRAIN_DELAY_SECONDS), MOORING_RATE_LIMIT_REQUESTS: '0' },
    workerEnv: { MOORING_DRAIN_DELAY_SECONDS: String(DRAIN_DELAY_SECONDS) },
    queryEnv: { NODE_ENV: 'production', MOORING_MESSAGE_RATE_LIMIT: '1000' },
  });
  await deployment.worker.start(2);
}, 300_000);
afterAll(() => deployment?.stop());

it('a rolling restart of all pods under load fails no request and leaves no lease and no session behind', async () => {
  const { auth, query, worker, warehouse, warehouseDatabase } = deployment;
  const user = await createUser(deployment, 'dba');
  const token = await tokenOf(deployment, user);
  const storage = `storage here type redshift cluster 'main' database '${warehouseDatabase}' db_user 'tenant_{tenant}'`;
  const sql = `create ${storage}; create namespace ${NAMESPACE} storage here`;
  expect(await query.ask('POST', '/v1/sql', { token, body: { sql } })).toMatchObject({ status: 200 });
  const pinned = await query.askEach('POST', '/v1/sql/sessions', { token, body: {} });
  const balancers = [new Balancer(auth), new Balancer(query), new Balancer(worker)] as const;
  const load = new SteadyLoad(...balancers, user, token, await tokenOf(deployment, ROOT));

  const outlasting: Promise<void>[] = [];
  const [codes, workerCodes, left] = await Promise.all([
    eachOf(auth, (pod) => auth.replace(pod)),
    eachOf(worker, (pod) => worker.replace(pod)),
    eachOf(query, async (pod) => {
      const body = { sql: `select 'outlasts', pg_sleep(${DRAIN_DELAY_SECONDS + 1})`, waitSeconds: 0 };
      outlasting.push(load.follow(await askPod(pod, 'POST', '/v1/queries', { token, body })));
      const code = await query.replace(pod);
      return [code, (await slotsOf(deployment)).filter(({ pid }) => pid === pod.pid)];
    }),
  ]);
  await Promise.all(outlasting);
  await load.untilDone(3);
  await load.end();
  for (const balancer of balancers) balancer.stop();

  expect(load.failures).toEqual([]);
  expect(Object.entries(load.done).filter(([, times]) => times < 3)).toEqual([]);
  expect(Object.keys(load.done)).toHaveLength(9);
  expect([codes, workerCodes]).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(left).toEqual([
    [0, []],
    [0, []],
  ]);
  // What lived in a pod is reported as gone by every other, and never opened anew.
  for (const { body } of pinned) {
    const asked = await query.askEach('GET', `/v1/sql/sessions/${String(body['id'])}`, { token });
    expect(asked.map(({ status }) => status)).toEqual([421, 421]);
  }

  await Promise.all([query.stop(), worker.stop()]);
  expect(await rowsOf(deployment, HELD_LEASES)).toEqual([]);
  // Each run that a worker began has its end in the record.
  expect(await rowsOf(deployment, RUNS_UNDER_WAY)).toEqual([]);
  const slots = await slotsOf(deployment);
  expect(slots.length).toBeGreaterThan(0);
  expect(slots.filter(({ pid }) => pid !== null)).toEqual([]);
  expect(warehouse.stats()).toMatchObject({ statementsRunning: 0, sessionsOpen: slots.length });
}, 300_000);

async function eachOf<T>({ pods }: Fleet, work: (pod: ServiceProcess) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const pod of pods) results.push(await work(pod));
  return results;
}

const SLOTS = `select split_part(holder, '-', 1)::int as pid from mooring_pool_slots where namespace = 'pool'`;
const HELD_LEASES = `select namespace, name, holder from mooring_leases
  where expires_at > extract(epoch from clock_timestamp()) * 1000`;
const RUNS_UNDER_WAY = `select data from mooring_sessions where namespace = 'tasks' and data::jsonb ->> 'status' = 'running'`;

/** The places of sessions in the pool, each with the process that has it. */
function slotsOf(of: Deployment): Promise<readonly { readonly pid: number | null }[]> {
  return rowsOf(of, SLOTS);
}

async function rowsOf<Row extends object>({ databaseUrl }: Deployment, sql: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<Row>(sql);
  await client.end();
  return rows;
}
