import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '@mooring/engine';
import { openCatalog } from '@mooring/engine-catalog';
import type { CatalogPlace, DurableCatalog } from '@mooring/engine-catalog';
import { Metrics } from '@mooring/nest-runtime';
import type { LeaseStore } from '@mooring/session-store';
import { JumpClock } from '../jump-clock.fixture.ts';
import { CronSchedule } from '../schedule/cron-schedule.ts';
import { startShared } from '../store.fixture.ts';
import type { SharedServer } from '../store.fixture.ts';
import { AUDIT_TASK, AuditTask } from './audit-task.ts';
import type { TaskRun } from './task.ts';

const KEPT_MS = 30 * 86_400_000;
const clock = new JumpClock();
let server: SharedServer;
let leases: LeaseStore;
let folder: string;
beforeAll(async () => {
  server = await startShared('postgres');
  ({ leases } = await server.open('tasks'));
  folder = await mkdtemp(join(tmpdir(), 'mooring-audit-'));
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

function task(open: () => Promise<DurableCatalog>, change: Partial<AuditTask['parts']['options']> = {}) {
  const metrics = new Metrics('spec');
  const options = { batchSize: 2, pauseMs: 0, budgetMs: 600_000, leaseTtlMs: 600_000, ...change };
  const schedule = new CronSchedule('15 3 * * *', 'UTC');
  return { metrics, made: new AuditTask({ open, leases, keptMs: KEPT_MS, options, schedule, metrics, clock }) };
}

function run(change: Partial<TaskRun> = {}): TaskRun {
  return {
    dryRun: false,
    signal: new AbortController().signal,
    begun: async () => {},
    progress: () => {},
    ended: async () => {},
    ...change,
  };
}

const event = (at: number, tenantId = 'acme'): AuditEvent => ({
  at,
  tenantId,
  userId: 'ann',
  role: 'dba',
  asUserId: null,
  action: 'create_table',
  target: 't',
  outcome: 'done',
  code: null,
  rowsAffected: 1,
  queryId: null,
  requestId: null,
  clientAddress: null,
});

describe.each(['PostgreSQL', 'SQLite'])('prune-audit in %s', (kind) => {
  const place = (): CatalogPlace =>
    kind === 'SQLite'
      ? { file: join(folder, 'catalog.db') }
      : { url: server.env['DATABASE_URL'] ?? '', timeoutMs: 120_000 };

  it('counts, then deletes what is older than it is kept, of all tenants, in batches', async () => {
    const catalog = await openCatalog(place());
    const old = clock.now() - KEPT_MS - 1000;
    for (const at of [old, old + 1, old + 2, clock.now()]) await catalog.audit.record(event(at));
    await catalog.audit.record(event(old, 'globex'));
    const { made, metrics } = task(() => openCatalog(place()));
    const seen: number[] = [];
    const progress: TaskRun['progress'] = ({ removed }) => void seen.push(removed);
    expect(await made.run(run({ dryRun: true, progress }))).toMatchObject({ ended: 'done', removed: 4 });
    expect(await catalog.audit.recent('acme', 10)).toHaveLength(4);
    expect(await made.run(run({ progress }))).toMatchObject({ ended: 'done', removed: 4, report: { batches: 3 } });
    expect(seen).toEqual([4, 2, 4, 4]);
    expect((await catalog.audit.recent('acme', 10)).length).toBe(1);
    expect(await catalog.audit.recent('globex', 10)).toEqual([]);
    expect(await metrics.registry.metrics()).toMatch(/mooring_audit_events_pruned_total(\{[^}]*\})? 4/);
    await catalog.close();
  });

  it('ends when it is told to, and when its time is over, after a batch', async () => {
    const catalog = await openCatalog(place());
    const old = clock.now() - KEPT_MS - 1000;
    for (let count = 0; count < 7; count += 1) await catalog.audit.record(event(old + count));
    const stop = new AbortController();
    const { made } = task(() => openCatalog(place()));
    const stopped = await made.run(run({ signal: stop.signal, progress: () => stop.abort() }));
    expect(stopped).toMatchObject({ ended: 'aborted', removed: 2 });
    const short = task(() => openCatalog(place()), { budgetMs: 60_000 });
    const late = await short.made.run(run({ progress: () => clock.jump(61_000) }));
    expect(late).toMatchObject({ ended: 'incomplete', removed: 2 });
    expect(await made.run(run())).toMatchObject({ ended: 'done', removed: 3 });
    await catalog.close();
  });
});

it('prune-audit is left to the process that has its lease', async () => {
  const held = await leases.acquire(AUDIT_TASK, 'another', 600_000);
  const { made } = task(() => Promise.reject(new Error('not to be opened')));
  expect(await made.run(run())).toMatchObject({ ended: 'held', removed: 0 });
  if (held.ok) await leases.release(held.value);
});

it('prune-audit says what failed, without more', async () => {
  const { made } = task(() => openCatalog({ file: join(folder, 'none', 'catalog.db') }));
  const { ended, failure } = await made.run(run());
  expect([ended, failure?.code]).toEqual(['failed', 'misconfigured']);
});
