import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { startDynamo, startFaultProxy } from '@mooring/services';
import type { DynamoServer } from '@mooring/services';
import type { StoreBackend } from '@mooring/session-store';
import { PATIENT, RawTable, digest, eventually, failure, newSession, times } from './dynamo.fixture.ts';
import { FaultyEndpoint } from './faulty-endpoint.fixture.ts';
import { createDynamoStore, createTable } from './index.ts';

const RULE = { limit: 10, windowMs: 60_000 };
const KEY = { tenantId: 't', name: 'n' };
const POLICY = { limit: 9, windowMs: 60_000, lockStepsMs: [1000], resetAfterMs: 60_000 };
const ACCOUNT = [{ scope: 'account', value: 'ann', policy: POLICY }] as const;

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

let server: DynamoServer;
let service: FaultyEndpoint;
let store: StoreBackend;

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  server = await startDynamo();
  await createTable({ ...PATIENT, table: 'faults', endpoint: server.url });
  service = await FaultyEndpoint.start(server.url);
  store = await createDynamoStore({ ...PATIENT, table: 'faults', endpoint: service.url, namespace: 'faults' });
});

afterAll(async () => {
  await store?.close();
  await service?.close();
  await server?.stop();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

describe('an answer that is lost', () => {
  it('of a write that does no harm twice is asked for again, and the write counts once', async () => {
    const session = newSession({ verifier: digest('a') });
    service.next({ of: 'PutItem', how: { lose: true } });
    expect((await store.sessions.create(session)).ok).toBe(true);
    service.next({ of: 'UpdateItem', how: { lose: true } });
    const updated = await store.sessions.update(session, 1, { data: { b: 2 } });
    expect(updated).toMatchObject({ ok: true, value: { version: 2, data: { b: 2 } } });
    service.next({ of: 'UpdateItem', how: { lose: true } });
    const rotation = { presented: digest('a'), next: digest('b'), graceMs: 0 };
    const rotated = await store.sessions.rotate(session, rotation);
    expect(rotated).toMatchObject({ ok: true, value: { superseded: false, session: { version: 3 } } });
    service.next({ of: 'UpdateItem', how: { lose: true } });
    await store.attempts.recordFailure('t', ACCOUNT);
    expect((await store.attempts.check('t', ACCOUNT)).states[0]?.failures).toBe(1);
    service.next({ of: 'UpdateItem', how: { lose: true } });
    expect(await store.limits.consume(KEY, RULE, { id: 'x' })).toMatchObject({ allowed: true, remaining: 9 });
    expect((await store.limits.peek(KEY, RULE)).remaining).toBe(9);
    service.next({ of: 'UpdateItem', how: { lose: true } });
    const lease = await store.leases.acquire('l', 'a', 60_000);
    if (!lease.ok) throw new Error(lease.reason);
    service.next({ of: 'UpdateItem', how: { lose: true } });
    expect((await store.leases.release(lease.value)).ok).toBe(true);
  });

  it('of a unit without an id is not asked for again: unknown', async () => {
    const key = { tenantId: 't', name: 'plain' };
    service.next({ of: 'UpdateItem', how: { lose: true } });
    const error = await failure(store.limits.consume(key, RULE));
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'unknown', retryable: true });
    expect((await store.limits.peek(key, RULE)).remaining).toBe(9);
  });

  it('of a write that others went on from is unknown, and not done again', async () => {
    const options = { ...PATIENT, table: 'faults', namespace: 'since' };
    const other = await createDynamoStore({ ...options, endpoint: server.url });
    const own = await createDynamoStore({ ...options, endpoint: service.url });
    await own.attempts.recordFailure('t', ACCOUNT);
    const session = newSession();
    await own.sessions.create(session);
    // The first try is done and lost; others come before the second.
    const interrupted = (call: () => Promise<unknown>, since: () => Promise<unknown>): Promise<unknown> => {
      service.next({ of: 'UpdateItem', how: { lose: true } });
      service.next({ of: 'UpdateItem', first: since, how: { refuse: 'ThrottlingException' } });
      return failure(call());
    };
    const counted = await interrupted(
      () => own.attempts.recordFailure('t', ACCOUNT),
      () => other.attempts.recordFailure('t', ACCOUNT),
    );
    expect(counted).toMatchObject({ code: 'conflict', outcome: 'unknown', retryable: true });
    expect((await own.attempts.check('t', ACCOUNT)).states[0]?.failures).toBe(3);
    const updated = await interrupted(
      () => own.sessions.update(session, 1, { data: { mine: 1 } }),
      () => other.sessions.update(session, 2, { data: { theirs: 1 } }),
    );
    expect(updated).toMatchObject({ code: 'conflict', outcome: 'unknown', retryable: true });
    expect(await own.sessions.get(session)).toMatchObject({ ok: true, value: { version: 3, data: { theirs: 1 } } });
    await Promise.all([own.close(), other.close()]);
  });
});

describe('throttling', () => {
  it('that passes is waited for', async () => {
    service.next({ of: 'UpdateItem', times: 2, how: { refuse: 'ProvisionedThroughputExceededException' } });
    expect((await store.limits.consume({ ...KEY, name: 'throttled' }, RULE)).remaining).toBe(9);
    service.next({ of: 'GetItem', times: 3, how: { refuse: 'ThrottlingException' } });
    expect((await store.limits.peek({ ...KEY, name: 'throttled' }, RULE)).remaining).toBe(9);
  });

  it('that lasts is throttled, not applied, after few tries', async () => {
    const before = service.arrived.length;
    service.next({ of: 'GetItem', times: 4, how: { refuse: 'RequestLimitExceeded' } });
    const error = await failure(store.sessions.get(newSession()));
    expect(error).toMatchObject({ code: 'throttled', outcome: 'not_applied', retryable: true });
    expect(service.arrived.length - before).toBe(4);
  });

  it('of the look at the notBefore leaves a creation unknown: its session is there', async () => {
    const session = newSession();
    service.next({ of: 'GetItem', times: 4, how: { refuse: 'ThrottlingException' } });
    const error = await failure(store.sessions.create(session));
    expect(error).toMatchObject({ code: 'throttled', outcome: 'unknown', retryable: true });
    expect(await store.sessions.create(session)).toEqual({ ok: false, reason: 'exists' });
  });
});

describe('a service that fails', () => {
  it('is asked again, and what it may have done is unknown', async () => {
    service.next({ of: 'UpdateItem', times: 4, how: { refuse: 'InternalServerError', status: 500 } });
    const error = await failure(store.sessions.revoke(newSession(), 'logout'));
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'unknown', retryable: true });
    service.next({ of: 'GetItem', times: 4, how: { refuse: 'InternalServerError', status: 500 } });
    expect(await failure(store.ping())).toMatchObject({ code: 'unavailable', outcome: 'not_applied' });
  });

  it('is away and comes back: typed errors meanwhile, then business as usual', async () => {
    const own = await startDynamo();
    await createTable({ ...PATIENT, table: 'killed', endpoint: own.url });
    const away = await createDynamoStore({ ...PATIENT, table: 'killed', endpoint: own.url, namespace: 'n' });
    await own.kill();
    const errors = await Promise.all(times(20, () => failure(away.sessions.create(newSession()))));
    for (const error of errors) expect([error.code, error.retryable]).toEqual(['unavailable', true]);
    await own.restart();
    // Its tables were in its memory.
    const missing = await eventually(
      () => failure(away.sessions.create(newSession())),
      ({ code }) => code === 'misconfigured',
    );
    expect(missing.message).toContain('create-table');
    await createTable({ ...PATIENT, table: 'killed', endpoint: own.url });
    expect((await away.sessions.create(newSession())).ok).toBe(true);
    await away.close();
    await own.stop();
  });

  it('hangs: every call ends in time, a line of calls on one document too', async () => {
    const proxy = await startFaultProxy({ target: server.url });
    const hung = await createDynamoStore({
      table: 'faults',
      endpoint: proxy.url(server.url),
      namespace: 'hung',
      requestTimeoutMs: 300,
      verifyTable: false,
    });
    proxy.hang();
    const calls = times(30, (index) => [
      failure(hung.sessions.create(newSession())),
      failure(hung.attempts.recordFailure('t', ACCOUNT, { id: `${index}` })),
    ]).flat();
    for (const error of await Promise.all(calls)) {
      expect([error.code, error.outcome]).toEqual(['timeout', 'unknown']);
    }
    proxy.heal();
    await eventually(
      () => hung.ping(),
      () => true,
    );
    await hung.close();
    await proxy.close();
  });
});

describe('a client that was passed in', () => {
  const open = () =>
    new DynamoDBClient({
      endpoint: service.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 3,
    });

  it('stays open, and keeps its own retries and marshalling', async () => {
    const client = open();
    const documents = DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers: true } });
    for (const given of [client, documents]) {
      const own = await createDynamoStore({ ...PATIENT, table: 'faults', client: given, namespace: 'given' });
      const session = newSession();
      await own.sessions.create(session);
      expect(await own.sessions.get(session)).toMatchObject({ ok: true, value: { version: 1 } });
      service.next({ of: 'UpdateItem', how: { lose: true } });
      const before = service.arrived.length;
      expect(await failure(own.limits.consume(KEY, RULE))).toMatchObject({ outcome: 'unknown' });
      expect(service.arrived.length - before).toBe(1);
      await own.close();
      await own.close();
    }
    service.next({ of: 'GetItem', times: 2, how: { refuse: 'ThrottlingException' } });
    const answer = await documents.send(new GetCommand({ TableName: 'faults', Key: { pk: 'x', sk: 'x' } }));
    expect(answer.$metadata.attempts).toBe(3);
    const raw = new RawTable(server.url, 'faults');
    const [item] = await raw.items('given');
    const wrapped = await documents.send(new GetCommand({ TableName: 'faults', Key: { pk: item?.pk, sk: item?.sk } }));
    expect(wrapped.Item?.['version']).toEqual({ value: '1' });
    client.destroy();
  });
});
