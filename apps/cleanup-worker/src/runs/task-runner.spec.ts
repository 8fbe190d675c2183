import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics, createLogger } from '@mooring/nest-runtime';
import { StoreError } from '@mooring/session-store';
import type { SessionStore } from '@mooring/session-store';
import { RunRecords } from '@mooring/session-sweeper';
import type { StoredRun } from '@mooring/session-sweeper';
import { AuditLog } from '../audit-log.ts';
import { JumpClock } from '../jump-clock.fixture.ts';
import { CronSchedule } from '../schedule/cron-schedule.ts';
import { startShared, until } from '../store.fixture.ts';
import type { SharedServer } from '../store.fixture.ts';
import type { Task, TaskOutcome, TaskRun } from '../tasks/task.ts';
import { RunJournal } from './run-journal.ts';
import { RunMetrics } from './run-metrics.ts';
import { TaskRunner } from './task-runner.ts';

const DONE: TaskOutcome = { ended: 'done', removed: 7, report: { ran: true } };
const RETRY_MS = 20;

let server: SharedServer;
let sessions: SessionStore;
let records: RunRecords;
let clock: JumpClock;
let stops: AbortController[];
let tasks = 0;
let due: number;

beforeAll(async () => {
  server = await startShared('postgres');
  ({ sessions } = await server.open('tasks'));
  records = new RunRecords(sessions, 3_600_000);
});

beforeEach(() => {
  clock = new JumpClock();
  stops = [];
  due = clock.now();
});

afterEach(() => stops.forEach((stop) => stop.abort()));
afterAll(() => server?.stop());

/** Another process, as far as the records are concerned. */
function runner(instance: string, own = records): TaskRunner & { readonly stop: () => void } {
  const stop = new AbortController();
  stops.push(stop);
  const logger = createLogger({ name: 'spec', level: 'silent' });
  const made = new TaskRunner({
    records: own,
    metrics: new RunMetrics(new Metrics('spec'), []),
    audit: new AuditLog(logger),
    logger,
    clock,
    instance,
    retryMs: RETRY_MS,
    signal: stop.signal,
  });
  return Object.assign(made, { stop: () => stop.abort() });
}

/** A task under a lease, as the real ones are. */
class LeasedTask implements Task {
  readonly name = `task-${(tasks += 1)}`;
  readonly description = 'for a spec';
  readonly schedule = new CronSchedule('0 * * * *', 'UTC');
  isHeld = false;
  runs = 0;
  /** Runs of other processes. */
  seenRuns = 0;
  /** As its record had it while the lease was held. */
  ended: string | undefined;
  work: (run: TaskRun) => Promise<TaskOutcome> = () => Promise.resolve(DONE);

  seen(): void {
    this.seenRuns += 1;
  }

  async run(run: TaskRun): Promise<TaskOutcome> {
    if (this.isHeld) return { ended: 'held', removed: 0, report: {} };
    this.isHeld = true;
    try {
      await run.begun();
      if (run.signal.aborted) return { ...DONE, ended: 'aborted' };
      this.runs += 1;
      const outcome = await this.work(run);
      await run.ended(outcome);
      this.ended = (await only(this))?.record.status;
      return outcome;
    } finally {
      this.isHeld = false;
    }
  }
}

const stopped = ({ signal }: TaskRun): Promise<TaskOutcome> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ ...DONE, ended: 'aborted' }));
  });

const only = async (task: Task): Promise<StoredRun | undefined> => {
  const { runs } = await records.list(task.name, { limit: 10 });
  expect(runs.length).toBeLessThanOrEqual(1);
  return runs[0];
};

describe('a run that is due', () => {
  it('runs once, however many processes see to it', async () => {
    const task = new LeasedTask();
    const ended = await Promise.all(
      Array.from({ length: 8 }, (_, index) => runner(`host/${index}`).runDue(task, due, due + 3_600_000)),
    );
    expect([task.runs, task.ended, task.seenRuns]).toEqual([1, 'done', 7]);
    expect(new Set(ended.map((run) => run?.record.instance)).size).toBe(1);
    expect((await only(task))?.record).toMatchObject({ status: 'done', removed: 7, report: { ran: true }, attempt: 1 });
    expect(await runner('late').runDue(task, due, due + 3_600_000)).toMatchObject({ record: { status: 'done' } });
    expect(task.runs).toBe(1);
    await runner('late').runDue(task, due + 1, due + 3_600_000);
    expect(task.runs).toBe(2);
  });

  it('is gone on with when its process is told to stop', async () => {
    const task = new LeasedTask();
    task.work = stopped;
    const [leaving, staying] = [runner('leaving'), runner('staying')];
    const left = leaving.runDue(task, due, due + 3_600_000);
    await until(() => task.isHeld);
    const gone = staying.runDue(task, due, due + 3_600_000);
    // Before the stop: the other may be at it before this one has written down that it left.
    task.work = () => Promise.resolve(DONE);
    leaving.stop();
    expect((await left)?.record).toMatchObject({ status: 'aborted', instance: 'leaving' });
    expect((await gone)?.record).toMatchObject({ status: 'done', instance: 'staying', attempt: 2 });
    await staying.idle();
  });

  it('is gone on with when its process died', async () => {
    const task = new LeasedTask();
    task.work = () => new Promise(() => undefined);
    void runner('dead').runDue(task, due, due + 3_600_000);
    await until(async () => (await only(task))?.record.status === 'running');
    task.isHeld = false;
    task.work = () => Promise.resolve(DONE);
    const run = await runner('next').runDue(task, due, due + 3_600_000);
    expect(run?.record).toMatchObject({ status: 'done', instance: 'next', attempt: 2 });
  });

  it('is not written any more by a process that stood still while another went on', async () => {
    const task = new LeasedTask();
    const ends: (() => void)[] = [];
    task.work = () => new Promise((resolve) => ends.push(() => resolve(DONE)));
    const still = runner('still').runDue(task, due, due + 3_600_000);
    await until(() => ends.length === 1);
    task.isHeld = false;
    const next = runner('next').runDue(task, due, due + 3_600_000);
    await until(() => ends.length === 2);
    ends[0]?.();
    await still;
    expect((await only(task))?.record).toMatchObject({ status: 'running', instance: 'next', attempt: 2 });
    ends[1]?.();
    expect((await next)?.record).toMatchObject({ status: 'done', instance: 'next' });
    expect((await only(task))?.record).toMatchObject({ status: 'done', instance: 'next', attempt: 2 });
  });

  it('is left alone when its time has come again, and says so where nobody was at it', async () => {
    const task = new LeasedTask();
    task.isHeld = true;
    const waiting = runner('waiting').runDue(task, due, due + 3_600_000);
    await until(async () => (await only(task))?.record.status === 'waiting');
    clock.jump(3_600_000);
    expect((await waiting)?.record.status).toBe('skipped');
    expect((await only(task))?.record.status).toBe('skipped');
  });

  it('stays with the process that is at it, also when others are tired of waiting', async () => {
    const task = new LeasedTask();
    let end = (): void => undefined;
    task.work = () => new Promise((resolve) => (end = () => resolve(DONE)));
    const working = runner('working').runDue(task, due, due + 600_000);
    await until(async () => (await only(task))?.record.status === 'running');
    expect(await runner('tired').runDue(task, due, due)).toBeUndefined();
    end();
    expect((await working)?.record).toMatchObject({ status: 'done', instance: 'working', attempt: 1 });
    expect((await only(task))?.record).toMatchObject({ status: 'done', instance: 'working' });
  });

  it('that another process ended is given up', async () => {
    const task = new LeasedTask();
    task.work = stopped;
    const slow = runner('slow').runDue(task, due, due + 3_600_000);
    await until(async () => (await only(task))?.record.status === 'running');
    const run = (await only(task)) as StoredRun;
    await records.replace(run, { ...run.record, status: 'done', instance: 'quick' });
    clock.jump(10_000);
    await slow;
    expect((await only(task))?.record).toMatchObject({ status: 'done', instance: 'quick' });
  });

  it('that somebody killed is stopped, without a step of it, and nobody goes on with it', async () => {
    const task = new LeasedTask();
    task.work = stopped;
    const killed = runner('killed').runDue(task, due, due + 3_600_000);
    await until(async () => (await only(task))?.record.status === 'running');
    const { id } = (await only(task)) as StoredRun;
    expect(await records.kill(id, clock.now())).toMatchObject({ ok: true });
    clock.jump(10_000);
    expect((await killed)?.record).toMatchObject({ status: 'killed', instance: 'killed' });
    expect((await runner('next').runDue(task, due, due + 3_600_000))?.record.status).toBe('killed');
    expect(task.runs).toBe(1);
    expect(await records.kill(id, clock.now())).toEqual({ ok: false, reason: 'over' });
    expect(await records.kill('no-id-of-a-run-at-all', clock.now())).toEqual({ ok: false, reason: 'not_found' });
    expect(await records.kill('?', clock.now())).toEqual({ ok: false, reason: 'not_found' });
  });

  it('begins when the store is back', async () => {
    let failures = 0;
    const create: SessionStore['create'] = (...args) => {
      if (++failures > 3) return sessions.create(...args);
      throw new StoreError({ code: 'unavailable', message: 'away', backend: 'spec', operation: 'create' });
    };
    const flaky = new RunRecords(Object.assign(Object.create(sessions) as SessionStore, { create }), 3_600_000);
    const task = new LeasedTask();
    expect((await runner('patient', flaky).runDue(task, due, due + 3_600_000))?.record.status).toBe('done');
  });
});

describe('the record of a run', () => {
  it('shows how far it is, written now and then', async () => {
    clock = new JumpClock('by jumps');
    const task = new LeasedTask();
    let progress: TaskRun['progress'] = () => undefined;
    let end = (): void => undefined;
    task.work = (run) => {
      ({ progress } = run);
      return new Promise((resolve) => (end = () => resolve(DONE)));
    };
    const { ended } = await runner('one').begin(task, { trigger: 'request' });
    await until(async () => (await only(task))?.record.status === 'running');
    const { version } = (await only(task)) as StoredRun;
    for (let removed = 1; removed <= 51; removed += 1) progress({ step: 'sessions', removed });
    clock.jump(5000);
    await until(async () => (await only(task))?.version === version + 1);
    expect((await only(task))?.record.progress).toEqual({ step: 'sessions', removed: 51 });
    end();
    expect((await ended).version).toBe(version + 2);
    expect((await only(task))?.record).toMatchObject({ progress: null, removed: 7, trigger: 'request' });
  });

  it('says that a task failed in a way that nobody foresaw', async () => {
    const task = new LeasedTask();
    task.work = () => Promise.reject(new TypeError('select secret'));
    const { ended } = await runner('one').begin(task, { trigger: 'request' });
    expect((await ended).record).toMatchObject({ status: 'failed', failure: { code: 'unexpected' } });
    expect(JSON.stringify(await only(task))).not.toContain('secret');
  });

  it('is written at the end, also when that fails at first', async () => {
    let failures = 0;
    const update: SessionStore['update'] = (...args) => {
      const [, , { data }] = args;
      if (data?.['status'] !== 'done' || ++failures > 2) return sessions.update(...args);
      throw new StoreError({ code: 'unavailable', message: 'away', backend: 'spec', operation: 'update' });
    };
    const flaky = new RunRecords(Object.assign(Object.create(sessions) as SessionStore, { update }), 3_600_000);
    const task = new LeasedTask();
    await (
      await runner('one', flaky).begin(task, { trigger: 'once' })
    ).ended;
    expect((await only(task))?.record.status).toBe('done');
  });
});

describe('a run that two processes found waiting, and both began', () => {
  it('is the next attempt of the later one, and the earlier leaves it', async () => {
    const waiting = await records.create(records.newId('twice'), {
      task: 'twice',
      trigger: 'schedule',
      dryRun: false,
      dueAt: due,
      status: 'waiting',
      instance: 'a',
      attempt: 1,
      startedAt: due,
      updatedAt: due,
      endedAt: null,
      progress: null,
      removed: 0,
      report: {},
      failure: null,
    });
    if (waiting === 'exists') throw new Error('it is new');
    const left: string[] = [];
    const journalOf = (instance: string): RunJournal =>
      new RunJournal(records, waiting, { failed: () => undefined, taken: () => left.push(instance) });
    const [a, b] = [journalOf('a'), journalOf('b')];
    await a.save({ status: 'running', instance: 'a', attempt: 1 });
    await b.save({ status: 'running', instance: 'b', attempt: 1 });
    await a.save({ updatedAt: due + 1 });
    await b.save({ updatedAt: due + 2 });
    expect((await records.find(waiting.id))?.record).toMatchObject({ instance: 'b', attempt: 2, updatedAt: due + 2 });
    expect(left).toEqual(['a']);
  });
});
