import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { StoreBackend } from '@mooring/session-store';
import { countDue, countLive, createSessions } from '@mooring/session-store-testkit';
import { RunRecords } from '@mooring/session-sweeper';
import type { StoredRun } from '@mooring/session-sweeper';
import { startShared, until } from './store.fixture.ts';
import type { SharedServer } from './store.fixture.ts';
import { Workers, build } from './worker-process.fixture.ts';
import type { WorkerProcess } from './worker-process.fixture.ts';

const DEAD = 750;
const LIVE = 100;

beforeAll(build);

describe.each([
  ['postgres', 5],
  ['redis', 3],
] as const)('workers on one %s', (kind, replicas) => {
  let server: SharedServer;
  let workers: Workers;
  let store: StoreBackend;
  let records: RunRecords;
  let namespace: string;
  let namespaces = 0;

  beforeAll(async () => {
    server = await startShared(kind);
    records = new RunRecords((await server.open('tasks')).sessions, 60_000);
  });

  beforeEach(async () => {
    namespace = `carts-${(namespaces += 1)}`;
    store = await server.open(namespace);
    workers = new Workers({
      ...server.env,
      MOORING_SWEEP_NAMESPACES: namespace,
      // Due a while ago: each worker sees to it at its start, unless another has.
      MOORING_SWEEP_SCHEDULE: '0 0 1 1 *',
      MOORING_SCHEDULE_JITTER_SECONDS: '0',
      // Ten batches, with so much time in between that whoever is seen at it has not ended yet.
      MOORING_SWEEP_BATCH_SIZE: '75',
      MOORING_SWEEP_PAUSE_MS: '700',
      MOORING_SWEEP_LEASE_SECONDS: '12',
    });
  });

  afterEach(() => workers.kill());
  afterAll(() => server?.stop());

  /** Starts them while nobody can sweep yet. */
  async function start(count: number, change: Readonly<Record<string, string>> = {}): Promise<WorkerProcess[]> {
    const lease = await store.leases.acquire('sweeper', 'the spec', 600_000);
    const all = await Promise.all(Array.from({ length: count }, () => workers.serve(change)));
    if (lease.ok) await store.leases.release(lease.value);
    return all;
  }

  const runs = async (): Promise<readonly StoredRun[]> =>
    (await records.list(`sweep-${namespace}`, { limit: 100 })).runs;

  /** The one that is at it, in mid-sweep. */
  async function sweepingOne(among: readonly WorkerProcess[]): Promise<WorkerProcess> {
    let found: WorkerProcess | undefined;
    await until(async () => {
      const running = (await runs()).find(({ record }) => record.status === 'running');
      found = among.find(({ pid }) => running?.record.instance.endsWith(`/${pid}`) === true);
      return found !== undefined && !(await store.leases.acquire('sweeper', 'too early', 1000)).ok;
    });
    return found as WorkerProcess;
  }

  it(`${replicas} sweep once; the one that is at it is killed, and another ends what it began`, async () => {
    const live = await createSessions(store, LIVE, 600_000);
    await createSessions(store, DEAD, 1);
    const all = await start(replicas);
    const victim = await sweepingOne(all);
    victim.signal('SIGKILL');
    await victim.exited;
    expect(await countDue(store)).toBeGreaterThan(0);
    await until(async () => (await runs())[0]?.record.status === 'done');
    expect(await countDue(store)).toBe(0);
    expect(await countLive(store, live)).toBe(LIVE);
    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    expect(run?.record).toMatchObject({ status: 'done', attempt: 2, trigger: 'schedule', failure: null });
    const ended = all
      .flatMap((worker) => worker.audits('task_ended'))
      .filter(({ task }) => task === `sweep-${namespace}`);
    expect(ended).toMatchObject([{ status: 'done', attempt: 2, removed: run?.record.removed }]);
  });

  it('one that is told to stop in mid-sweep gives its lease back at once, and another goes on', async () => {
    await createSessions(store, DEAD, 1);
    const two = await start(2, { MOORING_SWEEP_LEASE_SECONDS: '3600' });
    const leaving = await sweepingOne(two);
    leaving.signal('SIGTERM');
    expect(await leaving.exited).toBe(0);
    expect(leaving.audits('task_ended')).toEqual(
      expect.arrayContaining([expect.objectContaining({ task: `sweep-${namespace}`, status: 'aborted' })]),
    );
    await until(async () => (await runs())[0]?.record.status === 'done');
    expect((await runs()).map(({ record: { status, attempt } }) => [status, attempt])).toEqual([['done', 2]]);
    expect(await countDue(store)).toBe(0);
  });
});
