import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { Warehouse } from '../warehouse.ts';
import { AwsDataApi, createDataApiClient } from './aws-data-api.ts';
import { CallRate } from './call-rate.ts';

/** What the service does with the next calls. */
let answer: (response: ServerResponse) => void;
let client: RedshiftDataClient;

const server = createServer((request, response) => {
  request.resume().once('end', () => answer(response));
});
const answering = (body: unknown) => (response: ServerResponse) => {
  response.end(JSON.stringify(body));
};
const quotas = { ListStatements: 1_000, DescribeStatement: 1_000, GetStatementResult: 1_000, ExecuteStatement: 1_000 };
const api = (longestCallMs?: number): AwsDataApi =>
  new AwsDataApi(
    client,
    new CallRate(systemClock, 1, { ...quotas, BatchExecuteStatement: 1, CancelStatement: 1, ListSessions: 1 }),
    longestCallMs,
  );

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createDataApiClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});

afterAll(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

describe('an answer that never ends', () => {
  it.each([
    ['does not begin', () => undefined],
    ['goes on and on', (response: ServerResponse) => void response.writeHead(200).write(' ')],
  ])('counts as none when it %s', async (_, never) => {
    answer = never;
    const outcome = { name: 'DataApiError', failure: 'unknown_outcome' };
    await expect(api(50).describe('1')).rejects.toMatchObject(outcome);
    await expect(api(50).result('1')).rejects.toMatchObject(outcome);
  });
});

describe('an answer of another form than the service has', () => {
  it.each([
    ['no id', { Status: 'FINISHED' }],
    ['an id that is a number', { Id: 7 }],
    ['parts that are no list', { Id: '1', SubStatements: 3 }],
  ])('says nothing: %s', async (_, body) => {
    answer = answering(body);
    await expect(api().describe('1')).rejects.toMatchObject({ name: 'DataApiError', failure: 'unknown_outcome' });
  });

  it('has no members of another type', async () => {
    answer = answering({ Id: '1', Status: 'NEW', ResultRows: 'x', Error: {}, SessionId: 5, HasResultSet: 'x' });
    expect(await api().describe('1')).toEqual({ id: '1', status: 'STARTED', hasResultSet: false, subStatements: [] });
  });

  it('is no list of pages without an end', async () => {
    let pages = 0;
    answer = (response) => answering({ Statements: [], NextToken: `token-${(pages += 1)}` })(response);
    await expect(api().findStatements('x')).rejects.toMatchObject({ failure: 'unknown_outcome' });
    expect(pages).toBe(100);
  });

  it.each([
    ['records that are no list', { Records: 5 }],
    ['a row that is null', { Records: [null] }],
    ['a field of no kind', { Records: [[{}]] }],
    ['a number that is none', { ColumnMetadata: [{ typeName: 'int8' }], Records: [[{ longValue: 1.5 }]] }],
    ['a column that is null', { ColumnMetadata: [null], Records: [] }],
  ])('is no result: %s', async (_, body) => {
    answer = answering(body);
    const memory = createMemoryStore();
    const page = new Warehouse({ api: api(), pool: memory.pool }).statement('1').page();
    await expect(page).rejects.toMatchObject({ name: 'WarehouseError', code: 'warehouse_unavailable' });
    await memory.close();
  });
});

describe('a refusal that speaks of a session where there is none', () => {
  it.each(['reuse', 'none'] as const)('is a refusal of the call: %s', async (mode) => {
    answer = (response) => {
      response.statusCode = 400;
      answering({ __type: 'ValidationException', Message: 'Session is not available' })(response);
    };
    const memory = createMemoryStore();
    const warehouse = new Warehouse({ api: api(), pool: memory.pool });
    const target = { clusterIdentifier: 'main', database: 'dev', dbUser: 'ann' };
    const refused = warehouse.execute({ tenantId: 'acme', target, sql: 'select 1', mode });
    await expect(refused).rejects.toMatchObject({ name: 'WarehouseError', code: 'invalid_request' });
    expect(warehouse.heldSessions).toBe(0);
    await memory.close();
  });
});
