import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testDynamo } from '@mooring/services';
import type { TestDynamo } from '@mooring/services';
import { HandClock, PATIENT, newSession } from '../dynamo.fixture.ts';
import { createDynamoStore, createTable } from '../index.ts';

let dynamo: TestDynamo;
let table: string;

beforeAll(async () => {
  dynamo = await testDynamo();
  table = dynamo.tableName();
  await createTable({ ...PATIENT, table, endpoint: dynamo.url });
});

afterAll(() => dynamo?.stop());

it.each([
  ['of one moment', 0],
  ['by a clock that was set back', -5000],
])('of sessions %s, the one that was created first makes room', async (_, laterMs) => {
  const clock = new HandClock();
  const namespace = `order ${laterMs}`;
  const store = await createDynamoStore({ ...PATIENT, table, endpoint: dynamo.url, namespace, clock });
  const options = { maxPerSubject: 2, onLimit: 'evict-oldest' } as const;
  const sessions = [newSession(), newSession(), newSession()].sort((one, other) => (one.id < other.id ? 1 : -1));
  for (const session of sessions) {
    expect((await store.sessions.create(session, options)).ok).toBe(true);
    clock.time += laterMs;
  }
  const found = await Promise.all(sessions.map((session) => store.sessions.get(session)));
  expect(found.map(({ ok }) => ok)).toEqual([false, true, true]);
  await store.close();
});
