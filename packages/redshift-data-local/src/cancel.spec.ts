import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  ListSessionsCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal, until } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';

let local: Local;

beforeAll(async () => {
  local = await openLocal();
});

afterAll(() => local.stop());

const inSession = async (SessionId: string | undefined, Sql: string) =>
  (await local.client.send(new ExecuteStatementCommand({ SessionId, Sql }))).Id;
const describeOf = (Id: string | undefined, WaitTimeSeconds?: number) =>
  local.client.send(
    new DescribeStatementCommand({ Id, ...(WaitTimeSeconds === undefined ? {} : { WaitTimeSeconds }) }),
  );
const cancel = (Id: string | undefined) => local.client.send(new CancelStatementCommand({ Id }));
const started = (Id: string | undefined) => until(async () => (await describeOf(Id)).Status === 'STARTED');

describe('a cancel', () => {
  it('frees the session, and does not hit its next statement', async () => {
    const { SessionId } = await local.run('select 1', { SessionKeepAliveSeconds: 60 });
    for (let n = 0; n < 20; n += 1) {
      const Id = await inSession(SessionId, n % 2 === 0 ? 'select pg_sleep(600)' : 'select 1');
      const cancelled = cancel(Id).catch(() => 'too late');
      const { Status } = await describeOf(Id, 30);
      expect(n % 2 === 0 ? ['ABORTED'] : ['ABORTED', 'FINISHED']).toContain(Status);
      const next = await local.run('select count(*) from generate_series(1, 200000)', { SessionId });
      expect(next).toMatchObject({ Status: 'FINISHED' });
      await cancelled;
    }
    expect(local.server.stats().maxConcurrentStatementsPerSession).toBe(1);
  });

  it('reaches a session that is still opening, which opens all the same', async () => {
    local.server.faults.set({ connectDelayMs: 200 });
    const before = local.server.stats().connectionsOpened;
    const { Id, SessionId } = await local.client.send(
      new ExecuteStatementCommand({ ...local.place, Sql: 'select pg_sleep(600)', SessionKeepAliveSeconds: 60 }),
    );
    expect(await cancel(Id)).toMatchObject({ Status: true });
    expect((await describeOf(Id)).Status).toBe('ABORTED');
    expect((await local.run('select 1', { SessionId })).Status).toBe('FINISHED');
    expect(local.server.stats().connectionsOpened - before).toBe(1);
    local.server.faults.set({ connectDelayMs: 0 });
  });

  it('of one member is of the whole batch', async () => {
    const { Id } = await local.client.send(
      new BatchExecuteStatementCommand({ ...local.place, Sqls: ['select 1', 'select pg_sleep(600)', 'select 3'] }),
    );
    await until(async () => (await describeOf(`${Id}:2`)).Status === 'STARTED');
    await cancel(`${Id}:2`);
    const { Status, SubStatements } = await describeOf(Id, 30);
    expect(Status).toBe('ABORTED');
    expect(SubStatements?.map((one) => one.Status)).toEqual(['FINISHED', 'ABORTED', 'ABORTED']);
  });

  it('leaves a transaction aborted, as PostgreSQL does', async () => {
    const { SessionId } = await local.run('begin', { SessionKeepAliveSeconds: 60 });
    const Id = await inSession(SessionId, 'select pg_sleep(600)');
    await started(Id);
    await cancel(Id);
    await describeOf(Id, 30);
    expect((await local.run('select 1', { SessionId })).Error).toContain('current transaction is aborted');
    expect((await local.run('rollback', { SessionId })).Status).toBe('FINISHED');
  });
});

describe('a member of a batch', () => {
  it('is waited for by its own id', async () => {
    const { Id } = await local.client.send(
      new BatchExecuteStatementCommand({ ...local.place, Sqls: ['select 1', 'select pg_sleep(600)'] }),
    );
    const first = await describeOf(`${Id}:1`, 30);
    expect(first).toMatchObject({ Status: 'FINISHED', QueryString: 'select 1' });
    expect((await describeOf(Id)).Status).toBe('STARTED');
    await cancel(Id);
    expect((await describeOf(Id, 30)).Status).toBe('ABORTED');
  });
});

describe('a lost session', () => {
  it('aborts its statement and ends it at PostgreSQL', async () => {
    const { SessionId = '' } = await local.run('select 1', { SessionKeepAliveSeconds: 60 });
    const Id = await inSession(SessionId, "select pg_sleep(600), 'of a lost session'");
    await started(Id);
    const wait = describeOf(Id, 30);
    local.server.loseSession(SessionId);
    expect(await wait).toMatchObject({ Status: 'ABORTED', Error: expect.stringContaining('terminating connection') });
    const { Sessions } = await local.client.send(new ListSessionsCommand({ SessionId }));
    expect(Sessions).toMatchObject([{ Status: 'CLOSED' }]);
    const left =
      "select count(*)::int from pg_stat_activity where query like '%of a lost session''' and pid <> pg_backend_pid()";
    await until(async () => (await local.rows(left))[0]?.[0] === 0);
  });
});

describe('a connection', () => {
  it('is not held by what was read before: tables can be changed in the same transaction', async () => {
    const { SessionId } = await local.run('create temp table held (a int)', { SessionKeepAliveSeconds: 60 });
    for (const sql of ['begin', 'select * from held', 'alter table held add b int', 'drop table held', 'commit']) {
      expect(await local.run(sql, { SessionId })).toMatchObject({ Status: 'FINISHED' });
    }
  });

  it('reports what only the commit finds', async () => {
    await local.run('create table parents (a int primary key)');
    await local.run('create table children (a int references parents deferrable initially deferred)');
    expect(await local.run('insert into children values (5)')).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringContaining('violates foreign key constraint'),
    });
    const { Id } = await local.client.send(
      new BatchExecuteStatementCommand({ ...local.place, Sqls: ['insert into children values (5)'] }),
    );
    expect(await describeOf(Id, 30)).toMatchObject({ Status: 'FAILED', Error: expect.stringContaining('foreign key') });
    expect(await local.rows('select count(*)::int from children')).toEqual([[0]]);
  });

  it('survives a COPY that has no data', async () => {
    const { SessionId } = await local.run('create temp table copied (a int)', { SessionKeepAliveSeconds: 60 });
    expect((await local.run('copy copied from stdin', { SessionId })).Status).toBe('FAILED');
    expect((await local.run('copy copied to stdout', { SessionId })).Status).toBe('FINISHED');
    expect(await local.rows('select count(*)::int from copied', { SessionId })).toEqual([[0]]);
  });
});
