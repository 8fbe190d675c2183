import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import { partitionOf } from '@mooring/session-store';
import type { SessionRef, StoreBackend } from '@mooring/session-store';
import { PATIENT, HandClock, RawTable, WatchedClient, digest, newSession, times } from '../dynamo.fixture.ts';
import { createDynamoStore, createTable } from '../index.ts';

const ANN = { tenantId: 'acme', subjectId: 'ann' };

let dynamo: TestDynamo;
let table: string;
let raw: RawTable;

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
  raw = new RawTable(dynamo.url, table);
});

afterAll(() => dynamo?.stop());

async function created(store: StoreBackend, change: Parameters<typeof newSession>[0] = {}): Promise<SessionRef> {
  const session = newSession(change);
  expect((await store.sessions.create(session)).ok).toBe(true);
  return { tenantId: session.tenantId, id: session.id };
}

describe('the end of all sessions of a subject', () => {
  it('S-13: reaches a session that lost its place in the index, in every way to it', async () => {
    const clock = new HandClock();
    const store = await createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace: 'lost', clock });
    const uses: Readonly<Record<string, (ref: SessionRef) => Promise<{ readonly ok: boolean }>>> = {
      get: (ref) => store.sessions.get(ref),
      touch: (ref) => store.sessions.touch(ref),
      'touch not due': (ref) => store.sessions.touch(ref, { minIntervalMs: 60_000 }),
      update: (ref) => store.sessions.update(ref, 1, { data: {} }),
    };
    for (const [name, use] of Object.entries(uses)) {
      const ref = await created(store);
      await raw.changeSession('lost', ref, 'REMOVE ix');
      await store.sessions.revokeWhere(ANN, 'everywhere');
      expect([name, await use(ref)]).toEqual([name, { ok: false, reason: 'revoked' }]);
      clock.time += 1;
    }
    const ref = await created(store);
    await raw.changeSession('lost', ref, 'REMOVE ix');
    await store.sessions.revokeWhere(ANN, 'everywhere');
    expect((await store.sessions.list({ tenantId: 'acme' }, { limit: 100 })).items).toEqual([]);
    await store.close();
  });

  it('leaves a session that lost its place and was authenticated later, and puts it back', async () => {
    const clock = new HandClock();
    const store = await createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace: 'later', clock });
    await store.sessions.revokeWhere(ANN, 'everywhere');
    clock.time += 1;
    const ref = await created(store);
    await raw.changeSession('later', ref, 'REMOVE ix');
    expect((await store.sessions.list(ANN, { limit: 10 })).items).toEqual([]);
    expect((await store.sessions.touch(ref)).ok).toBe(true);
    expect((await store.sessions.list(ANN, { limit: 10 })).items.map(({ id }) => id)).toEqual([ref.id]);
    await store.close();
  });

  it('S-13: that fails half way is finished by a sweep, and spares whom it spared', async () => {
    const clock = new HandClock();
    const store = await createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace: 'half', clock });
    const long = { idleTimeoutMs: 86_400_000, lifetimeMs: 86_400_000 };
    const refs = await Promise.all(times(5, () => created(store, long)));
    const watched = new WatchedClient(dynamo.url);
    // The notBefore is moved, then the process is gone.
    watched.client.middlewareStack.add(
      (next) => (args) => {
        if (watched.sent.includes('Query')) throw new Error('gone');
        return next(args);
      },
      { step: 'build' },
    );
    const dying = await createDynamoStore({ ...PATIENT, table, client: watched.client, namespace: 'half', clock });
    const [spared] = refs as [SessionRef];
    const call = dying.sessions.revokeWhere({ ...ANN, exceptId: spared.id }, 'everywhere');
    await expect(call).rejects.toMatchObject({ outcome: 'unknown', retryable: true });
    const states = async (): Promise<string[]> => {
      const found = await Promise.all(refs.map((ref) => store.sessions.get(ref)));
      return found.map((result) => (result.ok ? 'alive' : result.reason));
    };
    clock.time += 60_000;
    await store.sweep({ target: 'sessions', limit: 100, dryRun: true });
    expect(await states()).toEqual(times(5, () => 'alive'));
    await store.sweep({ target: 'sessions', limit: 100 });
    expect(await states()).toEqual(['alive', 'revoked', 'revoked', 'revoked', 'revoked']);
    await dying.close();
    await store.close();
    watched.close();
  });

  it('reaches a creation that wrote its session after the index was read', async () => {
    const clock = new HandClock();
    const store = await createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace: 'racing', clock });
    const watched = new WatchedClient(dynamo.url);
    // Between the creation's write and its look at the notBefore, all sessions of the subject are ended and the mark is lost.
    const session = newSession();
    watched.client.middlewareStack.add(
      (next) => async (args) => {
        if (watched.sent.at(-1) === 'PutItem') {
          await raw.changeSession('racing', session, 'REMOVE ix');
          await store.sessions.revokeWhere(ANN, 'everywhere');
          await raw.changeSession('racing', session, 'SET ix = :ix', { ':ix': 'ann/0000000000000000/x' });
        }
        return next(args);
      },
      { step: 'build' },
    );
    const other = await createDynamoStore({ ...PATIENT, table, client: watched.client, namespace: 'racing', clock });
    expect((await other.sessions.create(session)).ok).toBe(true);
    expect(await store.sessions.touch(session)).toEqual({ ok: false, reason: 'revoked' });
    await other.close();
    await store.close();
    watched.close();
  });

  it('ends those from before it and none from after it, however the clocks of processes differ', async () => {
    const [ahead, behind] = [new HandClock(), new HandClock()];
    ahead.time = behind.time + 120_000;
    const options = { ...PATIENT, table, endpoint: dynamo.url, namespace: 'clocks' };
    const first = await createDynamoStore({ ...options, clock: ahead });
    const store = await createDynamoStore({ ...options, clock: behind });
    const long = { idleTimeoutMs: 86_400_000, lifetimeMs: 86_400_000 };
    const before = [await created(first, long), await created(store, long)];
    expect(await store.sessions.revokeWhere(ANN, 'everywhere')).toEqual({ notBefore: ahead.time, revoked: 2 });
    for (const ref of before) expect(await first.sessions.get(ref)).toEqual({ ok: false, reason: 'revoked' });
    const after = await created(store, { ...long, verifier: digest('a') });
    const proof = { presented: digest('a'), next: digest('b'), graceMs: 0, reauthenticated: true };
    expect((await store.sessions.rotate(after, proof)).ok).toBe(true);
    ahead.time += 60_000;
    await first.sweep({ target: 'sessions', limit: 100 });
    expect((await first.sessions.get(after)).ok).toBe(true);
    const lease = await first.leases.acquire('sweep', 'a', 1000);
    if (lease.ok) await first.leases.release(lease.value);
    expect((await store.leases.acquire('sweep', 'b', 1000)).ok).toBe(true);
    expect(await store.sessions.revokeWhere(ANN, 'everywhere')).toMatchObject({ revoked: 1 });
    expect(await first.sessions.get(after)).toEqual({ ok: false, reason: 'revoked' });
    await first.close();
    await store.close();
  });

  it("never ends another subject's session whose id a creation was given", async () => {
    const clock = new HandClock();
    const store = await createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace: 'taken', clock });
    const partition = partitionOf('acme', 'ann');
    const other = times(5000, (index) => `subject-${index}`).find((name) => partitionOf('acme', name) === partition);
    const ref = await created(store);
    await store.sessions.revokeWhere({ tenantId: 'acme', subjectId: other ?? '' }, 'everywhere');
    const session = { ...newSession(), ...ref, subjectId: other ?? '' };
    expect(await store.sessions.create(session)).toEqual({ ok: false, reason: 'exists' });
    expect((await store.sessions.get(ref)).ok).toBe(true);
    await store.close();
  });
});
