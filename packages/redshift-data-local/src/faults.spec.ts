import {
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal, until } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';
import { startRedshiftDataLocal } from './redshift-data-local.ts';

let local: Local;

beforeAll(async () => {
  local = await openLocal({ controlEndpoints: true, limits: { maxActiveStatements: 2, maxWaitingRequests: 1 } });
});

afterAll(() => local.stop());

const submit = (Sql = 'select 1', more = {}) =>
  local.client.send(new ExecuteStatementCommand({ ...local.place, Sql, ...more }));

describe('faults on request', () => {
  it('make connections slow, once for a session', async () => {
    local.server.faults.set({ connectDelayMs: 300 });
    const before = local.server.stats().connectionsOpened;
    const { SessionId } = await local.run('select 1', { SessionKeepAliveSeconds: 60 });
    await local.run('select 1', { SessionId });
    expect(local.server.stats().connectionsOpened - before).toBe(1);
    const started = performance.now();
    await local.run('select 1');
    expect(performance.now() - started).toBeGreaterThan(299);
    local.server.faults.set({ connectDelayMs: 0 });
  });

  it('keep statements from being picked', async () => {
    local.server.faults.set({ pickDelayMs: 6_000 });
    const { Id } = await submit();
    expect((await local.client.send(new DescribeStatementCommand({ Id }))).Status).toBe('SUBMITTED');
    local.server.faults.set({ pickDelayMs: 0 });
    expect((await local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 25 }))).Status).toBe(
      'FINISHED',
    );
  });

  it('throttle above a rate, by the name or in disguise', async () => {
    local.server.faults.throttle({ ListStatements: 2 });
    const list = () => local.client.send(new ListStatementsCommand({}));
    await Promise.all([list(), list()]);
    // More at once than become allowed while a machine stands still.
    const refusal = async (): Promise<unknown> => {
      const answers = await Promise.allSettled(Array.from({ length: 40 }, list));
      return answers.find((answer) => answer.status === 'rejected')?.reason;
    };
    expect(await refusal()).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
    local.server.faults.set({ disguiseThrottles: true });
    expect(await refusal()).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('ThrottlingException'),
    });
    local.server.faults.set({ throttle: 'off', disguiseThrottles: false });
    await list();
  });

  it('throttle as published', async () => {
    local.server.faults.throttle('published');
    const calls = Array.from({ length: 40 }, () => local.client.send(new ListStatementsCommand({})));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.slice(0, 3).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    local.server.faults.throttle('off');
  });

  it('lose an answer after the statement was accepted', async () => {
    local.server.faults.dropResponses({ ExecuteStatement: 1 });
    const lost = submit('select 42', { StatementName: 'lost-answer' });
    await expect(lost).rejects.toThrow(/socket hang up|ECONNRESET/);
    const { Statements } = await local.client.send(
      new ListStatementsCommand({ StatementName: 'lost-answer', Status: 'ALL' }),
    );
    expect(Statements).toMatchObject([{ StatementName: 'lost-answer', QueryString: 'select 42' }]);
  });

  it('fail calls before they do anything', async () => {
    local.server.faults.failCalls({ ExecuteStatement: 1, DescribeStatement: 1 });
    const failed = submit('select 43', { StatementName: 'failed-call' });
    await expect(failed).rejects.toMatchObject({
      name: 'ExecuteStatementException',
      StatementId: expect.any(String),
      $metadata: { httpStatusCode: 500 },
    });
    const { Id } = await submit('select 43', { WaitTimeSeconds: 10 });
    const describeIt = () => local.client.send(new DescribeStatementCommand({ Id }));
    await expect(describeIt()).rejects.toMatchObject({ name: 'InternalServerException' });
    expect((await describeIt()).Status).toBe('FINISHED');
    const { Statements } = await local.client.send(
      new ListStatementsCommand({ StatementName: 'failed-call', Status: 'ALL' }),
    );
    expect(Statements).toEqual([]);
  });

  it('refuse long polls', async () => {
    const { Id } = await submit('select pg_sleep(600)');
    local.server.faults.set({ refuseWaits: true });
    const wait = local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 1 }));
    await expect(wait).rejects.toMatchObject({ name: 'ActiveWaitingRequestsExceededException' });
    local.server.faults.set({ refuseWaits: false });
    await local.client.send(new CancelStatementCommand({ Id }));
    await local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
  });

  it('lose sessions by their age', async () => {
    const { SessionId = '' } = await local.run('select 1', { SessionKeepAliveSeconds: 60 });
    local.server.faults.set({ loseSessionAfterMs: 1 });
    await until(() => local.server.stats().sessionsOpen === 0);
    local.server.faults.set({ loseSessionAfterMs: 0 });
    expect(local.server.loseSession(SessionId)).toBe(false);
  });

  it('lose sessions early', async () => {
    const { SessionId = '' } = await local.run('select 1', { SessionKeepAliveSeconds: 60 });
    expect(local.server.loseSession(SessionId)).toBe(true);
    expect(local.server.loseSession(SessionId)).toBe(false);
    await expect(
      submit('select 1', { ClusterIdentifier: undefined, Database: undefined, DbUser: undefined, SessionId }),
    ).rejects.toMatchObject({
      message: 'Session is not available',
    });
  });

  it('can be asked for from another process', async () => {
    const control = (path: string, init: RequestInit = {}) => fetch(`${local.server.url}/_local/${path}`, init);
    const set = await control('faults', { method: 'POST', body: '{"throttle":{"ListStatements":0}}' });
    expect(set.status).toBe(200);
    await expect(local.client.send(new ListStatementsCommand({}))).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    await control('faults', { method: 'POST', body: '{"throttle":"off"}' });
    expect(await (await control('stats')).json()).toMatchObject({ operations: { ListStatements: expect.any(Number) } });
    const { SessionId = '' } = await local.run('select 1', { SessionKeepAliveSeconds: 60 });
    expect((await control(`sessions/${SessionId}`, { method: 'DELETE' })).status).toBe(200);
    expect((await control(`sessions/${SessionId}`, { method: 'DELETE' })).status).toBe(404);
    const wrong = await control('faults', { method: 'POST', body: '{"throttle":{"Nothing":1}}' });
    expect(await wrong.json()).toMatchObject({ error: expect.stringContaining('"Nothing"') });
  });
});

describe('limits', () => {
  it('of active statements are those of a cluster', async () => {
    const two = await Promise.all([submit('select pg_sleep(600)'), submit('select pg_sleep(600)')]);
    await expect(submit()).rejects.toMatchObject({ name: 'ActiveStatementsExceededException' });
    const elsewhere = { ClusterIdentifier: undefined, WorkgroupName: 'elsewhere', DbUser: undefined };
    expect((await submit('select 1', { ...elsewhere, WaitTimeSeconds: 10 })).Status).toBe('FINISHED');
    for (const { Id } of two) {
      await local.client.send(new CancelStatementCommand({ Id }));
      await local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    }
    expect((await submit('select 1', { WaitTimeSeconds: 10 })).Status).toBe('FINISHED');
  });

  it('of waiting requests are those of a statement, and a client that left does not count', async () => {
    const { Id } = await submit('select pg_sleep(600)');
    const describeIt = (abortSignal?: AbortSignal) =>
      local.client.send(
        new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }),
        abortSignal === undefined ? {} : { abortSignal },
      );
    const leaving = new AbortController();
    const left = describeIt(leaving.signal).catch(() => 'left');
    await until(() => local.server.stats().longPollsWaiting === 1);
    await expect(describeIt()).rejects.toMatchObject({ name: 'ActiveWaitingRequestsExceededException' });
    leaving.abort();
    expect(await left).toBe('left');
    await until(() => local.server.stats().longPollsWaiting === 0);
    const waits = describeIt();
    await until(() => local.server.stats().longPollsWaiting === 1);
    await local.client.send(new CancelStatementCommand({ Id }));
    expect((await waits).Status).toBe('ABORTED');
  });

  it('refuse to be nonsense', async () => {
    for (const limits of [{ maxSessions: -1 }, { valueOf: 1 } as object]) {
      const started = startRedshiftDataLocal({ postgresUrl: local.postgresUrl, limits });
      await expect(started).rejects.toMatchObject({ code: 'invalid_option' });
    }
    expect(() => local.server.faults.set({ connectDelayMs: Number.NaN })).toThrow('connectDelayMs');
    expect(() => local.server.faults.set({ connectDelay: 1 } as object)).toThrow('There is no fault "connectDelay"');
  });
});
