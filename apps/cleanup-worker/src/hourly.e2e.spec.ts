import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthTokens } from '@mooring/auth-tokens';
import { recordSpans } from '@mooring/services';
import { createSessions } from '@mooring/session-store-testkit';
import { Client } from 'pg';
import { JumpClock } from './jump-clock.fixture.ts';
import { startService } from './service.fixture.ts';
import type { Service } from './service.fixture.ts';
import { until } from './store.fixture.ts';

const HOUR_MS = 3_600_000;
const clock = new JumpClock();
let service: Service;
let database: Client;

beforeAll(async () => {
  // Ten minutes past the hour, so that none comes by itself.
  clock.jump(HOUR_MS - (clock.now() % HOUR_MS) + 600_000);
  service = await startService(clock, { MOORING_SWEEP_NAMESPACES: 'auth,carts' });
  database = new Client({ connectionString: service.server.env['DATABASE_URL'] ?? '' });
  await database.connect();
  await until(async () => (await runsOf('sweep-auth')).length === 1);
});

afterAll(async () => {
  await database?.end();
  await service?.stop();
});

/** What the table itself has: expired, and not. */
async function rows(subject: string): Promise<{ expired: number; active: number }> {
  const found = await database.query<{ expired: number; active: number }>(
    `select count(*) filter (where idle_expires_at <= extract(epoch from now()) * 1000)::int as expired,
       count(*) filter (where idle_expires_at > extract(epoch from now()) * 1000)::int as active
     from mooring_sessions where namespace = 'auth' and subject_id = $1`,
    [subject],
  );
  return found.rows[0] ?? { expired: -1, active: -1 };
}

type Shown = Record<string, unknown>;

async function taskOf(name: string): Promise<Shown> {
  const { body } = await service.ask('GET', '/tasks', { role: 'system' });
  return (body['tasks'] as Shown[]).find((task) => task['name'] === name) ?? {};
}

async function runsOf(name: string): Promise<Shown[]> {
  const runs = (await taskOf(name))['lastRuns'] as Shown[];
  return runs.filter(({ status }) => status === 'done');
}

describe('a worker', () => {
  it('has every expired token out of the table after the hour, and no other', async () => {
    const brief = new AuthTokens({
      sessions: service.auth.sessions,
      options: { lifetime: { idleTimeoutMs: 20, lifetimeMs: 20 }, touchIntervalMs: 0 },
    });
    for (let count = 0; count < 3; count += 1) await brief.issue({ tenantId: 'acme', subjectId: 'bob', claims: {} });
    const live = await service.tokens.issue({ tenantId: 'acme', subjectId: 'bob', claims: {} });
    await until(async () => (await rows('bob')).expired === 3);

    clock.jump(HOUR_MS / 2);
    expect(await rows('bob')).toEqual({ expired: 3, active: 1 });
    clock.jump(HOUR_MS / 2);
    await until(async () => (await runsOf('sweep-auth')).length === 2);
    expect(await rows('bob')).toEqual({ expired: 0, active: 1 });
    expect(live.ok && (await service.tokens.verify(live.value.token)).ok).toBe(true);
  });

  it('shows its tasks and their last runs to who may see them', async () => {
    const shown = await taskOf('sweep-auth');
    expect(shown).toMatchObject({
      schedule: '0 * * * *',
      timeZone: 'UTC',
      nextDueAt: expect.stringMatching(/:00:00.000Z$/),
    });
    const [run] = await runsOf('sweep-auth');
    expect(run).toMatchObject({
      task: 'sweep-auth',
      trigger: 'schedule',
      dryRun: false,
      attempt: 1,
      removed: 3,
      failure: null,
      dueAt: expect.stringMatching(/:00:00.000Z$/),
    });
    expect(run?.['report']).toMatchObject({
      targets: expect.arrayContaining([
        expect.objectContaining({ target: 'sessions', ended: 'drained', deleted: 3, oldestAgeAfterMs: null }),
      ]),
    });
    expect((await service.ask('GET', '/tasks')).status).toBe(401);
    expect((await service.ask('GET', '/tasks', { role: 'user' })).body).toMatchObject({
      status: 403,
      code: 'forbidden',
    });
  });

  it('pages through the runs of a task', async () => {
    const first = await service.ask('GET', '/tasks/sweep-auth/runs?limit=1', { role: 'dba' });
    const cursor = String(first.body['nextCursor']);
    const second = await service.ask('GET', `/tasks/sweep-auth/runs?limit=1&cursor=${cursor}`, { role: 'dba' });
    const ids = [first, second].flatMap(({ body }) => (body['runs'] as Shown[]).map(({ id }) => id));
    expect(new Set(ids).size).toBe(2);
    const wrong = await service.ask('GET', '/tasks/sweep-auth/runs?cursor=none', { role: 'dba' });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
    const none = await service.ask('GET', '/tasks/sweep-moon/runs', { role: 'dba' });
    expect(none).toMatchObject({ status: 404, body: { code: 'task_not_found' } });
  });

  it('runs a task on request, or only counts', async () => {
    await createSessions(service.auth, 1, 1);
    await until(async () => (await rows('ann')).expired === 1);
    const sessionsAre = (ended: string) =>
      expect.arrayContaining([expect.objectContaining({ target: 'sessions', ended, deleted: 1 })]) as unknown;
    const run = (body?: unknown) => service.run('sweep-auth', body, 'dba');
    expect(await run({ dryRun: true })).toMatchObject({
      status: 200,
      body: { status: 'done', trigger: 'request', dryRun: true, report: { targets: sessionsAre('counted') } },
    });
    expect(await rows('ann')).toEqual({ expired: 1, active: 0 });
    expect(await run()).toMatchObject({
      status: 200,
      body: { status: 'done', report: { targets: sessionsAre('drained') } },
    });
    expect(await rows('ann')).toEqual({ expired: 0, active: 0 });
    expect(await run({ force: true })).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect((await service.ask('POST', '/tasks/sweep-auth/run', { role: 'user' })).status).toBe(403);
  });

  it('says so when another process is at it', async () => {
    const lease = await service.auth.leases.acquire('sweeper', 'another', 600_000);
    const refused = await service.ask('POST', '/tasks/sweep-auth/run', { role: 'system' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'task_running' } });
    if (lease.ok) await service.auth.leases.release(lease.value);
  });

  it('counts what it did', async () => {
    const metrics = await service.metrics();
    const value = (name: string, ...labels: readonly string[]): number => {
      const line = metrics
        .split('\n')
        .find((candidate) => candidate.startsWith(`${name}{`) && labels.every((label) => candidate.includes(label)));
      return Number(line?.split(' ').at(-1));
    };
    const sessions = ['namespace="auth"', 'target="sessions"'];
    expect(value('mooring_sweep_deleted_total', ...sessions)).toBe(4);
    expect(value('mooring_sweep_oldest_expired_age_seconds', ...sessions)).toBe(0);
    expect(value('mooring_sweep_duration_seconds_count', ...sessions)).toBe(3);
    expect(value('mooring_sweep_lease_held', 'namespace="auth"')).toBe(0);
    expect(value('mooring_task_runs_total', 'task="sweep-auth"', 'outcome="done"')).toBe(4);
    const lastSuccess = value('mooring_task_last_success_timestamp_seconds', 'task="sweep-auth"');
    expect(lastSuccess * 1000).toBeGreaterThan(clock.now() - HOUR_MS / 2);
  });

  it('is a tree of its lease, its batches and its record, in the trace of who asked for it', async () => {
    const spans = await recordSpans();
    try {
      await service.run('sweep-auth');
      const root = 'POST /tasks/:name/run';
      await until(() => [root, 'task sweep-auth'].every((ended) => spans.all().some(({ name }) => name === ended)));
      expect(spans.trees(root)[0]?.split('\n')).toEqual([
        root,
        '  store sessions.create',
        '  task sweep-auth',
        '    store leases.acquire',
        '    store leases.release',
        '    store sessions.update',
        '    store sweep',
        '  token verify',
        '    store sessions.touch',
      ]);
    } finally {
      await spans.stop();
    }
  });

  it('is ready while it keeps pace, and says how far behind it is', async () => {
    await until(async () => (await service.ask('GET', '/health/ready')).status === 200);
    expect(await service.ask('GET', '/health/ready')).toMatchObject({
      body: { checks: { 'sweep-lag': { status: 'up', details: { auth: 0 } } } },
    });
  });
});
