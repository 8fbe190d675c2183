import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { StoreBackend } from '@mooring/session-store';
import { countDue, createSessions } from '@mooring/session-store-testkit';
import { startShared, until } from '../store.fixture.ts';
import type { SharedServer } from '../store.fixture.ts';
import { Workers, build } from '../worker-process.fixture.ts';
import { runOnce } from './run-once.ts';

let server: SharedServer;
let store: StoreBackend;
let workers: Workers;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  await build();
  server = await startShared('postgres');
  store = await server.open('carts');
  env = {
    ...server.env,
    MOORING_SWEEP_NAMESPACES: 'carts',
    MOORING_SWEEP_BATCH_SIZE: '10',
    MOORING_SWEEP_LEASE_SECONDS: '60',
  };
  workers = new Workers(env);
});

afterEach(() => workers.kill());
afterAll(() => server?.stop());

class FakeTerminal {
  readonly isTTY = true;
  text = '';

  write(text: string): void {
    this.text += text;
  }
}

describe('the command', () => {
  it('counts, or sweeps, once, and ends with 0', async () => {
    await createSessions(store, 25, 1);
    const counting = workers.run(['--once', '--dry-run']);
    expect(await counting.exited).toBe(0);
    expect(await countDue(store)).toBe(25);
    expect(counting.audits('task_ended')).toMatchObject([
      { task: 'sweep-carts', trigger: 'once', dryRun: true, status: 'done' },
      { task: 'sweep-tasks', dryRun: true },
      { task: 'prune-audit', dryRun: true, status: 'done' },
    ]);
    const sweeping = workers.run(['--once', '--task', 'sweep-carts']);
    expect(await sweeping.exited).toBe(0);
    expect(await countDue(store)).toBe(0);
    expect(sweeping.audits('task_ended')).toMatchObject([{ task: 'sweep-carts', dryRun: false, status: 'done' }]);
  });

  it('ends with 2 when it is not used as it can be', async () => {
    const wrong = [['--dry-run'], ['--once', '--task', 'sweep-moon']].map((args) => workers.run(args));
    expect(await Promise.all(wrong.map(({ exited }) => exited))).toEqual([2, 2]);
    expect(wrong.map((worker) => worker.output())).toEqual([
      expect.stringContaining('Usage: cleanup-worker'),
      expect.stringContaining('There are: sweep-carts, sweep-tasks, prune-audit.'),
    ]);
  });

  it('ends with 1 when something failed, and does the rest', async () => {
    const database = new Client({ connectionString: env['DATABASE_URL'] ?? '' });
    await database.connect();
    await database.query('alter table mooring_limits rename to mooring_limits_away');
    await createSessions(store, 25, 1);
    const failing = workers.run(['--once']);
    expect(await failing.exited).toBe(1);
    await database.query('alter table mooring_limits_away rename to mooring_limits');
    await database.end();
    expect(failing.audits('task_ended')[0]).toMatchObject({
      status: 'failed',
      failure: { code: 'misconfigured' },
      report: { targets: expect.arrayContaining([expect.objectContaining({ target: 'sessions', ended: 'drained' })]) },
    });
    expect(await countDue(store)).toBe(0);
  });

  it('ends with 1 when it is told to stop in the middle, and gives the lease back', async () => {
    await createSessions(store, 500, 1);
    const stopped = workers.run(['--once'], { MOORING_SWEEP_PAUSE_MS: '1000', MOORING_SWEEP_LEASE_SECONDS: '3600' });
    await until(async () => (await countDue(store)) < 500);
    stopped.signal('SIGTERM');
    expect(await stopped.exited).toBe(1);
    expect(stopped.audits('task_ended')[0]).toMatchObject({ status: 'aborted' });
    expect(await countDue(store)).toBeGreaterThan(0);
    const free = await store.leases.acquire('sweeper', 'next', 600_000);
    expect(free.ok).toBe(true);
    if (free.ok) await store.leases.release(free.value);
  });
});

describe('a run in this process', () => {
  const once = (terminal: FakeTerminal, change: Readonly<Record<string, string>> = {}) =>
    runOnce(
      { dryRun: false, tasks: ['sweep-carts'], terminal, signal: new AbortController().signal },
      { ...env, ...change },
    );

  it('shows on a terminal how far it is', async () => {
    await createSessions(store, 25, 1);
    const terminal = new FakeTerminal();
    expect(await once(terminal)).toBe(true);
    const lines = terminal.text.split('\u001B[2K');
    expect(lines).toContainEqual(expect.stringContaining('sweep-carts … sessions, '));
    expect(lines.at(-1)).toMatch(/^sweep-carts: done, [\d,]+ removed\n$/);
  });

  it('waits for a lease whose holder may be dead', async () => {
    await store.leases.acquire('sweeper', 'dead', 500);
    await createSessions(store, 5, 1);
    expect(await once(new FakeTerminal())).toBe(true);
    expect(await countDue(store)).toBe(0);
  });

  it('leaves the work to one that is alive', async () => {
    const lease = await store.leases.acquire('sweeper', 'alive', 600_000);
    const terminal = new FakeTerminal();
    expect(await once(terminal, { MOORING_SWEEP_LEASE_SECONDS: '1' })).toBe(true);
    expect(terminal.text).toContain('sweep-carts: skipped');
    if (lease.ok) await store.leases.release(lease.value);
  });
});
