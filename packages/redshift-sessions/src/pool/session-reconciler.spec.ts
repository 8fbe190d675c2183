import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PoolLease, SessionPoolStore } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { SimulatedWarehouse } from '@mooring/simulation';
import { Warehouse } from '../warehouse.ts';
import { SessionReconciler } from './session-reconciler.ts';
import type { Reconciliation, ReconciliationRun } from './session-reconciler.ts';

const GRACE_MS = 120_000;
const LEASE_TTL_MS = 15_000;
const place = { clusterIdentifier: 'main' };
const lifetime = { usableForMs: 3_000_000, aliveForMs: 3_600_000 };

let clock: ManualClock;
let api: SimulatedWarehouse;
let pool: SessionPoolStore;

beforeEach(() => {
  clock = new ManualClock();
  api = new SimulatedWarehouse(clock, () => 0.5);
  pool = createMemoryStore({ clock }).pool;
});

async function finished<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  await clock.advance(2000);
  return work;
}

function reconcile(run: Partial<ReconciliationRun> = {}): Promise<Reconciliation> {
  const reconciler = new SessionReconciler({ api, pool, place, region: 'us-east-1', clock });
  return finished(reconciler.run({ graceMs: GRACE_MS, ...run }));
}

let names = 0;

/** A session at the warehouse that runs a statement for so long, opened by somebody. */
async function openSession(runMs = 0): Promise<string> {
  names += 1;
  const options = { keepAliveSeconds: 3600, statementName: `s-${names}`, clientToken: `t-${names}` };
  const accepted = await finished(
    api.execute(`select ann ${runMs}`, {
      place: { ClusterIdentifier: 'main', Database: 'dev', DbUser: 'ann' },
      ...options,
    }),
  );
  return accepted.sessionId ?? '';
}

async function pooled(sessionId: string): Promise<PoolLease> {
  const key = { target: 'us-east-1/cluster/main', tenantId: 'acme', identity: 'ann' };
  const caps = { maxPerKey: 1000, maxPerTarget: 1000, aliveForMs: 3_600_000 };
  const slot = await pool.acquire({ key, holder: 'process', leaseId: sessionId, leaseTtlMs: LEASE_TTL_MS, ...caps });
  if (!slot.ok) throw new Error(slot.reason);
  const leased = await pool.register(slot.value, { sessionId, ...lifetime, retireAfterMs: 3_600_000 });
  if (!leased.ok) throw new Error(leased.reason);
  return leased.value;
}

const changed = (lease: PoolLease) => pool.renew([{ lease, lifetime, dirty: true }], LEASE_TTL_MS);

describe('a session that was abandoned', () => {
  it('and changed is closed once its lease is long over', async () => {
    await changed(await pooled(await openSession()));
    await clock.advance(LEASE_TTL_MS);
    expect(await reconcile()).toMatchObject({ open: 1, slots: 1, abandoned: 1, closed: { abandoned: 0 } });
    await clock.advance(GRACE_MS);
    expect(await reconcile({ dryRun: true })).toMatchObject({ closed: { abandoned: 1 } });
    expect(api.open).toBe(1);
    expect(await reconcile()).toMatchObject({ abandoned: 1, closed: { abandoned: 1, unknown: 0 }, more: false });
    expect(api.open).toBe(0);
    expect(await reconcile()).toMatchObject({ open: 0, slots: 1, gone: 1, closed: { abandoned: 0 } });
  });

  it('and is clean stays for the next process', async () => {
    await pooled(await openSession());
    await clock.advance(LEASE_TTL_MS + GRACE_MS);
    expect(await reconcile({ closeUnknown: true })).toMatchObject({
      abandoned: 0,
      unknown: 0,
      closed: { abandoned: 0 },
    });
    expect(api.open).toBe(1);
  });

  it('and still runs a statement is left alone', async () => {
    await changed(await pooled(await openSession(600_000)));
    await clock.advance(LEASE_TTL_MS + GRACE_MS);
    expect(await reconcile()).toMatchObject({ abandoned: 1, closed: { abandoned: 0 } });
    expect(api.violations).toEqual([]);
  });
});

describe('a session that no slot knows', () => {
  it('is reported, and not closed unless that was asked for', async () => {
    await openSession();
    await clock.advance(GRACE_MS);
    expect(await reconcile()).toMatchObject({ open: 1, slots: 0, unknown: 1, closed: { unknown: 0 } });
    expect(await reconcile({ closeUnknown: true })).toMatchObject({ unknown: 1, closed: { unknown: 1 } });
    expect(api.open).toBe(0);
  });

  it('may be one that is being registered, for a while', async () => {
    const sessionId = await openSession();
    expect(await reconcile({ closeUnknown: true })).toMatchObject({ unknown: 1, closed: { unknown: 0 } });
    await pooled(sessionId);
    await clock.advance(GRACE_MS);
    expect(await reconcile({ closeUnknown: true })).toMatchObject({ unknown: 0 });
    expect(api.open).toBe(1);
  });

  it('is left alone while it runs a statement', async () => {
    await openSession(600_000);
    await clock.advance(GRACE_MS);
    const { calls } = api;
    expect(await reconcile({ closeUnknown: true })).toMatchObject({ unknown: 1, closed: { unknown: 0 } });
    expect(api.calls).toBe(calls);
  });
});

describe('a look', () => {
  it('knows the slots of all pages', async () => {
    for (let count = 0; count < 501; count += 1) await pooled(`gone-${count}`);
    const sessionId = await openSession();
    await pooled(sessionId);
    expect(await reconcile()).toMatchObject({ open: 1, slots: 502, gone: 501, unknown: 0 });
  });

  it('ends early when it is told to', async () => {
    await openSession();
    await clock.advance(GRACE_MS);
    expect(await reconcile({ closeUnknown: true, signal: AbortSignal.abort() })).toMatchObject({
      closed: { unknown: 0 },
      more: true,
    });
  });

  it('never costs a busy pool a session', async () => {
    let expired = 0;
    const observer = { sessionExpired: () => void (expired += 1) };
    const options = { maxSessionsPerKey: 3, idleReturnMs: 1000, waitTimeoutMs: 60_000 };
    const warehouses = [0, 1].map(() => new Warehouse({ api, pool, clock, observer, options }));
    const target = { clusterIdentifier: 'main', database: 'dev', dbUser: 'ann' };
    const until = clock.now() + 300_000;
    let ran = 0;
    const clients = warehouses.flatMap((warehouse) =>
      [0, 1, 2].map(async () => {
        while (clock.now() < until) {
          const statement = await warehouse.execute({ tenantId: 'acme', target, sql: 'select ann 700' });
          expect(await statement.wait()).toMatchObject({ status: 'finished' });
          ran += 1;
          await new Promise<void>((resolve) => clock.after(2500, resolve));
        }
      }),
    );
    const reconciler = new SessionReconciler({ api, pool, place, region: 'us-east-1', clock });
    const looks = (async () => {
      while (clock.now() < until) {
        expect(await reconciler.run({ graceMs: 5000, closeUnknown: true })).toMatchObject({
          closed: { abandoned: 0, unknown: 0 },
        });
        await new Promise<void>((resolve) => clock.after(333, resolve));
      }
    })();
    await clock.advance(320_000);
    await Promise.all([...clients, looks]);
    expect(ran).toBeGreaterThan(300);
    expect(expired).toBe(0);
    expect(api.violations).toEqual([]);
    await Promise.all(warehouses.map((warehouse) => warehouse.close()));
  });
});
