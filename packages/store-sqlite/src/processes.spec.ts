import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newSessionId } from '@mooring/session-store';
import type { LimitDecision } from '@mooring/session-store';
import { Connection, query } from './file/connection.ts';
import { createSqliteStore } from './index.ts';
import type { SqliteStore } from './index.ts';
import { PATIENT, storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';
import { killWorkers, startWorker } from './worker.fixture.ts';
import type { Worker } from './worker.fixture.ts';
import type { Outcome } from './worker-program.fixture.ts';

const DAY_MS = 86_400_000;
const OWNER = { tenantId: 'acme', subjectId: 'ann' };

let folder: StoreFolder;
let store: SqliteStore;
let workers: Worker[];
beforeEach(async () => {
  folder = await storeFolder();
  workers = await Promise.all([start(), start()]);
  store = await createSqliteStore({ ...PATIENT, file: folder.file, namespace: 'n' });
});
afterEach(async () => {
  await killWorkers();
  await store.close();
  await folder.remove();
});

function start(): Promise<Worker> {
  return startWorker({ ...PATIENT, file: folder.file, namespace: 'n' });
}

/** Each worker makes all of its calls at once. */
async function onAll(port: string, method: string, argsOf: (worker: number) => unknown[][]): Promise<Outcome[]> {
  const outcomes = await Promise.all(workers.map((worker, index) => worker.call(port, method, argsOf(index))));
  return outcomes.flat();
}

function times(count: number, args: (index: number) => unknown[]): unknown[][] {
  return Array.from({ length: count }, (_, index) => args(index));
}

function accepted(outcomes: readonly Outcome[]): Outcome[] {
  expect(outcomes.map(({ code }) => code).filter((code) => code !== undefined)).toEqual([]);
  return outcomes.filter(({ value }) => (value as { ok?: boolean }).ok === true);
}

describe('two processes on one file', () => {
  it('admit exactly 30 of 200 concurrent callers at a limit of 30', async () => {
    const key = { tenantId: 'acme', name: 'messages' };
    const outcomes = await onAll('limits', 'consume', () => times(100, () => [key, { limit: 30, windowMs: DAY_MS }]));
    expect(outcomes).toHaveLength(200);
    expect(outcomes.filter(({ value }) => (value as LimitDecision).allowed)).toHaveLength(30);
  });

  it('keep every window of an exact sliding limit', async () => {
    const key = { tenantId: 'acme', name: 'messages' };
    const rule = { limit: 10, windowMs: 50 };
    const admitted: number[] = [];
    while (admitted.length < 6 * rule.limit) {
      const outcomes = await onAll('limits', 'consume', () => times(16, () => [key, rule]));
      for (const { value } of outcomes) {
        const decision = value as LimitDecision;
        if (decision.allowed) admitted.push(decision.resetAt - rule.windowMs);
      }
    }
    admitted.sort((left, right) => left - right);
    const spans = admitted.slice(rule.limit).map((time, index) => time - (admitted[index] ?? 0));
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(rule.windowMs);
  });

  it('spend a budget to its cap and never past it', async () => {
    const scopes = [{ name: 'month', limit: 200, endsAt: Date.now() + DAY_MS }];
    const outcomes = await onAll('budgets', 'reserve', (worker) =>
      times(20, (index) => [
        { tenantId: 'acme', scopes, amount: 10, ttlMs: DAY_MS, reservationId: `r${worker}-${index}` },
      ]),
    );
    expect(accepted(outcomes)).toHaveLength(20);
    expect(await store.budgets.usage('acme', ['month'])).toEqual([{ name: 'month', settled: 0, reserved: 200 }]);
  });

  it('let one of 20 updates of a version win', async () => {
    const id = newSessionId(OWNER);
    await store.sessions.create({ ...OWNER, id, data: { by: 'first' }, idleTimeoutMs: DAY_MS, lifetimeMs: DAY_MS });
    const outcomes = await onAll('sessions', 'update', (worker) =>
      times(10, (index) => [{ tenantId: 'acme', id }, 1, { data: { by: `${worker}-${index}` } }]),
    );
    const won = accepted(outcomes);
    expect(won).toHaveLength(1);
    const winner = won[0]?.value as { value: { data: object } } | undefined;
    expect(await store.sessions.get({ tenantId: 'acme', id })).toMatchObject({
      value: { version: 2, data: winner?.value.data },
    });
  });

  it('accept one of 10 rotations of a verifier', async () => {
    const id = newSessionId(OWNER);
    const verifier = 'a'.repeat(43);
    await store.sessions.create({ ...OWNER, id, data: {}, idleTimeoutMs: DAY_MS, lifetimeMs: DAY_MS, verifier });
    const outcomes = await onAll('sessions', 'rotate', (worker) =>
      times(5, (index) => [
        { tenantId: 'acme', id },
        { presented: verifier, next: `${worker}${index}`.padEnd(43, 'b'), graceMs: DAY_MS },
      ]),
    );
    const superseded = accepted(outcomes).map(
      ({ value }) => (value as { value: { superseded: boolean } }).value.superseded,
    );
    expect(superseded.filter((was) => !was)).toHaveLength(1);
    expect(superseded).toHaveLength(10);
  });

  it('keep the maximum of sessions of a subject', async () => {
    const outcomes = await onAll('sessions', 'create', () =>
      times(15, () => [
        { ...OWNER, id: newSessionId(OWNER), data: {}, idleTimeoutMs: DAY_MS, lifetimeMs: DAY_MS },
        { maxPerSubject: 5 },
      ]),
    );
    expect(accepted(outcomes)).toHaveLength(5);
    expect((await store.sessions.list(OWNER, { limit: 100 })).items).toHaveLength(5);
  });

  it('keep the caps of a pool and give each slot one holder', async () => {
    const key = { target: 'w', tenantId: 'acme', identity: 'etl' };
    const outcomes = await onAll('pool', 'acquire', (worker) =>
      times(20, (index) => [
        {
          key: { ...key, identity: `etl-${index % 2}` },
          holder: `h${worker}`,
          leaseId: `l${worker}-${index}`,
          leaseTtlMs: DAY_MS,
          maxPerKey: 4,
          maxPerTarget: 7,
          aliveForMs: DAY_MS,
        },
      ]),
    );
    const leases = accepted(outcomes).map(({ value }) => (value as { value: { slotId: string } }).value);
    expect(new Set(leases.map(({ slotId }) => slotId)).size).toBe(7);
    expect(leases).toHaveLength(7);
  });

  it('give a lease to one of them, with a token that grows', async () => {
    const outcomes = await onAll('leases', 'acquire', (worker) => times(10, () => ['sweep', `h${worker}`, DAY_MS]));
    const holders = accepted(outcomes).map(({ value }) => (value as { value: { holder: string } }).value.holder);
    expect(new Set(holders).size).toBe(1);
    expect(holders).toHaveLength(10);
  });
});

it('eight processes that start at once on a new file find one set of tables', async () => {
  const fresh = await storeFolder();
  try {
    const started = await Promise.all(
      Array.from({ length: 8 }, () => startWorker({ ...PATIENT, file: fresh.file, namespace: 'n' })),
    );
    const leases = started.map((worker, index) => worker.call('leases', 'acquire', [[`l${index}`, 'h', 1000]]));
    expect(accepted((await Promise.all(leases)).flat())).toHaveLength(8);
    await Promise.all(started.map((worker) => worker.end()));
  } finally {
    await killWorkers();
    await fresh.remove();
  }
});

it('what a process that is killed while it writes has acknowledged is there, and the file is sound', async () => {
  for (let round = 0; round < 5; round += 1) {
    const writer = await start();
    const created: string[] = [];
    await new Promise<void>((resolve) => {
      writer.createForEver(OWNER, (id) => {
        created.push(id);
        if (created.length === 40 + 7 * round) resolve();
      });
    });
    await writer.kill();
    for (const id of created) expect(await store.sessions.get({ tenantId: 'acme', id })).toMatchObject({ ok: true });
    const check = new Connection(folder.file);
    expect(check.one(query<{ integrity_check: string }>('pragma integrity_check'))).toEqual({ integrity_check: 'ok' });
    check.close();
  }
});

describe('a process that keeps the write lock', () => {
  it('lets others read, and ends their writes in time with the event loop running', async () => {
    const id = newSessionId(OWNER);
    const session = { ...OWNER, id, data: {}, idleTimeoutMs: DAY_MS, lifetimeMs: DAY_MS };
    await store.sessions.create(session);
    const hasty = await createSqliteStore({ file: folder.file, namespace: 'n', busyTimeoutMs: 200 });
    await workers[0]?.lock();
    try {
      const failure = await hasty.sessions.revoke(session, 'logout').catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'timeout', retryable: true, outcome: 'not_applied' });
      let waits = true;
      const waiting = store.sessions.update(session, 1, { data: { a: 1 } }).finally(() => (waits = false));
      for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(waits).toBe(true);
      expect(await hasty.sessions.get(session)).toMatchObject({ ok: true });
      expect(await hasty.sessions.touch(session, { minIntervalMs: DAY_MS })).toMatchObject({ ok: true });
      await workers[0]?.kill();
      expect(await waiting).toMatchObject({ ok: true });
      const revoked = await store.sessions.revoke(session, 'logout');
      expect(await hasty.sessions.get(session)).toEqual({ ok: false, reason: 'revoked' });
      expect(revoked).toMatchObject({ ok: true });
    } finally {
      await hasty.close();
    }
  });
});
