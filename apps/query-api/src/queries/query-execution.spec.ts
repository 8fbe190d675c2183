import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStore } from '@mooring/nest-session-store';
import { StoreError } from '@mooring/session-store';
import type { SessionData, StoreBackend } from '@mooring/session-store';
import { QueryExecution } from './query-execution.ts';
import type { QueryRecord } from './query-record.ts';
import { QueryRecords } from './query-records.ts';
import type { StoredQuery } from './query-records.ts';
import type { QueryRun, RunEnd } from './query-run.ts';

const OWNER = { tenantId: 'acme', userId: 'ann', role: 'user' } as const;
const RECORD: QueryRecord = {
  fingerprint: 'f',
  sql: 'select 1',
  session: 'reuse',
  status: 'queued',
  attempt: 1,
  submittedAt: 1,
  timeoutMs: 1000,
  maxRows: 10,
};
const FINISHED: QueryRun = {
  started: { statementId: 's', sessionReused: false },
  endsWithProcess: false,
  wait: async () => ({ said: { status: 'finished' } }),
  describe: async () => ({ said: { status: 'finished' } }),
};

let store: StoreBackend;
let records: QueryRecords;
let isAway: boolean;
let refused: number;
let passed: number;
let direct: StoreBackend['sessions']['update'];
let looks: number;
beforeEach(async () => {
  const log = { log: () => undefined, warn: () => undefined };
  store = (await openStore({ backend: 'memory', namespace: 'queries' }, log)).backend;
  [isAway, refused, passed] = [false, 0, 0];
  direct = store.sessions.update.bind(store.sessions);
  store.sessions.update = (...args) => {
    if (!isAway) {
      passed += 1;
      return direct(...args);
    }
    refused += 1;
    return Promise.reject(
      new StoreError({ code: 'unavailable', message: 'away', backend: 'memory', operation: 'update' }),
    );
  };
  looks = 0;
  const get = store.sessions.get.bind(store.sessions);
  store.sessions.get = (...args) => {
    looks += 1;
    return get(...args);
  };
  records = new QueryRecords(store);
});
afterEach(() => store.close());

async function endWhileAway(): Promise<string> {
  const id = records.newId(OWNER);
  const created = (await records.create(OWNER, id, RECORD)) as StoredQuery;
  isAway = true;
  const parts = { records, now: () => 2, warn: () => undefined, writeAgain: { everyMs: 1, times: 100_000 } };
  const cancellation = new AbortController();
  const execution = new QueryExecution(parts, OWNER, Promise.resolve(created), Promise.resolve(FINISHED), cancellation);
  await execution.over;
  expect((await execution.standing()).record.status).toBe('finished');
  expect((await records.find(OWNER, id))?.record.status).toBe('queued');
  return id;
}

it('writes down an end that the store did not take, once the store is back', async () => {
  const id = await endWhileAway();
  while (refused < 4) await setTimeout(1);
  isAway = false;
  while ((await records.find(OWNER, id))?.record.status !== 'finished') await setTimeout(1);
  expect((await records.find(OWNER, id))?.record).toMatchObject({ statementId: 's', endedAt: 2 });
});

it('leaves the record to a later attempt with the same key', async () => {
  const id = await endWhileAway();
  const { version } = (await records.find(OWNER, id)) as StoredQuery;
  await direct({ tenantId: OWNER.tenantId, id }, version, {
    data: { ...RECORD, attempt: 2 } as unknown as SessionData,
  });
  isAway = false;
  while (passed === 0) await setTimeout(1);
  for (let turn = 0; turn < 20; turn += 1) await setTimeout(1);
  expect(passed).toBe(1);
  expect((await records.find(OWNER, id))?.record).toMatchObject({ attempt: 2, status: 'queued' });
});

describe('when its process goes', () => {
  const begun = async (endsWithProcess: boolean) => {
    const id = records.newId(OWNER);
    const created = (await records.create(OWNER, id, RECORD)) as StoredQuery;
    const cancellation = new AbortController();
    const ended = once(cancellation.signal, 'abort').then(() => ({ said: { status: 'cancelled' } }) as const);
    let watched = (): void => undefined;
    const isWatched = new Promise<void>((resolve) => (watched = resolve));
    const run: QueryRun = {
      ...FINISHED,
      endsWithProcess,
      wait: () => {
        watched();
        return ended;
      },
    };
    const parts = { records, now: () => 2, warn: () => undefined };
    const execution = new QueryExecution(parts, OWNER, Promise.resolve(created), Promise.resolve(run), cancellation);
    await isWatched;
    await setImmediate();
    return { execution, cancellation, written: async () => (await records.find(OWNER, id))?.record };
  };

  it('ends a statement that nobody else can end, and waits until that is written down', async () => {
    const { execution, written } = await begun(true);
    await execution.endWithProcess();
    expect(await written()).toMatchObject({ status: 'cancelled', endedAt: 2 });
  });

  it('leaves a statement of the warehouse running, with its id written down', async () => {
    const { execution, cancellation, written } = await begun(false);
    await execution.endWithProcess();
    expect(cancellation.signal.aborted).toBe(false);
    expect(await written()).toMatchObject({ status: 'running', statementId: 's' });
    execution.cancel();
    await execution.over;
  });
});

it('looks at its record while a statement runs, writes it when it is due, and stops when it was asked to', async () => {
  const id = records.newId(OWNER);
  const created = (await records.create(OWNER, id, RECORD)) as StoredQuery;
  const cancellation = new AbortController();
  const end = new Promise<RunEnd>((resolve) =>
    cancellation.signal.addEventListener('abort', () => resolve({ said: { status: 'cancelled' } })),
  );
  const run: QueryRun = { started: {}, endsWithProcess: true, wait: () => end, describe: () => end };
  let now = 2;
  const parts = { records, now: () => now, warn: () => undefined, beats: { everyMs: 1, aliveEveryMs: 10_000 } };
  const execution = new QueryExecution(parts, OWNER, Promise.resolve(created), Promise.resolve(run), cancellation);
  while (looks < 5) await setTimeout(1);
  expect(passed).toBe(0);
  now += 10_000;
  while (passed === 0) await setTimeout(1);
  for (const seen = looks; looks < seen + 5;) await setTimeout(1);
  expect(passed).toBe(1);
  const written = (await records.find(OWNER, id)) as StoredQuery;
  expect(written.record.aliveAt).toBe(10_002);
  const data = { ...written.record, cancelRequested: true } as unknown as SessionData;
  await direct({ tenantId: OWNER.tenantId, id }, written.version, { data });
  await execution.over;
  expect((await records.find(OWNER, id))?.record).toMatchObject({ status: 'cancelled', cancelRequested: true });
  expect(passed).toBe(2);
});
