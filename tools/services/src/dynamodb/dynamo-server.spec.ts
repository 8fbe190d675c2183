import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { callDynamo } from './dynamo-call.ts';
import { startDynamo } from './dynamo-server.ts';
import { testDynamo } from './test-dynamo.ts';

const KEY = [{ AttributeName: 'id', KeyType: 'HASH' }];

async function createTable(url: string, name: string): Promise<void> {
  await callDynamo(url, 'CreateTable', {
    TableName: name,
    KeySchema: KEY,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  while (!JSON.stringify(await callDynamo(url, 'DescribeTable', { TableName: name })).includes('"ACTIVE"'));
}

const put = (url: string, id: string) => callDynamo(url, 'PutItem', { TableName: 'ships', Item: { id: { S: id } } });
const get = (url: string, id: string) => callDynamo(url, 'GetItem', { TableName: 'ships', Key: { id: { S: id } } });

describe('a temporary server', () => {
  it('answers, forgets in a crash, and starts again on its port', async () => {
    const server = await startDynamo();
    await createTable(server.url, 'ships');
    await put(server.url, 'Anna');
    expect(await get(server.url, 'Anna')).toEqual({ Item: { id: { S: 'Anna' } } });
    await server.kill();
    await expect(callDynamo(server.url, 'ListTables', {})).rejects.toThrow();
    await server.restart();
    expect(await callDynamo(server.url, 'ListTables', {})).toEqual({ TableNames: [] });
    await server.stop();
    await expect(callDynamo(server.url, 'ListTables', {})).rejects.toThrow();
  });

  it('fails at an error answer', async () => {
    const server = await startDynamo();
    await expect(get(server.url, 'Anna')).rejects.toThrow(/400.*ResourceNotFoundException/);
    await server.stop();
  });

  it('outlives a client that goes away amid a request', async () => {
    const server = await startDynamo();
    const socket = connect(server.port, '127.0.0.1');
    const half = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf';
    await new Promise((resolve) => void socket.write(half, resolve));
    socket.resetAndDestroy();
    for (let round = 0; round < 5; round++) expect(await callDynamo(server.url, 'ListTables', {})).toBeDefined();
    await server.stop();
  });

  it('on a port that is taken says so', async () => {
    const server = await startDynamo();
    await expect(startDynamo({ port: server.port })).rejects.toMatchObject({ code: 'port_in_use' });
    await server.stop();
  });
});

describe('a folder that stays', () => {
  it('brings back what was acknowledged before a crash', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'mooring-spec-'));
    const server = await startDynamo({ dataDir });
    await createTable(server.url, 'ships');
    await put(server.url, 'Anna');
    await server.kill();
    await server.restart();
    expect(await get(server.url, 'Anna')).toEqual({ Item: { id: { S: 'Anna' } } });
    await server.stop();
    expect(existsSync(dataDir)).toBe(true);
    await rm(dataDir, { recursive: true, force: true });
  });
});

describe('with a server of somebody else', () => {
  it('drops only the tables with its own names', async () => {
    const server = await startDynamo();
    const dynamo = await testDynamo(server.url);
    const names = [dynamo.tableName(), dynamo.tableName(), dynamo.tableName()];
    expect(new Set(names).size).toBe(3);
    for (const name of [...names.slice(0, 2), 'theirs']) await createTable(server.url, name);
    await dynamo.stop();
    expect(await callDynamo(server.url, 'ListTables', {})).toEqual({ TableNames: ['theirs'] });
    await server.stop();
  });

  it('says what to do when it does not answer', async () => {
    await expect(testDynamo('http://127.0.0.1:1')).rejects.toThrow(/^DynamoDB at 127\.0\.0\.1:1 does.*Remedy/);
  });
});
