import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import type { PoolLease, Result, StoreBackend } from '@mooring/session-store';
import { PATIENT, WatchedClient, digest, newSession } from './dynamo.fixture.ts';
import { createDynamoStore, createTable } from './index.ts';

const [GET, UPDATE, PUT, DELETE, QUERY, READ_ALL, WRITE_ALL] = [
  'GetItem',
  'UpdateItem',
  'PutItem',
  'DeleteItem',
  'Query',
  'BatchGetItem',
  'BatchWriteItem',
] as const;

const POLICY = { limit: 5, windowMs: 60_000, lockStepsMs: [60_000], resetAfterMs: 60_000 };
const LIFETIME = { usableForMs: 60_000, aliveForMs: 60_000 };

type Step = readonly [name: string, call: () => Promise<unknown>, sent: readonly string[]];

let dynamo: TestDynamo;
let table: string;

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
});

afterAll(() => dynamo?.stop());

function accepted<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

/** Compares what each step sends. */
async function play(watched: WatchedClient, steps: readonly Step[]): Promise<void> {
  const seen: unknown[] = [];
  for (const [name, call] of steps) seen.push([name, await watched.during(call)]);
  expect(seen).toEqual(steps.map(([name, , sent]) => [name, sent]));
}

const repeated = (name: string, count: number): string[] => Array.from({ length: count }, () => name);

/** `again`: what tells why a condition failed, where the service does not. */
function sessionSteps(store: StoreBackend, again: readonly string[]): readonly Step[] {
  const { sessions } = store;
  const session = newSession({ verifier: digest('a') });
  const anonymous = newSession({ subjectId: null });
  const owner = { tenantId: session.tenantId, subjectId: 'ann' };
  const counted = { maxPerSubject: 5 };
  const evicting = { maxPerSubject: 2, onLimit: 'evict-oldest' } as const;
  const rotation = { presented: digest('a'), next: digest('b'), graceMs: 0 };
  return [
    ['create', () => sessions.create(session), [PUT, GET]],
    ['create without a subject', () => sessions.create(anonymous), [PUT]],
    ['create again', () => sessions.create(session), [PUT, ...again, GET]],
    ['create counted', () => sessions.create(newSession(), counted), [QUERY, UPDATE, PUT, GET]],
    ['create evicting', () => sessions.create(newSession(), evicting), [QUERY, UPDATE, PUT, GET, UPDATE]],
    ['create past the maximum', () => sessions.create(newSession(), { maxPerSubject: 1 }), [QUERY, GET, GET]],
    ['get', () => sessions.get(session), [GET]],
    ['get none', () => sessions.get(newSession()), [GET]],
    ['get of one that was evicted', () => sessions.get(session), [GET]],
    ['touch', () => sessions.touch(anonymous), [UPDATE]],
    ['touch not due', () => sessions.touch(anonymous, { minIntervalMs: 60_000 }), [GET]],
    ['touch due', () => sessions.touch(anonymous, { minIntervalMs: 1 }), [GET, UPDATE]],
    ['touch none', () => sessions.touch(newSession()), [UPDATE, ...again]],
    ['update', () => sessions.update(anonymous, 1, { data: {}, idleTimeoutMs: 100_000 }), [UPDATE]],
    ['update conflicting', () => sessions.update(anonymous, 1, { data: {} }), [UPDATE, ...again]],
    ['revoke', () => sessions.revoke(session, 'logout'), [UPDATE]],
    ['revoke again', () => sessions.revoke(session, 'logout'), [UPDATE]],
    ['rotate one that is dead', () => sessions.rotate(session, rotation), [UPDATE, ...again]],
    ['list of a subject', () => sessions.list(owner, { limit: 3 }), [QUERY]],
    ['list of a tenant', () => sessions.list({ tenantId: 'acme' }, { limit: 100 }), repeated(QUERY, 64)],
    ['revokeWhere', () => sessions.revokeWhere(owner, 'everywhere'), [UPDATE, QUERY, ...repeated(UPDATE, 2)]],
  ];
}

function usageSteps({ limits, attempts, budgets }: StoreBackend): readonly Step[] {
  const key = { tenantId: 'acme', name: 'messages' };
  const rule = { limit: 3, windowMs: 60_000 };
  const keys = (['ip', 'account', 'account_ip'] as const).map((scope) => ({ scope, value: 'a', policy: POLICY }));
  const scopes = ['one', 'two'].map((name) => ({ name, limit: 100, endsAt: Date.now() + 60_000 }));
  const reservation = { tenantId: 'acme', scopes, amount: 10, ttlMs: 60_000, reservationId: 'r' };
  return [
    ['consume', () => limits.consume(key, rule), [UPDATE]],
    ['consume with id', () => limits.consume(key, rule, { id: 'x', cost: 2 }), [UPDATE]],
    ['consume again', () => limits.consume(key, rule, { id: 'x', cost: 2 }), [GET]],
    ['consume refused', () => limits.consume(key, rule), [GET]],
    ['peek', () => limits.peek(key, rule), [GET]],
    ['reset', () => limits.reset(key, rule), [DELETE]],
    ['record the first failure', () => attempts.recordFailure('acme', keys, { id: 'y' }), repeated(UPDATE, 3)],
    ['record it again', () => attempts.recordFailure('acme', keys, { id: 'y' }), repeated(GET, 3)],
    ['check', () => attempts.check('acme', keys), [READ_ALL]],
    ['record the next failure', () => attempts.recordFailure('acme', keys), repeated(UPDATE, 3)],
    ['recordSuccess', () => attempts.recordSuccess('acme', keys), [WRITE_ALL]],
    ['reserve, never seen before', () => budgets.reserve({ ...reservation, reservationId: 'first' }), [GET, UPDATE]],
    ['reserve', () => budgets.reserve(reservation), [UPDATE]],
    ['reserve again', () => budgets.reserve(reservation), [GET]],
    ['reserve past the limit', () => budgets.reserve({ ...reservation, reservationId: 's', amount: 99 }), [GET]],
    ['usage', () => budgets.usage('acme', ['one', 'two', 'three']), [GET]],
    ['settle', () => budgets.settle(reservation, 5), [UPDATE]],
    ['release settled', () => budgets.release(reservation), [GET]],
  ];
}

function holdingSteps(store: StoreBackend, again: readonly string[]): readonly Step[] {
  const { leases, pool } = store;
  const request = {
    key: { target: 'warehouse', tenantId: 'acme', identity: 'reader' },
    holder: 'a',
    leaseId: 'one',
    leaseTtlMs: 60_000,
    maxPerKey: 2,
    maxPerTarget: 2,
    aliveForMs: 60_000,
  };
  const held: PoolLease[] = [];
  const slot = (index: number): PoolLease => held[index] as PoolLease;
  let lease = { name: 'sweeper', holder: 'a', fencingToken: 0, expiresAt: 0 };
  return [
    ['lease', async () => (lease = accepted(await leases.acquire('sweeper', 'a', 60_000))), [UPDATE]],
    ['lease again', () => leases.acquire('sweeper', 'a', 60_000), [UPDATE, ...again, UPDATE]],
    ['lease held', () => leases.acquire('sweeper', 'b', 60_000), [UPDATE, ...again]],
    ['lease renew', () => leases.renew(lease, 60_000), [UPDATE]],
    ['lease release', () => leases.release(lease), [UPDATE]],
    ['acquire, never seen before', async () => held.push(accepted(await pool.acquire(request))), [GET, UPDATE]],
    ['acquire', async () => held.push(accepted(await pool.acquire({ ...request, leaseId: 'two' }))), [UPDATE]],
    ['acquire refused', () => pool.acquire({ ...request, leaseId: 'three', holder: 'b' }), [UPDATE]],
    ['register', () => pool.register(slot(0), { ...LIFETIME, sessionId: 's', retireAfterMs: 60_000 }), [UPDATE]],
    [
      'renew two',
      () =>
        pool.renew(
          held.map((one) => ({ lease: one, lifetime: LIFETIME })),
          60_000,
        ),
      [UPDATE],
    ],
    ['list', () => pool.list({ target: 'warehouse' }, { limit: 10 }), [GET]],
    ['release', () => pool.release(slot(0), LIFETIME), [UPDATE]],
    [
      'reclaim',
      () => pool.reclaim({ target: 'warehouse', holder: 'b', leaseId: 'four', leaseTtlMs: 60_000 }),
      [UPDATE],
    ],
    ['discard', () => pool.discard(slot(1), 0), [UPDATE]],
    ['ping', () => store.ping(), [GET]],
    ['sweep of limits', () => store.sweep({ target: 'limits', limit: 10 }), [GET]],
    ['sweep of sessions', () => store.sweep({ target: 'sessions', limit: 10 }), repeated(QUERY, 16)],
  ];
}

/** DynamoDB tells the item whose condition failed; dynalite does not, so there it is read. */
describe.each([
  { service: 'that tells why a condition failed (added by a middleware)', tells: true, again: [] },
  { service: 'that does not (dynalite as it is)', tells: false, again: [GET] },
])('requests to a service $service', ({ tells, again }) => {
  let watched: WatchedClient;
  let store: StoreBackend;

  beforeAll(async () => {
    watched = new WatchedClient(dynamo.url, tells);
    store = await createDynamoStore({ ...PATIENT, table, client: watched.client, namespace: `wire-${tells}` });
  });

  afterAll(async () => {
    await store?.close();
    watched?.close();
  });

  it('for sessions', () => play(watched, sessionSteps(store, again)));
  it('for limits, attempts and budgets', () => play(watched, usageSteps(store)));
  it('for leases and the pool', () => play(watched, holdingSteps(store, again)));
});

describe('another process that was there in between', () => {
  it('costs one more round on a document, and none on a limit', async () => {
    const watched = new WatchedClient(dynamo.url, true);
    const options = { table, namespace: 'between' };
    const store = await createDynamoStore({ ...PATIENT, ...options, client: watched.client });
    const other = await createDynamoStore({ ...PATIENT, ...options, endpoint: dynamo.url });
    const keys = [{ scope: 'account', value: 'ann', policy: POLICY }] as const;
    const [key, rule] = [
      { tenantId: 'acme', name: 'n' },
      { limit: 9, windowMs: 60_000 },
    ];
    for (const client of [store, other]) {
      await client.attempts.recordFailure('acme', keys);
      await client.limits.consume(key, rule);
    }
    expect(await watched.during(() => store.attempts.recordFailure('acme', keys))).toEqual([UPDATE, UPDATE]);
    expect(await watched.during(() => store.limits.consume(key, rule))).toEqual([UPDATE]);
    await store.close();
    await other.close();
    watched.close();
  });

  it('and calls of one process at once are written once', async () => {
    const watched = new WatchedClient(dynamo.url);
    const store = await createDynamoStore({ ...PATIENT, table, namespace: 'together', client: watched.client });
    const keys = [{ scope: 'account', value: 'ann', policy: { ...POLICY, limit: 100 } }] as const;
    const together = () => Promise.all(Array.from({ length: 50 }, () => store.attempts.recordFailure('acme', keys)));
    expect(await watched.during(together)).toEqual([UPDATE, UPDATE]);
    expect((await store.attempts.check('acme', keys)).states[0]?.failures).toBe(50);
    await store.close();
    watched.close();
  });
});
