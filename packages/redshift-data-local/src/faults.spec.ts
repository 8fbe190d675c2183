import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from './local.fixture.ts';
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
    local.server.faults.set({ pickDelayMs: 400 });
    const { Id } = await submit();
    expect((await local.client.send(new DescribeStatementCommand({ Id }))).Status).toBe('SUBMITTED');
    local.server.faults.set({ pickDelayMs: 0 });
    expect((await local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 5 }))).Status).toBe('FINISHED');
  });

  it('throttle above a rate, by the name or in disguise', async () => {
    local.server.faults.throttle({ ListStatements: 2 });
    const list = () => local.client.send(new ListStatementsCommand({}));
    await Promise.all([list(), list()]);
    await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
    local.server.faults.set({ disguiseThrottles: true });
    await expect(list()).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('ThrottlingException'),
    });
    local.server.faults.set({ throttle: 'off', disguiseThrottles: false });
    await list();
  });

  it('throttle as published', async () => {
    local.server.faults.throttle('published');
    const calls = Array.from({ length: 4 }, () => local.client.send(new ListStatementsCommand({})));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
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
    const two = await Promise.all([submit('select pg_sleep(0.5)'), submit('select pg_sleep(0.5)')]);
    await expect(submit()).rejects.toMatchObject({ name: 'ActiveStatementsExceededException' });
    const ends = two.map(({ Id }) => local.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 5 })));
    expect((await Promise.all(ends)).map(({ Status }) => Status)).toEqual(['FINISHED', 'FINISHED']);
  });

  it('of waiting requests are those of a statement, and a client that left does not count', async () => {
    const { Id } = await submit('select pg_sleep(1)');
    const describeIt = (signal?: AbortSignal) =>
      local.client.send(
        new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }),
        signal === undefined ? {} : { abortSignal: signal },
      );
    const leaving = new AbortController();
    const left = describeIt(leaving.signal).catch(() => 'left');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(describeIt()).rejects.toMatchObject({ name: 'ActiveWaitingRequestsExceededException' });
    leaving.abort();
    expect(await left).toBe('left');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await describeIt()).Status).toBe('FINISHED');
  });

  it('refuse to be nonsense', async () => {
    const options = { postgresUrl: local.postgresUrl, limits: { maxSessions: -1 } };
    await expect(startRedshiftDataLocal(options)).rejects.toMatchObject({ code: 'invalid_option' });
    expect(() => local.server.faults.set({ connectDelayMs: Number.NaN })).toThrow('connectDelayMs');
  });
});
