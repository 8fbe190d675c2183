import {
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  ListSessionsCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { openLocal, until } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';

let local: Local;
let time = Date.now();

beforeAll(async () => {
  local = await openLocal({ clock: { now: () => time }, limits: { maxSessions: 6 } });
});

afterAll(() => local.stop());

const open = async (keepAliveSeconds = 60, sql = 'select pg_backend_pid()') => {
  const { SessionId = '' } = await local.run(sql, { SessionKeepAliveSeconds: keepAliveSeconds });
  return SessionId;
};
const inSession = (SessionId: string, Sql: string, more = {}) =>
  local.client.send(new ExecuteStatementCommand({ SessionId, Sql, ...more }));
const look = async (SessionId: string) =>
  (await local.client.send(new ListSessionsCommand({ SessionId }))).Sessions?.[0];
const describeOf = (Id: string | undefined) => local.client.send(new DescribeStatementCommand({ Id }));
const closeAll = async (): Promise<void> => {
  const { Sessions = [] } = await local.client.send(new ListSessionsCommand({}));
  for (const { SessionId = '' } of Sessions) local.server.loseSession(SessionId);
};

const NOT_AVAILABLE = { name: 'ValidationException', message: 'Session is not available' };

describe('a session', () => {
  it('keeps its connection, and what statements leave in it', async () => {
    const SessionId = await open();
    const [[first]] = (await local.rows('select pg_backend_pid()', { SessionId })) as [[number]];
    await local.run('create temp table kept as select 7 as n', { SessionId });
    await local.run('begin', { SessionId });
    await local.run('insert into kept values (8)', { SessionId });
    expect(await local.rows('select pg_backend_pid(), count(*)::int from kept', { SessionId })).toEqual([[first, 2]]);
    expect(await local.run('select 1/0', { SessionId })).toMatchObject({ Status: 'FAILED' });
    expect(await local.run('select 1', { SessionId })).toMatchObject({
      Error: 'ERROR: current transaction is aborted, commands ignored until end of transaction block',
    });
    await local.run('rollback', { SessionId });
    expect(await local.rows('select count(*)::int from kept', { SessionId })).toEqual([[1]]);
    await closeAll();
  });

  it('is not made for a keep-alive of 0, or none', async () => {
    expect(await open(0)).toBe('');
    expect((await local.run('select 1')).SessionId).toBeUndefined();
  });

  it('runs one statement at a time', async () => {
    const SessionId = await open();
    const { Id } = await inSession(SessionId, 'select pg_sleep(600)');
    expect(await look(SessionId)).toMatchObject({ Status: 'BUSY', CurrentStatementId: Id });
    await expect(inSession(SessionId, 'select 1')).rejects.toMatchObject(NOT_AVAILABLE);
    await closeAll();
  });

  it('checks that it is free before it looks at a client token', async () => {
    const SessionId = await open();
    const again = { ClientToken: 'again' };
    const { Id } = await inSession(SessionId, 'select pg_sleep(600)', again);
    await expect(inSession(SessionId, 'select pg_sleep(600)', again)).rejects.toMatchObject(NOT_AVAILABLE);
    await local.client.send(new CancelStatementCommand({ Id }));
    await local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    expect((await inSession(SessionId, 'select pg_sleep(600)', again)).Id).toBe(Id);
    await closeAll();
  });

  it('refuses to be told its place again', async () => {
    const SessionId = await open();
    await expect(inSession(SessionId, 'select 1', { Database: local.database })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await closeAll();
  });

  it('is unknown when it never was, or is of somebody else', async () => {
    const SessionId = await open();
    const other = local.clientOf('somebody-else');
    for (const [client, id] of [
      [local.client, '00000000-0000-4000-8000-000000000000'],
      [other, SessionId],
    ] as const) {
      await expect(client.send(new ExecuteStatementCommand({ SessionId: id, Sql: 'select 1' }))).rejects.toMatchObject({
        name: 'ValidationException',
        message: `Session with Id: ${id} is invalid`,
      });
      await expect(client.send(new ListSessionsCommand({ SessionId: id }))).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        ResourceId: id,
      });
    }
    await closeAll();
  });
});

describe('the keep-alive', () => {
  it('counts from the end of a statement, and starts again with each', async () => {
    const SessionId = await open(10);
    time += 9_000;
    await local.run('select 1', { SessionId });
    time += 9_999;
    expect(await look(SessionId)).toMatchObject({ Status: 'AVAILABLE', SessionAliveSeconds: 10 });
    time += 1;
    expect(await look(SessionId)).toMatchObject({ Status: 'CLOSED' });
    await expect(inSession(SessionId, 'select 1')).rejects.toMatchObject(NOT_AVAILABLE);
  });

  it('does not run while a statement does', async () => {
    const SessionId = await open(1);
    const { Id } = await inSession(SessionId, 'select pg_sleep(600)');
    time += 60_000;
    expect(await look(SessionId)).toMatchObject({ Status: 'BUSY', CurrentStatementId: Id });
    await closeAll();
  });

  it('is replaced by a later one', async () => {
    const SessionId = await open(3600);
    await local.run('rollback', { SessionId, SessionKeepAliveSeconds: 1 });
    time += 1_000;
    expect(await look(SessionId)).toMatchObject({ Status: 'CLOSED' });
  });

  it('ends with the session after 24 hours, and with what runs in it', async () => {
    const SessionId = await open(86_400);
    const { Id } = await inSession(SessionId, 'select pg_sleep(600)');
    await until(async () => (await describeOf(Id)).Status === 'STARTED');
    time += 24 * 3_600_000 - 1;
    expect(await look(SessionId)).toMatchObject({ Status: 'BUSY' });
    time += 1;
    expect(await look(SessionId)).toMatchObject({ Status: 'CLOSED' });
    expect((await describeOf(Id)).Status).toBe('ABORTED');
    const admin = new Client({ connectionString: local.postgresUrl });
    await admin.connect();
    const running =
      "select 1 from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active' and datname = $1";
    await until(async () => (await admin.query(running, [local.database])).rowCount === 0);
    await admin.end();
  });

  it('is told by ListSessions, and never beyond the 24 hours', async () => {
    const started = time;
    const SessionId = await open(7200);
    expect(await look(SessionId)).toMatchObject({
      SessionAliveSeconds: 7200,
      SessionTtl: new Date(started + 7_200_000),
    });
    for (let hours = 1; hours < 24; hours += 1) {
      time += 3_600_000;
      await local.run('select 1', { SessionId });
    }
    expect(await look(SessionId)).toMatchObject({ SessionTtl: new Date(started + 24 * 3_600_000) });
    await closeAll();
  });
});

describe('ListSessions', () => {
  it('shows open ones unless asked otherwise, and closed ones for a day', async () => {
    await closeAll();
    const [first, second] = [await open(), await open()];
    local.server.loseSession(first);
    const list = async (more = {}) =>
      (await local.client.send(new ListSessionsCommand(more))).Sessions?.map(({ SessionId }) => SessionId);
    expect(await list()).toEqual([second]);
    expect(await list({ Status: 'CLOSED', Database: local.database })).toContain(first);
    expect(await list({ WorkgroupName: 'elsewhere' })).toEqual([]);
    await expect(list({ SessionId: first, Status: 'BUSY' })).rejects.toMatchObject({ name: 'ValidationException' });
    time += 24 * 3_600_000;
    await expect(look(first)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('limits', () => {
  it('of open sessions are those of a cluster', async () => {
    await closeAll();
    for (let n = 0; n < 6; n += 1) await open();
    await expect(open()).rejects.toMatchObject({ name: 'ActiveSessionsExceededException' });
    const elsewhere = await local.run('select 1', {
      WorkgroupName: 'other',
      Database: local.database,
      SessionKeepAliveSeconds: 60,
    });
    expect(elsewhere.SessionId).toBeDefined();
    await closeAll();
    expect(await open()).not.toBe('');
  });
});

describe('a lost backend', () => {
  it('closes its session', async () => {
    await closeAll();
    const SessionId = await open();
    const [[pid]] = (await local.rows('select pg_backend_pid()', { SessionId })) as [[number]];
    const admin = new Client({ connectionString: local.postgresUrl });
    await admin.connect();
    await admin.query('select pg_terminate_backend($1)', [pid]);
    await admin.end();
    await until(async () => (await look(SessionId))?.Status === 'CLOSED');
    await expect(inSession(SessionId, 'select 1')).rejects.toMatchObject(NOT_AVAILABLE);
  });
});
