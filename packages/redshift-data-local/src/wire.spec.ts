import { connect } from 'node:net';
import { ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLocal } from './local.fixture.ts';
import type { Local } from './local.fixture.ts';

let local: Local;

beforeAll(async () => {
  local = await openLocal();
});

afterAll(() => local.stop());

const post = (operation: string, body: string, headers: Record<string, string> = {}) =>
  fetch(local.server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': operation, ...headers },
    body,
  });

describe('the wire protocol', () => {
  it('writes every digit of a BIGINT', async () => {
    const sql = 'select 9223372036854775807::bigint, 9007199254740993::bigint, (-9223372036854775808)::bigint';
    const members = { Sql: sql, WorkgroupName: 'work', Database: local.database, WaitTimeSeconds: 10 };
    const submitted = await post('RedshiftData.ExecuteStatement', JSON.stringify(members));
    expect(submitted.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(submitted.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    const { Id } = (await submitted.json()) as { Id: string };
    const text = await (await post('RedshiftData.GetStatementResult', JSON.stringify({ Id }))).text();
    expect(text).toContain('{"longValue":9223372036854775807},{"longValue":9007199254740993}');
    expect(text).toContain('{"longValue":-9223372036854775808}');
  });

  it.each([
    ['an unknown operation', 'RedshiftData.DropEverything', '{}', 'UnknownOperationException'],
    ['another service', 'DynamoDB_20120810.GetItem', '{}', 'UnknownOperationException'],
    ['a body that is no JSON', 'RedshiftData.ListStatements', '{nope', 'SerializationException'],
    ['a body that is no object', 'RedshiftData.ListStatements', '[]', 'SerializationException'],
    ['a member of the wrong type', 'RedshiftData.DescribeStatement', '{"Id":7}', 'ValidationException'],
    ['a missing member', 'RedshiftData.ExecuteStatement', '{}', 'ValidationException'],
  ])('refuses %s by name', async (_, operation, body, type) => {
    const response = await post(operation, body);
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe(type);
    expect(await response.json()).toMatchObject({ __type: type });
  });

  it('ignores members that it does not know', async () => {
    const response = await post('RedshiftData.ListStatements', '{"Newer":{"than":"this"}}');
    expect(response.status).toBe(200);
  });

  it('refuses a body that is too large', async () => {
    const response = await post('RedshiftData.ListSessions', ' '.repeat(21 * 1024 * 1024));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ __type: 'RequestEntityTooLargeException' });
  });

  it('is no defect of it when the body does not come', async () => {
    const defects: unknown[] = [];
    const other = await openLocal({ onInternalError: (error) => defects.push(error) });
    const socket = connect(other.server.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end('POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: RedshiftData.ListSessions\r\ncontent-length: 9\r\n\r\n{');
    socket.resume();
    await closed;
    await other.stop();
    expect(defects).toEqual([]);
  });

  it('serves nothing but POST', async () => {
    expect((await fetch(local.server.url)).status).toBe(404);
    expect((await fetch(`${local.server.url}/_local/stats`)).status).toBe(404);
  });
});

describe('pointing the SDK at it', () => {
  it('works by environment', async () => {
    process.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] = local.server.url;
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new RedshiftDataClient({ region: 'eu-west-1', credentials });
    try {
      const sent = await client.send(new ExecuteStatementCommand({ ...local.place, Sql: 'select 1' }));
      expect(sent.Id).toBeDefined();
    } finally {
      delete process.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'];
      client.destroy();
    }
  });
});

describe('signatures', () => {
  it('are asked for when that is wanted', async () => {
    const strict = await openLocal({ requireSignature: true });
    try {
      const unsigned = await fetch(strict.server.url, {
        method: 'POST',
        headers: { 'x-amz-target': 'RedshiftData.ListStatements' },
        body: '{}',
      });
      expect(await unsigned.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
      expect((await strict.run('select 1')).Status).toBe('FINISHED');
    } finally {
      await strict.stop();
    }
  });
});
