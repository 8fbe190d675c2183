import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreError } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import { PATIENT, RawTable, failure, newSession } from './dynamo.fixture.ts';
import { failure as translated, verdictOf } from './errors.ts';
import { FaultyEndpoint } from './faulty-endpoint.fixture.ts';
import { createDynamoStore, createTable } from './index.ts';

let dynamo: TestDynamo;
let table: string;
let service: FaultyEndpoint;
let store: StoreBackend;

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
  service = await FaultyEndpoint.start(dynamo.url);
  store = await createDynamoStore({ ...PATIENT, table, endpoint: service.url, namespace: 'errors' });
});

afterAll(async () => {
  await store?.close();
  await service?.close();
  await dynamo?.stop();
});

describe('what the service answers', () => {
  it.each([
    ['ProvisionedThroughputExceededException', 400, 'throttled', 'not_applied', true],
    ['ThrottlingException', 400, 'throttled', 'not_applied', true],
    ['RequestLimitExceeded', 400, 'throttled', 'not_applied', true],
    ['TransactionConflictException', 400, 'conflict', 'not_applied', true],
    ['ReplicatedWriteConflictException', 400, 'conflict', 'not_applied', true],
    ['ItemCollectionSizeLimitExceededException', 400, 'too_large', 'not_applied', false],
    ['ResourceNotFoundException', 400, 'misconfigured', 'not_applied', false],
    ['AccessDeniedException', 400, 'misconfigured', 'not_applied', false],
    ['UnrecognizedClientException', 400, 'misconfigured', 'not_applied', false],
    ['ExpiredTokenException', 400, 'misconfigured', 'not_applied', false],
    ['InvalidSignatureException', 400, 'misconfigured', 'not_applied', false],
    ['ValidationException', 400, 'misconfigured', 'not_applied', false],
    ['SomethingNew', 400, 'misconfigured', 'not_applied', false],
    ['InternalServerError', 500, 'unavailable', 'unknown', true],
    ['ServiceUnavailable', 503, 'unavailable', 'unknown', true],
    ['SomethingNew', 502, 'unavailable', 'unknown', true],
  ])('%s (%i) is %s, %s', async (refuse, status, code, outcome, retryable) => {
    service.next({ of: 'UpdateItem', times: 4, how: { refuse, status, message: 'canary of acme' } });
    const error = await failure(store.sessions.revoke(newSession(), 'logout'));
    service.forget();
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code, outcome, retryable, backend: 'dynamodb', operation: 'sessions.revoke' });
    expect(inspect(error, { depth: 8, showHidden: true })).not.toContain('canary');
  });

  it.each([
    'Item size has exceeded the maximum allowed size',
    'Item size to update has exceeded the maximum allowed size',
  ])('a ValidationException that says "%s" is too large', async (message) => {
    service.next({ of: 'UpdateItem', how: { refuse: 'ValidationException', message } });
    expect(await failure(store.sessions.revoke(newSession(), 'logout'))).toMatchObject({ code: 'too_large' });
  });

  it('an item that would pass 400 KB is too large, and stays as it was', async () => {
    const session = newSession();
    await store.sessions.create(session);
    const raw = new RawTable(dynamo.url, table);
    await raw.changeSession('errors', session, 'SET padding = :padding', { ':padding': 'x'.repeat(200_000) });
    const call = store.sessions.update(session, 1, { data: { text: 'x'.repeat(250_000) } });
    expect(await failure(call)).toMatchObject({ code: 'too_large', outcome: 'not_applied', retryable: false });
    expect(await store.sessions.get(session)).toMatchObject({ ok: true, value: { version: 1, data: session.data } });
  });

  it('a condition that failed is never an error', async () => {
    const session = newSession();
    await store.sessions.create(session);
    for (const call of [
      store.sessions.create(session),
      store.sessions.update(session, 7, { data: {} }),
      store.sessions.touch(newSession()),
      store.leases.renew({ name: 'l', holder: 'a', fencingToken: 1, expiresAt: 0 }, 1000),
    ]) {
      expect((await call).ok).toBe(false);
    }
  });
});

describe('what the SDK and the system say', () => {
  it.each([
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'unavailable', undefined],
    [Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'unavailable', undefined],
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'unavailable', 'unknown'],
    [Object.assign(new Error('socket hang up'), { code: 'EPIPE' }), 'unavailable', 'unknown'],
    [Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'misconfigured', undefined],
    [
      Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' }),
      'misconfigured',
      undefined,
    ],
    [new Error('Region is missing'), 'misconfigured', undefined],
    [
      Object.assign(new Error('no connection could be established in time'), { name: 'TimeoutError' }),
      'unavailable',
      undefined,
    ],
    ['nonsense', 'unavailable', 'unknown'],
    [undefined, 'unavailable', 'unknown'],
  ])('%s is %s', (cause, code, outcome) => {
    const verdict = verdictOf(cause);
    expect([verdict.code, verdict.outcome]).toEqual([code, outcome]);
  });

  it('keeps of a cause its name and its code, nothing that it says or carries', () => {
    const cause = Object.assign(new Error('canary'), { code: 'ECONNRESET', Item: { pk: { S: 'canary' } } });
    const error = translated('sessions.get', verdictOf(cause), cause);
    expect(inspect(error, { depth: 8, showHidden: true })).not.toContain('canary');
    expect(error.cause).toMatchObject({ message: 'ECONNRESET', systemCode: 'ECONNRESET' });
  });
});

describe('options', () => {
  const options = { table: 'some-table', namespace: 'n', endpoint: 'http://127.0.0.1:1' };
  it.each([
    [{ table: 'a b' }, 'table must be'],
    [{ namespace: '' }, 'namespace must be'],
    [{ namespace: 'a\u0000' }, 'namespace must be'],
    [{ endpoint: '127.0.0.1:1' }, 'endpoint must be'],
    [{ endpoint: 'http://a b' }, 'endpoint must be'],
    [{ requestTimeoutMs: 10 }, 'requestTimeoutMs must be'],
    [{ maxDataBytes: 400_000 }, 'maxDataBytes must be'],
    [{ client: {} as never }, 'a client or region'],
  ])('%j are refused with what is wrong', async (wrong, text) => {
    const error = await failure(createDynamoStore({ ...options, ...wrong }));
    expect(error).toMatchObject({ code: 'misconfigured', outcome: 'not_applied', retryable: false });
    expect(error.message).toContain(text);
  });
});
