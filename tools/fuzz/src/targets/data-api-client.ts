import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { AwsDataApi, CallRate, DataApiError, Warehouse, WarehouseError } from '@mooring/redshift-sessions';
import { PUBLISHED_QUOTAS, createDataApiClient } from '@mooring/redshift-sessions';
import type { CallQuotas, DataApi } from '@mooring/redshift-sessions';
import type { SessionPoolStore } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { readCorpus } from '../corpus.ts';
import { CANARY, readRows, takeStep } from '../data-api/client-steps.ts';
import { HurriedClock } from '../data-api/hurried-clock.ts';
import { clientInputs } from '../data-api/odd-answers.ts';
import type { ClientInput } from '../data-api/odd-answers.ts';
import { OddServer } from '../data-api/odd-server.ts';
import type { OpenTarget, Target } from '../target.ts';

const SECRET = 'secret-2b7c';
const CREDENTIALS = { accessKeyId: 'ann', secretAccessKey: `${SECRET}-key`, sessionToken: `${SECRET}-token` };
const TARGET = { clusterIdentifier: 'main', database: 'dev', dbUser: 'ann' };
const POOL_TARGET = { target: 'us-east-1/cluster/main' };
const LOOKS = 5;
const LOOK_EVERY_MS = 20;
/** A minute takes so many milliseconds. */
const HURRY = 200;
/** Afterwards time goes slower than the machine's, so that one which is busy with other work is late for nothing. */
const PATIENCE = 0.25;
/** Real time, while answers are odd: nothing has to succeed then. */
const LONGEST_CALL_MS = 100;
/** A step that takes so long waits for nothing any more. */
const LONGEST_STEP_MS = 300_000;
const OPTIONS = {
  maxSessionsPerKey: 20,
  leaseTtlMs: 3_600_000,
  renewEveryMs: 600_000,
  idleReturnMs: 3_600_000,
  statementTimeoutMs: 20_000,
  initStatements: [],
};
const QUOTAS = Object.fromEntries(Object.keys(PUBLISHED_QUOTAS).map((name) => [name, 1_000])) as unknown as CallQuotas;

async function within<T>(what: string, work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const late = setTimeout(LONGEST_STEP_MS, undefined, { signal: ended.signal }).then(() =>
    assert.fail(`${what} hangs`),
  );
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.abort();
  }
}

function requireTyped(error: unknown): void {
  if (error instanceof assert.AssertionError) throw error;
  const isTyped = error instanceof WarehouseError || error instanceof DataApiError;
  assert.ok(isTyped, `failed with ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  assert.ok(!inspect(error, { depth: 8 }).includes(SECRET), 'an error shows a secret');
  const { message, stack, details } = error as WarehouseError;
  // Its cause is what the service said, which may repeat what it was sent.
  const said = [message, stack?.split('\n    at ')[0], JSON.stringify(details)].join();
  assert.ok(!said.includes(CANARY), 'an error shows a parameter or a statement');
}

/** Looks some times, since what is given back or taken meanwhile is in one of the two counts only. */
async function requireLeased(warehouse: Warehouse, pool: SessionPoolStore): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const held = warehouse.heldSessions;
    const { items } = await pool.list(POOL_TARGET, { limit: 100 });
    const leased = items.filter(({ state }) => state === 'leased' || state === 'opening').length;
    if (Math.min(held, warehouse.heldSessions) <= leased) return;
    await setTimeout(LOOK_EVERY_MS);
  }
  assert.fail('a session is held that was given back');
}

async function check(server: OddServer, { steps, answers }: ClientInput): Promise<void> {
  const place = server.open(answers);
  const clock = new HurriedClock(HURRY);
  const rate = new CallRate(clock, 1, QUOTAS);
  const client = createDataApiClient({ endpoint: place.url, region: 'us-east-1', credentials: CREDENTIALS });
  const [hasty, patient] = [new AwsDataApi(client, rate, LONGEST_CALL_MS), new AwsDataApi(client, rate)];
  let current: DataApi = hasty;
  const api = new Proxy(hasty, { get: (_, name) => Reflect.get(current, name, current) as unknown });
  const store = createMemoryStore({ clock });
  const warehouse = new Warehouse({ api, pool: store.pool, clock, options: OPTIONS });
  try {
    for (const step of steps) await within(step, takeStep(warehouse, step).catch(requireTyped));
    [current] = [patient];
    place.beHonest();
    clock.slowDown(PATIENCE);
    const good = await within(
      'a statement afterwards',
      warehouse.execute({ tenantId: 'acme', target: TARGET, sql: 'select 1', timeoutMs: LONGEST_STEP_MS }),
    );
    assert.equal((await within('its end', good.wait())).status, 'finished', 'the pool is of no use afterwards');
    assert.deepEqual(
      await readRows(good),
      [
        [1n, 'one'],
        [2n, null],
      ],
      'a result is wrong afterwards',
    );
    await requireLeased(warehouse, store.pool);
    await within('the end', warehouse.close({ waitMs: LONGEST_STEP_MS }));
    assert.equal(warehouse.heldSessions, 0, 'sessions are held after the end');
    const { items } = await store.pool.list(POOL_TARGET, { limit: 100 });
    assert.ok(
      items.every(({ state }) => state !== 'leased'),
      'sessions are leased after the end',
    );
  } finally {
    place.leave();
    client.destroy();
    await store.close();
  }
}

async function open(): Promise<OpenTarget> {
  const server = new OddServer();
  await server.listen();
  return {
    inputs: clientInputs,
    check: (text) => check(server, JSON.parse(text) as ClientInput),
    close: () => server.close(),
  };
}

export const dataApiClientTarget: Target = {
  name: 'data-api-client',
  summary: 'answers of the Data API, as the executor and the pool of redshift-sessions read them',
  corpus: readCorpus('data-api-client'),
  testRuns: 10,
  sideBySide: 16,
  open,
};
